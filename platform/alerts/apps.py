"""Django's entry for the app `alerts`."""

from typing import Any

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """See the package's docstring."""

    name = "alerts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare its events, show its pages, and hear of deleted projects."""
        from accounts.models import Role
        from accounts.overview_panels import Panel, add_panel
        from accounts.settings_frame import Section, add_section
        from accounts.signals import project_deleted
        from alerts.events import EVENTS
        from alerts.pages.palette import entries
        from costs.signals import anomaly_changed, budget_marked
        from evals.signals import drift_alarm_changed
        from kit import palette
        from notices.events import declare
        from traces.signals import demo_loaded

        declare(*EVENTS)
        add_section(Section("alerts", "Alerts", "alerts:channels", "alert", Role.ADMIN))
        add_panel(Panel("alerts", "Alerts", "alerts:overview"))
        palette.register("alerts", entries)
        drift_alarm_changed.connect(_follow_drift, dispatch_uid="alerts.drift")
        anomaly_changed.connect(_follow_anomalies, dispatch_uid="alerts.anomalies")
        budget_marked.connect(_follow_budgets, dispatch_uid="alerts.budgets")
        # After prompts and evals, which connect before: their apps stand first.
        demo_loaded.connect(_tell_demo, dispatch_uid="alerts.tell_demo")
        project_deleted.connect(_remove_rows, dispatch_uid="alerts.remove")


def _follow_drift(sender: Any, **_: Any) -> None:
    from kit.jobs import nudge

    nudge("alerts.follow_drift")


def _follow_anomalies(sender: Any, **_: Any) -> None:
    from kit.jobs import nudge

    nudge("alerts.follow_anomalies")


def _follow_budgets(sender: Any, **_: Any) -> None:
    from kit.jobs import nudge

    nudge("alerts.follow_budgets")


def _remove_rows(sender: Any, project_id: int, **_: Any) -> None:
    from kit.jobs import nudge

    nudge("alerts.remove_deleted_projects", project_id)


def _tell_demo(sender: Any, **story: Any) -> None:
    from alerts.demo import tell
    from prompts.demo import Story

    tell(Story(story["project"], story["anchor"], story["seed"]))
