"""Django's entry for the app `pricing`."""

from django.apps import AppConfig


class PricingConfig(AppConfig):
    """See the package's docstring."""

    name = "pricing"
    default_auto_field = "django.db.models.BigAutoField"
