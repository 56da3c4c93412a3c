"""A budget of a user segment or a key counts what the roll-ups say of it."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, Project
from costs.models import Budget
from costs.queries.budgets import standings
from costs.services.watching import watch_budgets
from kit.connections import own_connection
from tests.costs.making import DOLLAR, budget
from tests.traces.seeing import call
from traces.ingest.pipeline import prepare_records
from traces.ingest.wire.decode import Decoded
from traces.ingest.writer.store import Store

pytestmark = pytest.mark.django_db(transaction=True)


def send(project: Project, key_id: int | None, trace_id: str, segment: str, cost: float) -> None:
    record = call(trace_id, cost=cost, ago=5)
    record.user_segment = segment
    store = Store(own_connection)
    store.write(prepare_records(Decoded([record]), project.pk, key_id=key_id).spans)
    store.close()


def spent(mine: Budget) -> int:
    mine.refresh_from_db()
    return standings([mine], timezone.now())[0].spent


def test_it_counts_its_segment_or_its_key_alone(project: Project, member_client: Client) -> None:
    mine, other = (
        ApiKey.objects.create(project=project, name=name, public_key=name, secret_hash=name)
        for name in ("pk-mine", "pk-other")
    )
    of_segment = budget(project, scope="segment", value="free", name="Free", period="rolling",
                        rolling_hours=24)  # fmt: skip
    of_key = budget(project, scope="key", value="pk-mine", name="Key", period="rolling",
                    rolling_hours=24)  # fmt: skip
    unknown = budget(project, scope="key", value="pk-nobody", name="No", period="rolling",
                     rolling_hours=24)  # fmt: skip
    send(project, mine.pk, "t1", "free", 0.3)
    send(project, mine.pk, "t2", "pro", 0.4)
    send(project, other.pk, "t3", "free", 0.5)
    send(project, None, "t4", "", 5)
    watch_budgets()
    assert spent(of_segment) == DOLLAR * 8 // 10
    assert spent(of_key) == DOLLAR * 7 // 10
    assert spent(unknown) == 0
    assert list(of_segment.marks.values_list("kind", flat=True)) == ["50", "80"]
    # What it counted opens the traces that it counted.
    for one, traces in ((of_segment, {"t1", "t3"}), (of_key, {"t1", "t2"})):
        page = member_client.get(f"/p/support/costs/budgets/{one.pk}/").content.decode()
        href = next(link for link in re.findall(r'href="([^"]+)"', page) if "q=" in link)
        listed = member_client.get(href.replace("&amp;", "&")).content.decode()
        assert {name for name in ("t1", "t2", "t3", "t4") if f"/traces/{name}" in listed} == traces
