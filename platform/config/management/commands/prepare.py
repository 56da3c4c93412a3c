"""Bring the database up to this release: migrate, then provision owner, project and keys."""

from __future__ import annotations

import argparse
import gc
import json
import os
from dataclasses import asdict
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.provision import provision
from config.processes import welcome

SELDOM = (100_000, 5, 5)  # 50 MB more than with Python's own


class Command(BaseCommand):
    """Migrates and provisions; it may run at any time and any number of times."""

    help = "Apply migrations and make the first owner, project and keys where there are none."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Two options."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument("--static", action="store_true", help="collect static files too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print who may log in and which keys there are; secrets only when they are new."""
        if options["static"]:
            call_command("collectstatic", interactive=False, verbosity=0)
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            # Models rendered for a migration are cycles: collected seldom, 29 s instead of 35.
            gc.set_threshold(*SELDOM)
            call_command("migrate", interactive=False, verbosity=0)
        made = provision(os.environ)
        found = welcome.Provisioned(
            created=made.created,
            email=made.email,
            password=made.password,
            project_slug=made.project_slug,
            public_key=made.public_key,
            secret_key=made.secret_key,
        )
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found)))
            return
        self.stdout.write(f"login {found.email}, project {found.project_slug}")
        for name, value in (("password", found.password), ("secret key", found.secret_key)):
            if value:
                self.stdout.write(f"{name} (shown this once): {value}")
