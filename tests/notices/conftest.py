"""Events that only tests declare, and a receiver with a webhook that points at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.models import Project
from notices import events
from notices.events import Event, Wish
from notices.models import WebhookEndpoint
from notices.services import endpoints
from tests.notices.telling import MACHINE, MOVED, URGENT
from tests.receiver import Receiver, receiver


@pytest.fixture(autouse=True)
def sample_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """One event for lists, one that also goes by mail, one for machines alone."""
    data = {"label": "name of the label", "version": "number that it points at"}
    why = "you work on this prompt"
    for event in (
        Event(MOVED, "A label moved", data=data, default=Wish.PRODUCT, because=why),
        Event(URGENT, "A rollout was halted", data=data, default=Wish.MAIL, because=why),
        Event(MACHINE, "A version was made", data=data),
    ):
        monkeypatch.setitem(events._declared, event.name, event)


@pytest.fixture
def server(settings: Settings) -> Iterator[Receiver]:
    """A receiver on loopback, where this installation may send."""
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    with receiver() as running:
        yield running


@pytest.fixture
def made(project: Project, server: Receiver) -> endpoints.Made:
    """A webhook for every event that points at the receiver, with its secret."""
    return endpoints.create_endpoint(project, url=server.url, events=["*"], actor=None)


@pytest.fixture
def endpoint(made: endpoints.Made) -> WebhookEndpoint:
    """The webhook alone."""
    return made.endpoint
