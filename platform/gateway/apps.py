"""Django's entry for the app `gateway`."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """See the package's docstring."""

    name = "gateway"
    default_auto_field = "django.db.models.BigAutoField"
