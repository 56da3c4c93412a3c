"""Django's entry for the app `traces`."""

from typing import Any

from django.apps import AppConfig


class TracesConfig(AppConfig):
    """See the package's docstring."""

    name = "traces"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of deleted projects, whose traces are to go; cost again when prices change."""
        from accounts.models import Role
        from accounts.settings_frame import Section, add_section
        from accounts.signals import project_deleted
        from kit import palette
        from pricing import recosting
        from traces.pages.palette import entries
        from traces.queries.calls import models_seen
        from traces.recosting.preview import preview
        from traces.recosting.walk import recost

        project_deleted.connect(_remove_traces, dispatch_uid="traces.remove")
        add_section(Section("snippets", "Snippets", "traces:snippets", "copy"))
        add_section(Section("intake", "Intake", "traces:intake", "queue"))
        add_section(Section("limits", "Limits and sampling", "traces:limits", "gate"))
        add_section(Section("jobs", "Exports and jobs", "traces:job_list", "out"))
        add_section(Section("scores", "Scores", "traces:score_definitions", "scale", Role.ENGINEER))
        add_section(Section("shares", "Shared links", "traces:share_list", "share", Role.ENGINEER))
        palette.register("traces", entries)
        recosting.register(preview=preview, recost=recost, models_seen=models_seen)


def _remove_traces(sender: Any, project_id: int, **_: Any) -> None:
    from kit.jobs import nudge

    nudge("traces.remove_deleted_projects", project_id)
