"""Django's entry for the app `accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """See the package's docstring."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
