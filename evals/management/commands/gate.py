"""`roadworthy gate`: asks a gate about a version, waits, and tells the answer by its exit code."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from contextlib import ExitStack, closing
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Project
from evals.asking.asked import Gatekeeper, RunTold
from evals.asking.local import LocalGatekeeper
from evals.asking.remote import RemoteGatekeeper
from evals.asking.table import table_of
from kit.errors import DomainError

PASS, FAIL, INCONCLUSIVE, ERROR = 0, 1, 2, 3
CODES = {"pass": PASS, "fail": FAIL, "inconclusive": INCONCLUSIVE}
LOOK_S = 20.0  # one look waits so long at most


class Ended(SystemExit):
    """The command came to its end, with this exit code."""


class Command(BaseCommand):
    """Works on this installation's database, or with `--server` on a server over REST."""

    help = (
        "Ask the gate whether a version, or a model under the serving version, may take the place "
        "of what serves. Exit codes: 0 pass, 1 fail, 2 inconclusive, 3 error."
    )
    requires_system_checks = []  # a server has its own database; none may be here

    def add_arguments(self, parser: CommandParser) -> None:
        """What to ask, whom, and how long to wait."""
        parser.add_argument("--prompt", required=True, metavar="NAME")
        parser.add_argument("--version", dest="number", type=int, metavar="N")
        parser.add_argument(
            "--baseline", default="", metavar="LABEL|N",
            help="a label or a version (default: what the environment serves); none: the bar alone",
        )  # fmt: skip
        parser.add_argument(
            "--model", default="", metavar="M",
            help="ask the version under this model; without --version, the one that serves",
        )  # fmt: skip
        parser.add_argument("--environment", default="production", metavar="NAME")
        parser.add_argument(
            "--fresh", action="store_true",
            help="ask the version anew, although its answers are there (and were paid)",
        )  # fmt: skip
        parser.add_argument("--project", help="address name of a project of this installation")
        parser.add_argument("--server", "--url", dest="server", help="else ROADWORTHY_URL")
        parser.add_argument(
            "--key", help="its project key, else ROADWORTHY_KEY or ROADWORTHY_SECRET_KEY"
        )
        parser.add_argument(
            "--timeout", type=float, default=3600, help="seconds to wait (default: 3600)"
        )
        parser.add_argument("--json", action="store_true", help="print the run as JSON")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """`--version` is a prompt's here, not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def run_from_argv(self, argv: list[str]) -> None:
        """Whatever goes wrong is an error, 3: 1 says that the version failed."""
        try:
            super().run_from_argv(argv)
        except Ended:
            raise
        except SystemExit as wrong:
            sys.exit(ERROR if wrong.code else wrong.code)
        except Exception:  # a database that is away, a bug
            traceback.print_exc()
            sys.exit(ERROR)

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, wait, tell."""
        if options["number"] is None and not options["model"]:
            raise CommandError("Say --version N, or --model M for the version that serves.")
        with ExitStack() as stack:
            try:
                keeper = _gatekeeper(options, stack)
                told = self._answer(keeper, options)
            except DomainError as refused:
                raise CommandError(str(refused)) from None
        if options["json"]:
            self.stdout.write(json.dumps(told, default=str, ensure_ascii=False))
        else:
            self.stdout.write(table_of(told))
        raise Ended(CODES.get(told["state"], ERROR))

    def _answer(self, keeper: Gatekeeper, options: dict[str, Any]) -> RunTold:
        """The run when it is over. Raises: CommandError (not in time)."""
        until = time.monotonic() + options["timeout"]
        told = keeper.ask(
            {
                "prompt": options["prompt"],
                "version": options["number"],
                "environment": options["environment"],
                "baseline": options["baseline"],
                "model": options["model"],
                "fresh": options["fresh"],
            }
        )
        last = ""
        while told["state"] == "running":
            last = self._tell(told, last)
            left = until - time.monotonic()
            if left <= 0:
                raise CommandError(
                    f"No answer within {options['timeout']:g} seconds: {told['url']} shows it."
                )
            told = keeper.look(told["id"], wait_s=min(left, 2.0 if sys.stderr.isatty() else LOOK_S))
        return told

    def _tell(self, told: RunTold, last: str) -> str:
        """One line of progress on stderr, where it differs from the one before."""
        done = told["progress"]
        line = (
            f"Run {told['id']}: {done['answers']:,} of {done['of_answers']:,} answers, "
            f"{done['verdicts']:,} of {done['of_verdicts']:,} verdicts"
        )
        if line != last:
            self.stderr.write(line, self.style.NOTICE)
            self.stderr.flush()
        return line


def _gatekeeper(options: dict[str, Any], stack: ExitStack) -> Gatekeeper:
    """The one that was named: a project here, or a server. Raises: CommandError."""
    if options["project"]:
        if options["server"]:
            raise CommandError("Give --project for this installation, or --server for a server.")
        found = Project.objects.select_related("organization").filter(
            slug=options["project"], deleted_at=None
        )
        project = found.first()
        if project is None:
            raise CommandError(f"There is no project {options['project']!r}")
        return LocalGatekeeper(project, None)
    url = options["server"] or os.environ.get("ROADWORTHY_URL", "")
    key = options["key"] or next((os.environ[name] for name in _KEYS if os.environ.get(name)), "")
    if not url:
        raise CommandError("Say whose gate: --project here, or --server (ROADWORTHY_URL).")
    if not key:
        raise CommandError("A server needs a project key: --key (ROADWORTHY_KEY).")
    return stack.enter_context(closing(RemoteGatekeeper(url, key)))


_KEYS = ("ROADWORTHY_KEY", "ROADWORTHY_SECRET_KEY")
