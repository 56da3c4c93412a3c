"""Django's entry for the app `costs`."""

from typing import Any

from django.apps import AppConfig


class CostsConfig(AppConfig):
    """See the package's docstring."""

    name = "costs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of deleted projects and of the demo."""
        from accounts.signals import project_deleted
        from traces.signals import demo_loaded

        # After prompts, which connects before, and before alerts, which tells of what is found.
        demo_loaded.connect(_tell_demo, dispatch_uid="costs.tell_demo")
        project_deleted.connect(_remove_rows, dispatch_uid="costs.remove")


def _remove_rows(sender: Any, project_id: int, **_: Any) -> None:
    from kit.jobs import nudge

    nudge("costs.remove_deleted_projects", project_id)


def _tell_demo(sender: Any, **story: Any) -> None:
    from costs.demo import tell
    from prompts.demo import Story

    tell(Story(story["project"], story["anchor"], story["seed"]))
