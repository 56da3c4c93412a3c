"""Django's entry for the app `prompts`."""

from django.apps import AppConfig


class PromptsConfig(AppConfig):
    """See the package's docstring."""

    name = "prompts"
    default_auto_field = "django.db.models.BigAutoField"
