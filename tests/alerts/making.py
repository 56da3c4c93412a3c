"""Makes channels and incidents through the services, with only what matters said."""

from __future__ import annotations

import json
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils import timezone

from accounts.models import Project, User
from alerts.models import Channel, Delivery, Incident, Severity
from alerts.services.channels import create_channel
from alerts.services.incidents import open_incident
from features.models import Feature
from tests.receiver import Receiver

KEY = "R0123456789abcdef0123456789abcde"


class Mailbox:
    """Takes mail, or answers DATA as it is told; `None` breaks the connection."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.answers: list[str | None] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer is None or answer.startswith("250"):
            self.taken.append(message_from_bytes(bytes(envelope.content or b"")))
        if answer is None:
            assert server.transport is not None
            server.transport.abort()
            return "250 OK"
        return answer


def email(project: Project, *addresses: str, **fields: Any) -> Channel:
    said = {"name": "On call", "addresses": addresses or ["team@example.com"], **fields}
    return create_channel(project, kind="email", actor=None, **said).channel


def slack(project: Project, server: Receiver, **fields: Any) -> Channel:
    said = {"name": "#support", "url": f"{server.url}/T0/B0/secret", **fields}
    return create_channel(project, kind="slack", actor=None, **said).channel


def pagerduty(project: Project, server: Receiver, **fields: Any) -> Channel:
    said = {"name": "Pager", "url": f"{server.url}/v2/enqueue", "key": KEY, **fields}
    return create_channel(project, kind="pagerduty", actor=None, **said).channel


def happen(project: Project, cause: str = "drift:refund-agent", **said: Any) -> Incident:
    said = {"sentence": "Faithfulness fell from 0.93 to 0.84.", "severity": Severity.PAGE, **said}
    return open_incident(project, cause, **said)


def make_feature(project: Project, owner: User | None, deputy: User | None = None) -> Feature:
    return Feature.objects.create(
        project=project,
        name="refund-agent",
        owner=owner,
        deputy=deputy,
        runbook_url="https://wiki.example.com/refunds",
    )


def bodies(server: Receiver) -> list[dict[str, Any]]:
    """What the receiver got, oldest first."""
    return [json.loads(one.body) for one in server.received]


def pass_time(**time: float) -> None:
    """Let what waits for a time, or for the end of a lease, be due that much earlier."""
    for delivery in Delivery.objects.exclude(due_at=None):
        delivery.due_at = (delivery.due_at or timezone.now()) - timedelta(**time)
        delivery.save(update_fields=["due_at"])


def kinds(incident: Incident) -> list[str]:
    return list(incident.steps.order_by("number").values_list("kind", flat=True))
