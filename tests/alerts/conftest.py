"""A receiver of messages, a mail server, and channels of each kind that point at them."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from pytest_django import Settings

from accounts.models import Project
from tests.alerts.making import Mailbox
from tests.receiver import Receiver, receiver


@pytest.fixture
def server(settings: Settings) -> Iterator[Receiver]:
    """A receiver on loopback, where this installation may send."""
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    settings.PUBLIC_URL = "https://roadworthy.example.com"
    with receiver() as running:
        yield running


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    """A mail server of this installation."""
    handler = Mailbox()
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        port = asking.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    settings.MAIL_IS_CONFIGURED = True
    settings.DEFAULT_FROM_EMAIL = "Roadworthy <news@example.com>"
    yield handler
    controller.stop()


@pytest.fixture
def nobody_folds(project: Project) -> None:
    """Each incident stands alone."""
    from alerts.models import AlertSettings

    AlertSettings.objects.create(project=project, fold_minutes=0)
