"""`roadworthy seed_demo`: sixty days of a support assistant, sent like any client's traces."""

from __future__ import annotations

import os
import signal
import sys
import time
from argparse import ArgumentTypeError
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.services.projects import Demo
from kit.errors import DomainError
from traces.demo.loading import load_demo, send
from traces.demo.scenarios import NAMES, SUPPORT_AGENT, Chosen
from traces.demo.sender import Sender, Tally, Undelivered

NICE = 10  # whoever uses the product meanwhile goes first


class Command(BaseCommand):
    """Fills the project `demo`, or the project of a given key."""

    help = "Load demo data through the public endpoint. Same seed, same data; repeats do no harm."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to load, and where to."""
        parser.add_argument("--url", help="address of the server (default: this machine, PORT)")
        parser.add_argument("--days", type=_positive, default=60)
        parser.add_argument("--scenario", choices=NAMES, default=SUPPORT_AGENT)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--scale", type=float, default=1.0, help="how much, 1 is 80,000 spans")
        parser.add_argument(
            "--day",
            type=date.fromisoformat,
            help="last day of the story (default: the day on which the demo project was made; "
            "with --secret today, UTC)",
        )
        parser.add_argument("--secret", help="secret key of another project to send to")
        parser.add_argument("--key", default="", help="its public key; not needed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load; a refusal is one plain line and exit code 1."""
        url = options["url"] or f"http://127.0.0.1:{settings.PORT}"
        before = signal.signal(signal.SIGTERM, _stop)
        os.nice(NICE)
        began = time.monotonic()
        try:
            if options["secret"]:
                with closing(Sender(url, options["secret"], options["key"])) as sender:
                    tally = send(_chosen(options, datetime.now(UTC).date()), sender)
            else:
                tally = load_demo(url, lambda demo: _chosen(options, _made_on(demo)))
        except (Undelivered, DomainError) as error:
            raise CommandError(str(error)) from error
        finally:
            signal.signal(signal.SIGTERM, before)
        self.stdout.write(_summary(tally, time.monotonic() - began))


def _chosen(options: dict[str, Any], day: date) -> Chosen:
    return Chosen(
        options["day"] or day,
        options["scenario"],
        options["days"],
        options["seed"],
        options["scale"],
    )


def _made_on(demo: Demo) -> date:
    return demo.project.created_at.astimezone(UTC).date()


def _summary(tally: Tally, seconds: float) -> str:
    line = f"Sent {tally.spans:,} spans of demo data in {seconds:.1f} s."
    if tally.rejected:
        line += f" {tally.rejected:,} were rejected: {tally.reasons[0]}"
    return line


def _stop(*_: Any) -> None:
    """Leave in order, so that the key is revoked; the next load goes on."""
    sys.exit(143)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("Expected 1 or more")
    return number
