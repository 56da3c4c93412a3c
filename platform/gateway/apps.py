"""Django's entry for the app `gateway`."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """See the package's docstring."""

    name = "gateway"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Stand in the settings of every project."""
        from accounts.models import Role
        from accounts.settings_frame import Section, add_section

        add_section(Section("providers", "Providers", "gateway:providers", "llm", Role.ENGINEER))
