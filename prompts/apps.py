"""Django's entry for the app `prompts`."""

from django.apps import AppConfig


class PromptsConfig(AppConfig):
    """See the package's docstring."""

    name = "prompts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make its events, its settings and what the palette can jump to known."""
        from accounts.overview_panels import Panel, add_panel
        from accounts.settings_frame import Section, add_section
        from kit import palette
        from notices.events import declare
        from prompts.events import EVENTS
        from prompts.pages.palette import entries

        declare(*EVENTS)
        add_section(Section("environments", "Environments", "prompts:environments", "shield"))
        add_panel(Panel("reviews", "Reviews", "prompts:open_reviews"))
        palette.register("prompts", entries)
