"""Django's entry for the app `notices`."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """See the package's docstring."""

    name = "notices"
    default_auto_field = "django.db.models.BigAutoField"
