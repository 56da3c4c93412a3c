"""`roadworthy remap`: derive the columns of stored spans again from what arrived."""

from __future__ import annotations

from argparse import ArgumentTypeError
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Project
from kit.connections import own_connection
from traces.services.remap import remap_spans


class Command(BaseCommand):
    """For a release that reads a client better than the one that stored its spans."""

    help = (
        "Derive kind, model, tokens, user … of stored spans again from their raw attributes. "
        "May run beside intake, be broken off, and run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which spans."""
        parser.add_argument(
            "--since", type=_instant, required=True, help="first start, such as 2026-11-01 (UTC)"
        )
        parser.add_argument("--until", type=_instant, help="spans from here on are left alone")
        parser.add_argument("--project", help="address name of one project (default: all)")
        parser.add_argument("--dry-run", action="store_true", help="count only, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk through; a line for each partition of each project."""
        projects = Project.objects.select_related("organization").order_by("pk")
        if options["project"]:
            projects = projects.filter(slug=options["project"])
            if not projects:
                raise CommandError(f"There is no project {options['project']!r}")
        if options["until"] and options["until"] <= options["since"]:
            raise CommandError("--until must be after --since")
        with closing(own_connection()) as link:
            done = remap_spans(
                link,
                list(projects),
                options["since"],
                options["until"],
                dry_run=options["dry_run"],
                tell=self._tell,
            )
        for column, count in sorted(done.columns.items(), key=lambda item: (-item[1], item[0])):
            self.stdout.write(f"  {column}: {count:,}")
        word = "would change" if options["dry_run"] else "changed"
        self.stdout.write(
            f"{done.changed:,} spans {word}, {done.unchanged:,} stand as they were, "
            f"{done.untouched:,} are as their sender gave them."
        )

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _instant(value: str) -> datetime:
    """A date or a moment in UTC, or with its own offset."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise ArgumentTypeError(f"{value!r} is no date, such as 2026-11-01") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
