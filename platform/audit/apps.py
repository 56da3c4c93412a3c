"""Django's entry for the app `audit`."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """See the package's docstring."""

    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"
