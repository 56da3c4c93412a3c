"""Django's entry for the app `gateway`."""

from typing import Any

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """See the package's docstring."""

    name = "gateway"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Stand in every project's settings; hear of deleted projects, whose keys are to go."""
        from accounts.models import Role
        from accounts.settings_frame import Section, add_section
        from accounts.signals import project_deleted

        add_section(Section("providers", "Providers", "gateway:providers", "llm", Role.ENGINEER))
        project_deleted.connect(_remove_providers, dispatch_uid="gateway.remove")


def _remove_providers(sender: Any, project_id: int, **_: Any) -> None:
    from kit.jobs import nudge

    nudge("gateway.remove_deleted_projects", project_id)
