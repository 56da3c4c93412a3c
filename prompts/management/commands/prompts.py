"""`roadworthy prompts`: the registry as files, compared with a project, and applied to it."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Project
from kit.errors import DomainError
from prompts.registries.folder import read_folder, write_folder
from prompts.registries.lines import REFUSED, WELL, Line, Registry
from prompts.registries.local import LocalRegistry
from prompts.registries.remote import RemoteRegistry

DRIFT, TIMEOUT = 2, 3
LOOK_EVERY_S = 2.0


class Ended(SystemExit):
    """The command came to its end, with this exit code."""


class Command(BaseCommand):
    """Works on this installation's database, or with `--url` on a server over REST."""

    help = (
        "Export prompts as files, compare files with a project, apply them. Exit codes of plan: "
        "0 equal, 2 different. Of apply --wait: 0 approved, 1 refused, 3 not decided in time."
    )
    requires_system_checks = []  # a server has its own database; none may be here

    def add_arguments(self, parser: CommandParser) -> None:
        """An action, the folder, and which registry."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        export = actions.add_parser("export", help="write the registry into a folder")
        plan = actions.add_parser("plan", help="say what would have to happen")
        apply = actions.add_parser("apply", help="let the project hold what the files say")
        for one in (export, plan, apply):
            one.add_argument("folder", metavar="DIR", type=Path)
            one.add_argument("--project", help="address name of a project of this installation")
            one.add_argument("--url", help="address of a server, else ROADWORTHY_URL")
            one.add_argument("--key", help="its project key, else ROADWORTHY_KEY")
        for one in (plan, apply):
            one.add_argument(
                "--prune",
                action="store_true",
                help="take away what stands in no file: labels removed, the rest archived",
            )
        apply.add_argument(
            "--wait", action="store_true", help="wait until the reviews it needs are decided"
        )
        apply.add_argument(
            "--timeout", type=float, default=3600, help="seconds to wait (default: 3600)"
        )

    def run_from_argv(self, argv: list[str]) -> None:
        """A wrong option is an error like others, 1: 2 says that files and project differ."""
        try:
            super().run_from_argv(argv)
        except Ended:
            raise
        except SystemExit as wrong:
            sys.exit(1 if wrong.code == DRIFT else wrong.code)

    def handle(self, *args: Any, **options: Any) -> None:
        """Act; a refusal is plain text and exit code 1."""
        with ExitStack() as stack:
            try:
                registry = _registry(options, stack)
                match options["action"]:
                    case "export":
                        self._export(registry, options["folder"])
                    case "plan":
                        self._plan(registry, options)
                    case _:
                        self._apply(registry, options)
            except DomainError as refused:
                raise CommandError(str(refused)) from None

    def _export(self, registry: Registry, folder: Path) -> None:
        texts = registry.export()
        written, gone = write_folder(folder, texts)
        self.stdout.write(f"{len(texts):,} files: {written:,} written, {gone:,} removed.")

    def _plan(self, registry: Registry, options: dict[str, Any]) -> None:
        lines = registry.plan(read_folder(options["folder"]), prune=options["prune"])
        self._tell(lines)
        if not lines:
            self.stdout.write("Nothing to do: the project holds what the files say.")
            return
        conflicts = sum(line.act == "conflict" for line in lines)
        end = f", {conflicts} of them conflicts: nothing would be applied" if conflicts else ""
        self.stdout.write(f"{len(lines)} {'step' if len(lines) == 1 else 'steps'}{end}.")
        raise Ended(DRIFT)

    def _apply(self, registry: Registry, options: dict[str, Any]) -> None:
        lines = registry.apply(read_folder(options["folder"]), prune=options["prune"])
        self._tell(lines)
        if not lines:
            self.stdout.write("Nothing to do: the project holds what the files say.")
        reviews = {line.review: line for line in lines if line.review is not None}
        if options["wait"] and reviews:
            self._wait(registry, reviews, options["timeout"])

    def _wait(self, registry: Registry, reviews: dict[int, Line], timeout: float) -> None:
        """Until all are approved, one is refused, or the time is over."""
        until = time.monotonic() + timeout
        told: dict[int, str] = {}
        while True:
            now = registry.statuses(reviews)
            for number, status in sorted(now.items()):
                if told.get(number) != status:
                    self.stdout.write(f"Review #{number}: {status.replace('_', ' ')}")
                    self.stdout.flush()
            told = now
            if any(status in REFUSED for status in now.values()):
                raise Ended(1)
            if all(now.get(number) in WELL for number in reviews):
                return
            if time.monotonic() >= until:
                self.stdout.write(f"Not decided within {timeout:g} seconds.")
                raise Ended(TIMEOUT)
            time.sleep(min(LOOK_EVERY_S, max(0.0, until - time.monotonic())))

    def _tell(self, lines: list[Line]) -> None:
        for line in lines:
            mark = "! " if line.act == "conflict" else "  "
            self.stdout.write(f"{mark}{line}")
        self.stdout.flush()


def _registry(options: dict[str, Any], stack: ExitStack) -> Registry:
    """The one that was named: a project here, or a server. Raises: CommandError."""
    if options["project"]:
        if options["url"]:
            raise CommandError("Give --project for this installation, or --url for a server.")
        project = (
            Project.objects.select_related("organization")
            .filter(slug=options["project"], deleted_at=None)
            .first()
        )
        if project is None:
            raise CommandError(f"There is no project {options['project']!r}")
        return LocalRegistry(project, None)
    url = options["url"] or os.environ.get("ROADWORTHY_URL", "")
    key = options["key"] or os.environ.get("ROADWORTHY_KEY", "")
    if not url:
        raise CommandError("Say which registry: --project here, or --url (ROADWORTHY_URL).")
    if not key:
        raise CommandError("A server needs a project key: --key (ROADWORTHY_KEY).")
    return stack.enter_context(closing(RemoteRegistry(url, key)))
