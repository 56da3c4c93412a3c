"""Django's entry for the app `prompts`."""

from typing import Any

from django.apps import AppConfig


class PromptsConfig(AppConfig):
    """See the package's docstring."""

    name = "prompts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make its events, its settings and what the palette can jump to known."""
        from accounts.overview_panels import Panel, add_panel
        from accounts.settings_frame import Section, add_section
        from accounts.signals import project_deleted
        from kit import palette
        from notices.events import declare
        from prompts.events import EVENTS
        from prompts.pages.palette import entries
        from traces.signals import demo_begun, demo_loaded

        declare(*EVENTS)
        add_section(Section("environments", "Environments", "prompts:environments", "shield"))
        add_panel(Panel("reviews", "Reviews", "prompts:open_reviews"))
        palette.register("prompts", entries)
        project_deleted.connect(_remove_rows, dispatch_uid="prompts.remove")
        demo_begun.connect(_furnish_demo, dispatch_uid="prompts.furnish_demo")
        demo_loaded.connect(_begin_canary, dispatch_uid="prompts.begin_canary")


def _remove_rows(sender: Any, project_id: int, **_: Any) -> None:
    from kit.jobs import nudge

    nudge("prompts.remove_deleted_projects", project_id)


def _furnish_demo(sender: Any, **story: Any) -> None:
    from prompts.demo import Story, furnish

    furnish(Story(story["project"], story["anchor"], story["seed"]))


def _begin_canary(sender: Any, **story: Any) -> None:
    from prompts.demo import Story, begin_canary

    begin_canary(Story(story["project"], story["anchor"], story["seed"]))
