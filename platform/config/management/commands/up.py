"""`roadworthy up` for those who come through `manage.py`; the console script skips Django."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from config.processes import supervisor


class Command(BaseCommand):
    """Runs database, web, worker and beat in this terminal."""

    help = "Run database, web, worker and beat in this terminal."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The options of `up`."""
        supervisor.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until Ctrl-C or SIGTERM."""
        code = supervisor.run(supervisor.options_from(argparse.Namespace(**options)))
        if code:
            raise SystemExit(code)
