"""Incidents told while worker, beat and database are killed: no message is sent twice.

    python -m bench.alert_kills [--incidents 60] [--kills 20] [--seed 1]

Incidents open, become more severe, escalate, are acknowledged and resolved, in every order that
kills leave, towards a mail server and receivers in the shapes of Slack and PagerDuty that answer
slowly, so that many messages are on their way at a kill. Prints JSON; the exit code is 1 where a
mail or a message in Slack came twice, PagerDuty or a webhook got one again that was not the same
to the byte, a step that had to be told has no message, or a message is neither delivered nor said
to be failed or unsure.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller

from bench.experiments import workers
from bench.faults import kill, kill_engine
from bench.installation import Installation, free_port, running, use_settings_of
from bench.schedules import beats, patiently
from tests.receiver import Receiver, receiver

BETWEEN_SECONDS = (1.0, 6.0)  # kills
BUSY_SECONDS = 15.0
ANSWER_SECONDS = 0.3
LONGEST_SECONDS = 600.0


class SlowMailbox:
    """Takes mail, and is slow to say that it has it."""

    def __init__(self) -> None:
        self.taken: list[Message] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """As `aiosmtpd` asks."""
        self.taken.append(message_from_bytes(bytes(envelope.content or b"")))
        await asyncio.sleep(ANSWER_SECONDS)
        return "250 OK"


def trouble(
    installation: Installation,
    server: Receiver,
    kills: int,
    chance: random.Random,
    done: dict[str, int],
) -> None:
    """Kill one of the three at a time, twice as often the worker; `done` says how often each.

    The worker and the database at a moment in which messages are on their way, where one comes.
    """
    while sum(done.values()) - done["on_their_way"] < kills:
        time.sleep(chance.uniform(*BETWEEN_SECONDS))
        what = chance.choice(["worker", "worker", "beat", "database"])
        until = time.monotonic() + BUSY_SECONDS
        while what != "beat" and not server.open and time.monotonic() < until:
            time.sleep(0.01)
        done["on_their_way"] += what != "beat" and server.open > 0
        if what == "database":
            try:
                done[what] += kill_engine(installation, done[what])
            except LookupError:
                continue
        else:
            pids = workers(installation) if what == "worker" else beats(installation)
            done[what] += bool(pids and kill(chance.choice(pids)))


def furnish(server: Receiver) -> Any:
    """A project with a channel of each kind; nothing folds, so that every incident is told."""
    from accounts.models import Project
    from alerts.models import AlertSettings
    from alerts.services.channels import create_channel
    from tests.alerts.making import email, pagerduty, slack

    project = Project.objects.get(slug="bench")
    AlertSettings.objects.create(project=project, fold_minutes=0, escalate_minutes=1440)
    email(project)
    slack(project, server)
    pagerduty(project, server)
    create_channel(project, kind="webhook", name="Own", url=f"{server.url}/own", actor=None)
    return project


def story(project: Any, number: int) -> list[Callable[[], Any]]:
    """What happens to one incident, an act at a time; each may be done again."""
    from django.utils import timezone

    from alerts.models import Incident, Severity
    from alerts.services import acting
    from alerts.services.errors import IncidentIsOver
    from tests.alerts.making import happen

    cause, said = f"trial {number}", f"Trial {number} got worse."

    def mine() -> Any:
        return Incident.objects.get(project=project, cause=cause)

    def resolve() -> None:
        with contextlib.suppress(IncidentIsOver):
            acting.resolve(mine(), actor=None)

    def wait_too_long() -> None:
        rows = Incident.objects.filter(project=project, cause=cause, escalations=0)
        rows.update(escalate_at=timezone.now())

    return [
        lambda: happen(project, cause, sentence=said, severity=Severity.TICKET),
        lambda: happen(project, cause, sentence=said, severity=Severity.PAGE),
        wait_too_long,
        lambda: acting.acknowledge(mine(), actor=None),
        resolve,
    ]


def act(project: Any, incidents: int, seconds: float, chance: random.Random) -> None:
    """All stories side by side within about that time."""
    stories = [story(project, number) for number in range(incidents)]
    pause = seconds / sum(len(one) for one in stories)
    while live := [one for one in stories if one]:
        patiently(chance.choice(live[:12]).pop(0))
        time.sleep(chance.uniform(0, 2 * pause))


def faults(project: Any, mailbox: SlowMailbox, server: Receiver) -> dict[str, Any]:
    """What was told, and everything that may not be."""
    from alerts.models import Channel, Delivery, IncidentStep, StepKind
    from alerts.values import SENT

    channels = list(Channel.objects.filter(project=project))
    deliveries = list(Delivery.objects.select_related("channel").order_by("pk"))
    told = {(one.step_id, one.channel_id) for one in deliveries}
    untold = [
        (step.pk, channel.pk)
        for step in IncidentStep.objects.filter(incident__project=project)
        for channel in channels
        if channel.kind in SENT.get(StepKind(step.kind), ()) and (step.pk, channel.pk) not in told
    ]
    mails = Counter(str(one["Message-ID"]) for one in mailbox.taken)
    posts = Counter((one.path.rpartition("/")[2], one.body) for one in server.received)
    slack_bodies = Counter(one.body.encode() for one in deliveries if one.channel.kind == "slack")
    own = {one.headers["webhook-id"]: one.body for one in server.received if "own" in one.path}
    states = Counter(one.state for one in deliveries)
    arrived = {one.partition("@")[0].strip("<") for one in mails} | set(own)
    kept = {
        (kind, json.dumps(json.loads(body), sort_keys=True))
        for (kind, body) in posts
        if kind in ("secret", "enqueue")
    }
    lost = [
        one.uid
        for one in deliveries
        if one.state == "delivered" and not _has_arrived(one, arrived, kept)
    ]
    slack_twice = sum(
        number > slack_bodies[body] for (kind, body), number in posts.items() if kind == "secret"
    )
    changed = [
        one.uid for one in deliveries if one.uid in own and own[one.uid] != one.body.encode()
    ]
    return {
        "steps": IncidentStep.objects.filter(incident__project=project).count(),
        "messages": len(deliveries),
        "states": dict(states),
        "mails": sum(mails.values()),
        "posts": sum(posts.values()),
        "told_again_to_who_tells_apart": sum(
            number - 1 for (kind, _), number in posts.items() if kind in ("enqueue", "own")
        ),
        "mails_twice": sum(number > 1 for number in mails.values()),
        "slack_twice": slack_twice,
        "changed_when_told_again": len(changed),
        "untold": len(untold),
        "said_delivered_and_not_here": len(lost),
        "undecided": states["due"],
    }


def _has_arrived(delivery: Any, arrived: set[str], kept: set[tuple[str, str]]) -> bool:
    from alerts.services.channels import opened_secret

    if delivery.channel.kind in ("email", "webhook"):
        return delivery.uid in arrived
    said = json.loads(delivery.body)
    if delivery.channel.kind == "pagerduty":
        said = {"routing_key": opened_secret(delivery.channel), **said}
    place = "enqueue" if delivery.channel.kind == "pagerduty" else "secret"
    return (place, json.dumps(said, sort_keys=True)) in kept


def run(incidents: int, kills: int, seed: int) -> dict[str, Any]:
    """All of it on one installation; what came of it."""
    chance = random.Random(seed)
    mailbox, port = SlowMailbox(), free_port()
    mail_server = Controller(mailbox, hostname="127.0.0.1", port=port)
    mail_server.start()
    environment = {
        "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_TLS": "0",
        "ROADWORTHY_ALLOW_PRIVATE_WEBHOOKS": "1",
    }  # fmt: skip
    try:
        with receiver() as server, running(None, **environment) as installation:
            server.answering.seconds = ANSWER_SECONDS
            use_settings_of(installation)
            import django
            from django.test.utils import override_settings

            django.setup()
            logging.getLogger("mail.log").setLevel(logging.ERROR)
            logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
            with override_settings(ALLOW_PRIVATE_WEBHOOKS=True):
                project = furnish(server)
                done = {"worker": 0, "beat": 0, "database": 0, "on_their_way": 0}
                pieces = (installation, server, kills, chance, done)
                killer = threading.Thread(target=trouble, args=pieces)
                killer.start()
                act(project, incidents, kills * sum(BETWEEN_SECONDS), random.Random(seed))
                killer.join()
                began = time.monotonic()
                _wait_until_told(LONGEST_SECONDS)
                waited = time.monotonic() - began
            told = patiently(lambda: faults(project, mailbox, server))
            return {"incidents": incidents, "killed": done, "settled_s": round(waited, 1), **told}
    finally:
        mail_server.stop()


def _wait_until_told(seconds: float) -> None:
    from alerts.models import Delivery

    until = time.monotonic() + seconds
    while patiently(Delivery.objects.filter(state="due").count) and time.monotonic() < until:
        time.sleep(1)


def is_right(told: dict[str, Any]) -> bool:
    """True where nothing came twice, nothing is untold, and nothing is left undecided."""
    wrong = (
        "mails_twice", "slack_twice", "changed_when_told_again", "untold",
        "said_delivered_and_not_here", "undecided",
    )  # fmt: skip
    return told["messages"] > 0 and not any(told[name] for name in wrong)


def main() -> int:
    """Run it; the exit code."""
    parser = argparse.ArgumentParser(prog="bench.alert_kills", description=__doc__)
    parser.add_argument("--incidents", type=int, default=60)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    told = run(chosen.incidents, chosen.kills, chosen.seed)
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
    return 0 if is_right(told) else 1


if __name__ == "__main__":
    sys.exit(main())
