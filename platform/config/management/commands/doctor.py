"""`roadworthy doctor` for those who come through `manage.py`."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from config.doctor import examine as doctor


class Command(BaseCommand):
    """Says what is wrong with this installation."""

    help = "Say in plain words what is wrong with this installation."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The options of `doctor`."""
        doctor.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the findings."""
        if doctor.run(as_json=options["json"]):
            raise SystemExit(1)
