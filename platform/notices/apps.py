"""Django's entry for the app `notices`."""

from typing import Any

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """See the package's docstring."""

    name = "notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the one event of its own, show its pages, and hear of deleted projects."""
        from accounts.models import Role
        from accounts.settings_frame import Section, add_section
        from accounts.signals import project_deleted
        from kit import palette
        from notices.events import Event, Wish, declare
        from notices.palette import entries

        declare(
            Event(
                "webhook.disabled",
                "A webhook was switched off because it failed for long",
                data={
                    "webhook": "id of the webhook",
                    "host": "its server",
                    "reason": "failing, or gone where it answered 410",
                    "failing_since": "time of the first failure after the last success, or null",
                },
                default=Wish.MAIL,
                because="you are an admin of the project",
            )
        )
        add_section(Section("webhooks", "Webhooks", "notices:webhooks", "http", Role.ADMIN))
        palette.register("notices", entries)
        project_deleted.connect(_remove_rows, dispatch_uid="notices.remove")


def _remove_rows(sender: Any, project_id: int, **_: Any) -> None:
    from kit.jobs import nudge

    nudge("notices.remove_deleted_projects", project_id)
