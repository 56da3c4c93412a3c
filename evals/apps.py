"""Django's entry for the app `evals`."""

from typing import Any

from django.apps import AppConfig


class EvalsConfig(AppConfig):
    """See the package's docstring."""

    name = "evals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of deleted projects, whose datasets and results are to go."""
        from accounts.signals import project_deleted

        project_deleted.connect(_remove_rows, dispatch_uid="evals.remove")


def _remove_rows(sender: Any, project_id: int, **_: Any) -> None:
    from kit.jobs import nudge

    nudge("evals.remove_deleted_projects", project_id)
