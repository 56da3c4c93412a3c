"""Two people who change limits at once undo nothing of each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection, transaction

from accounts.models import Project
from traces.queries.limits import limits_of
from traces.services.limits import change_limits

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_change_starts_from_what_stands_by_then(project: Project) -> None:
    def wait(milliseconds: int) -> None:
        try:
            change_limits(project, lambda stand: replace(stand, slow_ms=milliseconds), actor=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            change_limits(project, lambda stand: replace(stand, wait_minutes=7), actor=None)
            other = pool.submit(wait, 900)
            with connection.cursor() as cursor:
                waits = "select count(*) from pg_locks where not granted"
                for _ in range(2000):
                    cursor.execute(waits)
                    if cursor.fetchone() != (0,) or other.done():
                        break
                    cursor.execute("select pg_sleep(0.005)")
        other.result()
    found = limits_of(project.pk)
    assert (found.wait_minutes, found.slow_ms) == (7, 900)
