"""Django's entry for the app `costs`."""

from typing import Any

from django.apps import AppConfig


class CostsConfig(AppConfig):
    """See the package's docstring."""

    name = "costs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of deleted projects."""
        from accounts.signals import project_deleted

        project_deleted.connect(_remove_rows, dispatch_uid="costs.remove")


def _remove_rows(sender: Any, project_id: int, **_: Any) -> None:
    from kit.jobs import nudge

    nudge("costs.remove_deleted_projects", project_id)
