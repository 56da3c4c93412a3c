"""Django's entry for the app `kit`."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    """See the package's docstring."""

    name = "kit"
    default_auto_field = "django.db.models.BigAutoField"
