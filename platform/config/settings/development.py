"""For those who change the product: tracebacks, the style guide, static files as they lie."""

from config.settings.base import *  # noqa: F403

DEBUG = True
STYLEGUIDE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
