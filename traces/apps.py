"""Django's entry for the app `traces`."""

from django.apps import AppConfig


class TracesConfig(AppConfig):
    """See the package's docstring."""

    name = "traces"
    default_auto_field = "django.db.models.BigAutoField"
