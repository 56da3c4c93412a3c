"""Django's entry for the app `governance`."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """See the package's docstring."""

    name = "governance"
    default_auto_field = "django.db.models.BigAutoField"
