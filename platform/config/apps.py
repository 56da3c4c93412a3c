"""The app that holds the product's own commands and starts Celery's client."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Makes `roadworthy up`, `doctor` and the like known to Django."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        """Make our Celery app the current one, so that nudges are sent to our broker."""
        from config import celery  # noqa: F401
