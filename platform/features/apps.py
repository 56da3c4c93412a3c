"""Django's entry for the app `features`."""

from django.apps import AppConfig


class FeaturesConfig(AppConfig):
    """See the package's docstring."""

    name = "features"
    default_auto_field = "django.db.models.BigAutoField"
