"""Django's entry for the app `features`."""

from typing import Any

from django.apps import AppConfig


class FeaturesConfig(AppConfig):
    """See the package's docstring."""

    name = "features"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make its events and what the palette can jump to known; hear of deleted projects."""
        from accounts.signals import project_deleted
        from features.events import EVENTS
        from features.pages.palette import entries
        from kit import palette
        from notices.events import declare

        declare(*EVENTS)
        palette.register("features", entries)
        project_deleted.connect(_remove_rows, dispatch_uid="features.remove")


def _remove_rows(sender: Any, project_id: int, **_: Any) -> None:
    from kit.jobs import nudge

    nudge("features.remove_deleted_projects", project_id)
