"""Django's entry for the app `accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """See the package's docstring."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the command palette find projects, settings and the theme."""
        from accounts.palette import entries
        from kit import palette

        palette.register("accounts", entries)
