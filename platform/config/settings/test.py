"""For the tests: a real PostgreSQL, cheap password hashes, static files as they lie."""

import os

os.environ.setdefault("SECRET_KEY", "only for the tests, never for an installation")

from config.settings.base import *  # noqa: F403

STYLEGUIDE = True
# Tests end and drop databases, which a pool would hold on to.
del DATABASES["default"]["OPTIONS"]["pool"]  # noqa: F405
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # each is found when asked for, not all by each Client of a test
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
BROKER_URL = "memory://"  # nudges go nowhere; tests call the task they mean
