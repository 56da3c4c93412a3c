"""What is logged, and from which level on: JSON, one object a line, on stderr."""

from __future__ import annotations

from typing import Any


def lines_from(level: str) -> dict[str, Any]:
    """Django's LOGGING: everything from `level` on, and of what talks much only warnings."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "kit.logs.RequestIdFilter"}},
        "formatters": {"json": {"()": "kit.logs.JsonFormatter"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "filters": ["request_id"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "propagate": False},
            "uvicorn.access": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},  # a line for every request, with its address
            "httpcore": {"level": "WARNING"},
            # A task every two seconds; what fails is a warning or worse.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "sqlalchemy": {"level": "WARNING"},
        },
    }
