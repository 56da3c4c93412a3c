"""A feature's objectives: traffic burns a budget, an incident opens, and is over when it stops."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, User
from alerts.models import Incident, ObjectiveMinute, State
from alerts.queries.objectives import objectives_of, standings_of
from alerts.services import acting
from alerts.services.objectives import forget_minutes, watch_objectives
from features.models import Target
from tests.alerts.making import kinds
from tests.alerts.serving import asked, requests
from tests.factories import Key
from tests.prompts.making import make_version, serve, text
from traces.rollups.counted import count_traces, stored

pytestmark = pytest.mark.django_db
PAGE = "/p/support/alerts/objectives/"


@pytest.fixture
def now() -> datetime:
    """A moment of today, far from the edge of an hour."""
    return timezone.now().replace(minute=40, second=30, microsecond=0) - timedelta(hours=1)


def failing(project: Project, now: datetime, minutes: range, share: float = 0.5) -> None:
    for ago in minutes:
        requests(project, now, ago=ago, total=20, failed=int(20 * share))


def test_a_fast_burn_pages_the_owner_once_and_ends_by_itself(
    project: Project, bob: User, now: datetime
) -> None:
    asked(project, bob, availability_ratio=0.99)
    failing(project, now, range(10, 60, 10), share=0)
    assert watch_objectives(now) == 0
    failing(project, now, range(1, 8))
    assert (watch_objectives(now), watch_objectives(now)) == (1, 0)
    incident = Incident.objects.get()
    assert (incident.severity, incident.owner, incident.cause[:5]) == ("page", bob, "burn:")
    assert "burns its budget" in incident.sentence
    assert "in the last hour (asked: ≥ 99%)" in incident.sentence
    facts = {one["text"]: one for one in incident.evidence["facts"]}
    assert facts["The last hour"]["value"].endswith("70 of 240")
    assert "status%3Aerror" in facts["The last hour"]["href"]
    later = now + timedelta(hours=7)
    assert watch_objectives(later) >= 1
    incident.refresh_from_db()
    assert (incident.state, kinds(incident)) == (State.RESOLVED, ["opened", "resolved"])


def test_a_few_requests_at_night_wake_nobody(project: Project, now: datetime) -> None:
    asked(project, availability_ratio=0.999)
    requests(project, now, ago=2, total=3, failed=3)
    assert watch_objectives(now) == 0


def test_slow_answers_burn_the_budget_of_latency(project: Project, now: datetime) -> None:
    asked(project, p95_latency_ms=800)
    requests(project, now, ago=3, total=40, ms=2000)
    watch_objectives(now)
    assert Incident.objects.get().sentence.startswith("p95 latency of refund-agent burns")


def test_answers_below_the_bar_burn_the_budget_of_quality(project: Project, now: datetime) -> None:
    asked(project, tolerated_failure_ratio=0.05)
    with connection.cursor() as cursor:
        for number in range(30):
            trace, at = f"scored{number}", now - timedelta(minutes=3)
            cursor.execute(
                "insert into trace (project_id, trace_id, start_time, end_time, duration_us, "
                "cost_nano, tokens_in, tokens_out, span_count, error_count, call_count, "
                "metered_count, unpriced_count, open_count, feature, facets, ranks) "
                "values (%s, %s, %s, %s, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 'refund-agent', '{}', '{}')",
                [project.pk, trace, at, at],
            )
            cursor.execute(
                "insert into score (project_id, id, name, num, trace_id, at, created_at, "
                "updated_at, data_type, source) "
                "values (%s, %s, 'faithfulness', %s, %s, %s, now(), now(), 'NUMERIC', 'API')",
                [project.pk, trace, 0.2 if number % 2 else 0.9, trace, at],
            )
    watch_objectives(now)
    assert "15 of 30" in str(Incident.objects.get().evidence)


def test_what_sampling_takes_away_still_counts(project: Project, now: datetime) -> None:
    asked(project, availability_ratio=0.9)
    good = requests(project, now, ago=5, total=95)
    requests(project, now, ago=5, total=5, failed=5)
    watch_objectives(now)
    with connection.cursor() as cursor:
        ids = [[project.pk] * len(good), good]
        count_traces(cursor.cursor, stored(cursor.cursor, ids), {})
    watch_objectives(now + timedelta(minutes=1))
    assert ObjectiveMinute.objects.aggregate(Sum("total"), Sum("bad")) == {
        "total__sum": 100, "bad__sum": 5,
    }  # fmt: skip


def test_it_is_quiet_after_a_person_resolved_it(project: Project, bob: User, now: datetime) -> None:
    asked(project, bob, availability_ratio=0.99)
    failing(project, now, range(1, 8))
    watch_objectives(now)
    acting.resolve(Incident.objects.get(), actor=bob, now=now)
    assert watch_objectives(now + timedelta(minutes=1)) == 0
    failing(project, now + timedelta(minutes=61), range(1, 6))
    assert watch_objectives(now + timedelta(minutes=61)) == 1


def test_a_label_of_a_prompt_that_was_not_called_is_not_implicated(project: Project) -> None:
    now = timezone.now()
    asked(project, availability_ratio=0.99)
    for number, said in ((1, "Be brief."), (2, "Be long.")):
        version = make_version(project, content=text(said))
        serve(version.prompt, number)
    failing(project, now, range(1, 8))
    watch_objectives(now)
    assert Incident.objects.get().implicated is None


def test_an_objective_that_is_not_asked_any_more_resolves(project: Project, now: datetime) -> None:
    target = asked(project, availability_ratio=0.99)
    failing(project, now, range(1, 8))
    watch_objectives(now)
    Target.objects.filter(pk=target.pk).update(state="replaced")
    assert watch_objectives(now) == 1
    assert Incident.objects.get().state == State.RESOLVED


def test_old_minutes_go(project: Project, now: datetime) -> None:
    asked(project, availability_ratio=0.99)
    requests(project, now, ago=5, total=5)
    watch_objectives(now)
    assert forget_minutes(now) == 0
    assert forget_minutes(now + timedelta(hours=8)) >= 2
    assert not ObjectiveMinute.objects.exists()


def test_the_page_shows_budget_and_burns_and_each_leads_to_traces(
    member_client: Client, project: Project, stranger_client: Client, now: datetime,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    assertContains(member_client.get(PAGE), "No objective is asked")
    assert member_client.get(f"{PAGE}of-feature/refund-agent/").content == b""
    asked(project, availability_ratio=0.99, p95_latency_ms=800, tolerated_failure_ratio=0.05)
    failing(project, timezone.now(), range(1, 8))
    watch_objectives()
    with django_assert_max_num_queries(14):
        page = member_client.get(PAGE)
    for said in ("Availability", "p95 latency", "Burns fast", "70 of 140", "status%3Aerror"):
        assertContains(page, said)
    piece = member_client.get(f"{PAGE}of-feature/refund-agent/")
    assertContains(piece, "Error budgets")
    assertNotContains(piece, "<h1")
    assert stranger_client.get(PAGE).status_code == 404
    assertContains(member_client.get("/p/support/features/refund-agent/"), "of-feature")


def test_the_budget_is_of_thirty_days(project: Project, now: datetime) -> None:
    asked(project, availability_ratio=0.9)
    requests(project, now, ago=10 * 24 * 60, total=90, failed=9)
    requests(project, now, ago=40 * 24 * 60, total=90, failed=90)
    requests(project, now, ago=1, total=10)
    (standing,) = standings_of(project, objectives_of(project), now)
    assert (standing.budget.counted.total, standing.budget.counted.bad) == (100, 9)
    assert standing.budget.left == pytest.approx(0.1)
    assert len(standing.days) == 2


def test_programs_read_them(project: Project, client: Client, key: Key) -> None:
    asked(project, availability_ratio=0.99)
    requests(project, timezone.now(), ago=2, total=40, failed=20)
    watch_objectives()
    answer = client.get("/api/v1/alerts/objectives", headers=key.headers)
    (found,) = answer.json()["data"]
    assert (found["feature"], found["name"], found["allowed_ratio"]) == (
        "refund-agent", "availability", 0.01,
    )  # fmt: skip
    assert found["budget"] == {"total": 40, "bad": 20, "left_ratio": -49.0}
    assert {"window": "1h", "total": 40, "bad": 20, "burn_rate": 50.0} in found["windows"]
    assert found["holding"] == ["fast", "slow", "long"]
