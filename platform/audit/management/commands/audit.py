"""`roadworthy audit verify`: walk every chain and name the first entry that does not hold."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.chain import verify
from audit.models import ChainHead


class Command(BaseCommand):
    """Checks the audit chain."""

    help = "Check the audit chain: `audit verify [--organization ID]`."

    def add_arguments(self, parser: CommandParser) -> None:
        """`verify`, for one organization or all."""
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("--organization", type=int, help="id of one organization")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0 when every chain holds, 1 with the first broken entry otherwise."""
        heads = ChainHead.objects.select_related("organization").order_by("pk")
        if options["organization"] is not None:
            heads = heads.filter(organization_id=options["organization"])
        broken = False
        for head in heads:
            verdict = verify(head.organization_id)
            of = head.organization or "the installation"
            if verdict.broken_at is None:
                self.stdout.write(f"{of}: {verdict.entries} entries, the chain holds.")
            else:
                broken = True
                self.stdout.write(
                    f"{of}: broken at entry {verdict.broken_at}: {verdict.why}. "
                    f"{verdict.entries} entries before it hold."
                )
        if not heads:
            self.stdout.write("There are no audit entries.")
        if broken:
            sys.exit(1)
