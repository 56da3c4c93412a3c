"""Somebody else's monitor hears of us as long as alerts could be sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Project
from alerts.heartbeat import beat
from alerts.models import Delivery
from tests.alerts.making import happen, slack
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db


def test_it_is_sent_where_an_address_is_set(server: Receiver, settings: Settings) -> None:
    assert not beat()
    settings.HEARTBEAT_URL = f"{server.url}/beat"
    assert beat()
    assert [one.path for one in server.received] == ["/hook/beat"]
    server.answering.statuses = [500]
    assert not beat()
    settings.HEARTBEAT_URL = "http://127.0.0.1:9/"
    assert not beat()


def test_it_is_withheld_where_messages_wait(
    project: Project, server: Receiver, settings: Settings
) -> None:
    settings.HEARTBEAT_URL = f"{server.url}/beat"
    slack(project, server)
    happen(project)
    assert beat()
    Delivery.objects.update(due_at=timezone.now() - timedelta(minutes=11))
    assert not beat()
    assert len(server.received) == 1
