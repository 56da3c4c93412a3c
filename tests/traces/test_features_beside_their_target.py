"""What traffic says of features: of each in the list, and of one beside its target."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, User
from tests.features.making import make_feature, make_target
from tests.traces.stored import NOON, SECOND, open_store, rows, span
from traces.digest import queue
from traces.ingest.record import Level
from traces.models import Score
from traces.services.settling import settle_traces

pytestmark = pytest.mark.django_db(transaction=True)
NOW = "/p/support/traffic/features/refund-agent/"


def store(project: Project, *spans: Any) -> None:
    with open_store() as opened:
        opened.write(rows(*spans, project_id=project.pk))
    settle_traces()


def some(number: int, feature: str = "refund-agent", **fields: Any) -> Any:
    ago = (datetime.now(UTC) - timedelta(hours=5)).timestamp() - NOON / SECOND
    return span(f"s{number}", f"t{number}", at=ago, feature=feature, **fields)


def score(project: Project, number: int, num: float) -> None:
    now = datetime.now(UTC)
    Score.objects.create(
        project_id=project.pk, trace_id=f"t{number}", id=f"f{number}", name="faithfulness",
        data_type="number", source="judge", num=num, at=now, created_at=now, updated_at=now,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)


def test_the_page_says_whether_the_target_holds(
    project: Project, member_client: Client, alice: User, bob: User
) -> None:
    feature = make_feature(project)
    assertNotContains(member_client.get(NOW), 'id="holds"')  # nothing is asked yet
    make_target(
        feature, bob, alice,
        tolerated_failure_ratio=0.25, p95_latency_ms=2000, first_token_ms=500,
        availability_ratio=0.7,
    )  # fmt: skip
    assertContains(member_client.get(NOW), "Nothing of it was measured in the last seven days.")
    store(
        project, some(0, lasts=1, ttft_us=300_000), some(1, lasts=1.5, ttft_us=400_000),
        some(2, lasts=1), some(3, lasts=1, level=Level.ERROR), some(9, "other", lasts=60),
    )  # fmt: skip
    page = member_client.get(NOW)
    assertContains(page, "What was measured in the last seven days holds; not measured:")
    assertContains(page, "400 ms")
    for number in range(4):
        score(project, number, 0.9 if number else 0.85)
    score(project, 9, 0.1)  # of another feature
    assertContains(member_client.get(NOW), "It holds in the last seven days.")
    Score.objects.filter(id="f0").update(num=0.2)
    page = member_client.get(NOW)
    assertContains(page, "It does not hold in the last seven days: faithfulness 0.725 (≥ 0.85).")
    assertContains(page, "now 25% of 4 scored")


def test_the_list_gets_its_figures_and_who_is_missing(
    project: Project, member_client: Client, django_assert_max_num_queries: Any
) -> None:
    feature = make_feature(project)
    names = ["refund-agent", "kb search", "a\nb", *(f"more-{n}" for n in range(20))]
    store(project, *(some(n, name) for n, name in enumerate(names)), some(99, ""))
    with django_assert_max_num_queries(9):
        page = member_client.get("/p/support/traffic/features/")
    assertContains(page, f'id="fr-{feature.pk}" hx-swap-oob="true" href=')
    assertContains(page, 'name="name" value="kb search"')
    assertContains(page, "holds no control characters")
    assertContains(page, "1 request of the last seven days names no feature")
