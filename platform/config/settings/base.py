"""Settings that hold for every way to run; what a person sets comes from `config.env`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import env, storage
from config.settings.enum_names import ENUM_NAMES
from config.settings.log_lines import lines_from

BASE_DIR = Path(__file__).resolve().parents[3]

# --- Where things are -----------------------------------------------------------------------
PORT = env.integer("PORT", 8000, "Port of the web server started by `roadworthy up`.", least=1)
DATA_DIR = Path(
    env.required("ROADWORTHY_DATA", ".roadworthy", "Folder of the embedded database and secrets.")
)
if not DATA_DIR.is_absolute():
    DATA_DIR = Path.cwd() / DATA_DIR
PUBLIC_URL = env.required(
    "ROADWORTHY_PUBLIC_URL",
    f"http://localhost:{PORT}",
    "Address under which people and SDKs reach this installation; https: secure cookies.",
).rstrip("/")
_public = urlsplit(PUBLIC_URL)
IS_HTTPS = _public.scheme == "https"

# --- Secrets --------------------------------------------------------------------------------
SECRET_KEY = env.text("SECRET_KEY", None, "Signs sessions; made once and kept when unset.") or ""
if not SECRET_KEY:
    SECRET_KEY = storage.kept_secret(DATA_DIR / "secret_key")

SECRET_KEY_FALLBACKS = env.listed(
    "SECRET_KEY_FALLBACKS",
    "",
    "Former values of SECRET_KEY: they still open sessions and sealed secrets, and seal nothing.",
)

DEBUG = False
ALLOWED_HOSTS = env.listed(
    "ROADWORTHY_ALLOWED_HOSTS",
    "",
    "Host names answered besides that of the public address; `*` for any.",
)
# An installation on its own machine is reached by several names; behind a public name only that.
ALLOWED_HOSTS += [_public.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
TRUSTED_PROXIES = env.listed(
    "ROADWORTHY_TRUSTED_PROXIES",
    "",
    "Addresses of reverse proxies whose X-Forwarded-For and -Proto are believed.",
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "csp",
    "kit",
    "audit",
    "accounts",
    "notices",
    "features",
    "governance",
    "pricing",
    "traces",
    "prompts",
    "gateway",
    "evals",
    "costs",  # after evals, whose experiments its demo counts
    "alerts",
    "config",
]

MIDDLEWARE = [
    "kit.requests.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kit.errors.DomainErrorMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.shell",
                "notices.context.unread",
            ],
        },
    },
]

# --- Database -------------------------------------------------------------------------------
# `roadworthy up` sets DATABASE_URL for its children; a command beside it reads the kept address.
DATABASE_URL = env.text(
    "DATABASE_URL", None, "PostgreSQL to use; unset: the embedded one in ROADWORTHY_DATA."
) or storage.kept_address(DATA_DIR)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **dj_database_url.parse(
            DATABASE_URL or "postgresql://roadworthy@/roadworthy",
            conn_health_checks=True,
        ),
    }
}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database (15 or newer).")
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 5)
# Generic plans do not prune partitions and do not know rare values; JIT costs more than it saves.
DATABASES["default"]["OPTIONS"].setdefault(
    "options", "-c jit=off -c plan_cache_mode=force_custom_plan"
)
# Under ASGI each request runs on a thread of its own, so a connection kept by its thread would
# never be used again nor closed: a pool keeps a few for all.
DATABASES["default"]["OPTIONS"].setdefault(
    "pool", {"min_size": 1, "max_size": 16, "timeout": 5, "max_idle": 300}
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "accounts:home"
LOGOUT_REDIRECT_URL = "accounts:login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600  # seconds; a reset link that lies about in a mailbox is a key

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True  # pages hand the token over in hx-headers and in forms
CSRF_FAILURE_VIEW = "kit.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Mail -----------------------------------------------------------------------------------
EMAIL_HOST = env.text("SMTP_HOST", None, "Mail server; unset: links are shown to copy.") or ""
EMAIL_PORT = env.integer("SMTP_PORT", 587, "Port of the mail server.", least=1)
EMAIL_HOST_USER = env.text("SMTP_USER", None, "User at the mail server.") or ""
EMAIL_HOST_PASSWORD = env.text("SMTP_PASSWORD", None, "Password at the mail server.") or ""
EMAIL_USE_TLS = env.flag("SMTP_TLS", True, "Use STARTTLS towards the mail server.")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.required(
    "SMTP_FROM", "roadworthy@localhost", "Sender of invitations and password resets."
)
MAIL_IS_CONFIGURED = bool(EMAIL_HOST)
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if MAIL_IS_CONFIGURED
    else "django.core.mail.backends.dummy.EmailBackend"
)

# --- Addresses that users name --------------------------------------------------------------
ALLOW_PRIVATE_WEBHOOKS = env.flag(
    "ROADWORTHY_ALLOW_PRIVATE_WEBHOOKS",
    False,
    "Webhooks may go to private and loopback addresses, there also by plain http.",
)
OUTBOUND_NETWORKS = env.networks(
    "ROADWORTHY_OUTBOUND_NETWORKS",
    "Networks that webhooks and connections to providers may go to besides, also by plain http.",
)
_BEAT = "Gets a POST a minute while alerts can be sent; unset: nobody is told when all is down."
HEARTBEAT_URL = env.text("ROADWORTHY_HEARTBEAT_URL", None, _BEAT) or ""

# --- Static files ---------------------------------------------------------------------------
STATIC_URL = "/static/"
_STATIC = "Folder of the collected static files; unset: `static` in ROADWORTHY_DATA."
STATIC_ROOT = BASE_DIR / (env.text("ROADWORTHY_STATIC", None, _STATIC) or DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = ["kit.static.Finder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "kit.static.HashedStaticFiles"},
}
WHITENOISE_MAX_AGE = 60

# --- Time and language ----------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False

# --- REST -----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ProjectKeyAuthentication",
        "accounts.authentication.PersonAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["kit.rest.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["kit.rest.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["accounts.authentication.KeyThrottle"],
    "EXCEPTION_HANDLER": "kit.rest.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Roadworthy",
    "DESCRIPTION": "Send traces, read them back, manage projects.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "/static/favicon.svg",
    # Hundreds of operations, all open, keep a browser busy for half a minute.
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "docExpansion": "none",
        "filter": True,
        "defaultModelsExpandDepth": -1,
    },
    "COMPONENT_SPLIT_REQUEST": True,
    # Fields of one name and different words: what their lists are called in the document.
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
}

# --- Background work ------------------------------------------------------------------------
BROKER_URL = env.text(
    "BROKER_URL", None, "Celery's broker; unset: the same PostgreSQL. redis:// or amqp:// else."
)
CHANNEL_LAYER_URL = env.text(
    "CHANNEL_LAYER_URL", None, "redis:// for live pages; unset: the same PostgreSQL."
)
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [CHANNEL_LAYER_URL]},
    }
    if CHANNEL_LAYER_URL
    else {"BACKEND": "kit.live.PostgresChannelLayer"}
}

# --- Intake ---------------------------------------------------------------------------------
WEB_PROCESSES = env.integer("WEB_PROCESSES", 2, "Web processes of `roadworthy up`.", least=1)
INTAKE_MAX_BODY_BYTES = env.integer(
    "INTAKE_MAX_BODY_BYTES",
    64 * 2**20,
    "Largest request body as sent (OTLP exporters: 64 MiB).",
    least=1024,
)
INTAKE_MAX_DECOMPRESSED_BYTES = env.integer(
    "INTAKE_MAX_DECOMPRESSED_BYTES",
    256 * 2**20,
    "Largest request body once decompressed.",
    least=1024,
)
INTAKE_MAX_WAITING_BYTES = env.integer(
    "INTAKE_MAX_WAITING_BYTES",
    512 * 2**20,
    "Bodies held in one web process at once; beyond it intake answers 503.",
    least=1024,
)
INTAKE_REQUESTS_PER_SECOND = env.integer(
    "INTAKE_REQUESTS_PER_SECOND",
    2000,
    "Requests a key may send each second before it gets 503.",
    least=1,
)
INTAKE_SPANS_PER_SECOND = env.integer(
    "INTAKE_SPANS_PER_SECOND",
    0,
    "Spans that any one project may send each second before it gets 503; 0: no limit.",
    least=0,
)
INTAKE_SPANS_PER_DAY = env.integer(
    "INTAKE_SPANS_PER_DAY",
    0,
    "Spans a day of any one project; beyond it only what its tail rule keeps stays. 0: no limit.",
    least=0,
)
MEDIA_MAX_BYTES = env.integer(
    "MEDIA_MAX_BYTES",
    20 * 2**20,
    "Largest file (image, sound, document) that a span may show.",
    least=1,
)
MEDIA_S3_ENDPOINT = (
    env.text("MEDIA_S3_ENDPOINT", None, "S3-compatible store for files; unset: PostgreSQL.") or ""
)
MEDIA_S3_BUCKET = env.text("MEDIA_S3_BUCKET", None, "Bucket of that store.") or ""
MEDIA_S3_KEY = env.text("MEDIA_S3_KEY", None, "Access key of that store.") or ""
MEDIA_S3_SECRET = env.text("MEDIA_S3_SECRET", None, "Its secret.") or ""
MEDIA_S3_REGION = env.required("MEDIA_S3_REGION", "us-east-1", "Region of that store.")
if MEDIA_S3_ENDPOINT and not (MEDIA_S3_BUCKET and MEDIA_S3_KEY and MEDIA_S3_SECRET):
    raise ImproperlyConfigured(
        "MEDIA_S3_ENDPOINT needs MEDIA_S3_BUCKET, MEDIA_S3_KEY and MEDIA_S3_SECRET beside it."
    )
API_REQUESTS_PER_MINUTE = env.integer(
    "API_REQUESTS_PER_MINUTE",
    3000,
    "REST requests a key may make each minute before it gets 429.",
    least=1,
)
PROMPT_READS_PER_SECOND = env.integer(
    "PROMPT_READS_PER_SECOND",
    10_000,
    "Reads of prompts, and calls of budgets, that a key may make each second before it gets 429.",
    least=1,
)
PUBLIC_SCORES_PER_MINUTE = env.integer(
    "PUBLIC_SCORES_PER_MINUTE",
    60,
    "Scores a client may give from a web page each minute with one public key.",
    least=1,
)
LOGIN_ATTEMPTS = env.integer(
    "LOGIN_ATTEMPTS", 10, "Failed logins for one e-mail address or client in 15 minutes.", least=1
)
RETENTION_DAYS = env.integer(
    "RETENTION_DAYS",
    0,
    "Days after which partitions of spans are dropped; 0 keeps them.",
)
EMBEDDING_MODEL_DIR = env.text("EMBEDDING_MODEL_DIR", None, "Folder of a local embedding model.")
OLDEST_SPAN_DAYS = 400  # contract: older starts are kept at this bound and marked
METRICS_DIR = env.text("PROMETHEUS_MULTIPROC_DIR", None, "Where figures for /metrics are kept.")
DEMO = env.flag("ROADWORTHY_DEMO", True, "Load the project `demo` at the first start.")
INIT_EMAIL = env.text("ROADWORTHY_INIT_EMAIL", None, "E-mail of the first owner.")
INIT_PASSWORD = env.text("ROADWORTHY_INIT_PASSWORD", None, "Password of the first owner.")
INIT_PROJECT = env.text("ROADWORTHY_INIT_PROJECT", None, "Slug of the first project.")
INIT_PUBLIC_KEY = env.text("ROADWORTHY_INIT_PUBLIC_KEY", None, "Public key to provision.")
INIT_SECRET_KEY = env.text("ROADWORTHY_INIT_SECRET_KEY", None, "Secret key to provision.")
STYLEGUIDE = env.flag("ROADWORTHY_STYLEGUIDE", False, "Show /styleguide.")

LOG_LEVEL = env.required("LOG_LEVEL", "INFO", "Least level of the JSON log lines.").upper()
LOGGING = lines_from(LOG_LEVEL)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
