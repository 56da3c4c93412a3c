"""Django's entry for the app `prompts`."""

from django.apps import AppConfig


class PromptsConfig(AppConfig):
    """See the package's docstring."""

    name = "prompts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make its events known."""
        from notices.events import declare
        from prompts.events import EVENTS

        declare(*EVENTS)
