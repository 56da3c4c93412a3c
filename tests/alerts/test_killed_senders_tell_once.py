"""Senders are killed again and again: each step is told once, or said to be unsure.

The slice of `make trial NAME=alert_kills`, which kills beat and database as well.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Project
from alerts.delivering import deliver_due
from alerts.models import AlertSettings, Delivery, Severity
from alerts.services import acting
from tests.alerts.making import Mailbox, email, happen, pagerduty, pass_time, slack
from tests.pages.conftest import _test_database
from tests.receiver import Receiver

INCIDENTS, KILLS = 6, 2
PROGRAM = """
import django; django.setup()
from django.conf import settings
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
from alerts.delivering import deliver_due
while True:
    deliver_due()
"""


@pytest.mark.timing
@pytest.mark.django_db(transaction=True)
def test_no_message_comes_twice_for_one_step(
    project: Project, server: Receiver, mailbox: Mailbox, settings: Settings
) -> None:
    AlertSettings.objects.create(project=project, fold_minutes=0)
    email(project)
    slack(project, server)
    pagerduty(project, server)
    server.answering.seconds = 0.15
    chance = random.Random(1)
    made = [happen(project, f"c{number}", severity=Severity.TICKET) for number in range(INCIDENTS)]
    for kill in range(KILLS):
        sender = _sender(settings.EMAIL_PORT)
        taken = len(server.received)
        until = time.monotonic() + 30
        while len(server.received) < taken + 2 and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.2))
        sender.kill()
        sender.wait(10)
        pass_time(seconds=60)  # its leases end
        if kill == 0:
            for number in range(INCIDENTS):
                happen(project, f"c{number}", sentence=f"Worse {number}.")
        else:
            for one in made[kill::2]:
                acting.acknowledge(one, actor=None)
    server.answering.seconds = 0
    until = time.monotonic() + 30
    while Delivery.objects.filter(state="due").exists() and time.monotonic() < until:
        pass_time(seconds=90)
        deliver_due()
    states = Counter(Delivery.objects.values_list("state", flat=True))
    assert set(states) <= {"delivered", "unsure"}
    mails = Counter(one["Message-ID"] for one in mailbox.taken)
    assert mails.most_common(1)[0][1] == 1
    posts = Counter((one.path, one.body) for one in server.received)
    told = Counter(Delivery.objects.filter(channel__kind="slack").values_list("body", flat=True))
    assert all(
        number <= told[body.decode()] for (path, body), number in posts.items() if "T0" in path
    )
    sure = Delivery.objects.filter(state="delivered", channel__kind="email").values_list("uid")
    assert {f"<{uid}@example.com>" for (uid,) in sure} <= set(mails)
    assert Delivery.objects.filter(due_at__gt=timezone.now()).count() == 0


def _sender(smtp_port: int) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DATABASE_URL": _test_database(),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "ROADWORTHY_ALLOW_PRIVATE_WEBHOOKS": "1",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(smtp_port),
        "SMTP_TLS": "0",
        "SMTP_FROM": "Roadworthy <news@example.com>",
    }
    return subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment)
