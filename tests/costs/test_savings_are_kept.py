"""Calls are read once a night; advice is shown with its evidence, dismissed, and comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, Scope, User
from audit.models import AuditEntry
from costs.models import SavingsAdvice, SavingsDay, SavingsReading
from costs.services.errors import BadDismissal
from costs.services.savings import dismiss, look_due
from tests.factories import make_key
from tests.traces.seeing import call, now_ns, span, store
from traces.ingest.record import Kind

pytestmark = pytest.mark.django_db
AT = "/p/support/costs/savings/"


def now() -> datetime:
    """Three in the night of today."""
    today = datetime.fromtimestamp(now_ns() / 10**9, UTC)
    return today.replace(hour=3, minute=0, second=0, microsecond=0)


def spend(project: Project, *, times: int = 1, days: int = 1, cost: float = 1.0) -> None:
    """Forty calls at the noon of some day before, a half of them asked twice."""
    noon = now() - timedelta(hours=15) - timedelta(days=days - 1)
    ago = now_ns() / 10**9 - noon.timestamp()
    store(
        project,
        *(
            call(
                f"{days}-{n}-{again}", provider="openai", feature="chat", ago=ago - n * 20 - again,
                cost=cost, input=f"Where is parcel {n} of day {days}?", output="Here.",
            )
            for n in range(40) for again in range(2 if n % 2 else times)
        ),
    )  # fmt: skip


def test_a_night_reads_a_day_once_and_keeps_hashes_alone(project: Project) -> None:
    spend(project)
    assert look_due(now()) == 7, "of a project that was never read, a week"
    assert look_due(now()) == 0
    (one,) = SavingsAdvice.objects.filter(kind="repeats")
    assert (one.feature, one.model, one.state) == ("chat", "gpt-4o", "open")
    # A third of sixty dollars, of a day that stands for thirty.
    assert one.amount == pytest.approx(600 * 10**9, rel=0.01)
    assert one.low < one.amount < one.high
    reading = SavingsReading.objects.get()
    assert (reading.calls, reading.read, reading.silent) == (60, 60, 0)
    assert reading.month == 1800 * 10**9
    assert reading.together is not None
    assert reading.together <= reading.month
    assert "parcel" not in str(list(SavingsDay.objects.values_list("facts", flat=True)))
    assert "parcel" not in str(one.evidence)


def test_chunks_are_looked_at_with_the_answer(project: Project) -> None:
    ago = now_ns() / 10**9 - (now() - timedelta(hours=15)).timestamp()
    texts = [f"{word} " + " ".join(f"{word}{n}" for n in range(12)) for word in ("first", "other")]
    store(
        project,
        span("rag", "found", kind=Kind.RETRIEVER, ago=ago,
             documents=[{"id": str(n), "content": text} for n, text in enumerate(texts)]),
        call("rag", "said", ago=ago - 1, feature="rag", cost=1, in_uncached=1000,
             input="\n".join(texts), output=f"It says: {texts[0]}"),
    )  # fmt: skip
    look_due(now())
    (facts,) = SavingsDay.objects.values_list("facts", flat=True)
    assert [rank[:2] for rank in facts["ranks"]] == [[1, 1], [1, 0]]
    assert facts["retrieved"] == ["rag"]


def test_dismissed_advice_comes_back_when_it_has_doubled(project: Project, alice: User) -> None:
    spend(project)
    look_due(now())
    one = SavingsAdvice.objects.get(kind="repeats")
    with pytest.raises(BadDismissal):
        dismiss(one, reason="  ", actor=alice)
    dismiss(one, reason="Prices change by the hour", actor=alice)
    assert AuditEntry.objects.filter(action="savings.dismissed").exists()
    later = now()
    SavingsReading.objects.update(month=None)
    look_due(later)
    one.refresh_from_db()
    assert one.state == "dismissed"
    SavingsAdvice.objects.update(dismissed_amount=one.amount // 2)
    SavingsReading.objects.update(month=None)
    look_due(later)
    one.refresh_from_db()
    assert one.state == "open"
    SavingsDay.objects.all().delete()
    SavingsReading.objects.update(month=None)
    look_due(later)
    one.refresh_from_db()
    assert one.state == "over"


def test_the_page_shows_amounts_evidence_and_traces(
    member_client: Client, stranger_client: Client, project: Project,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    assertContains(member_client.get(AT), "Not looked at yet")
    look_due(now())
    assertContains(member_client.get(AT), "Nothing worth saving")
    spend(project)
    assert look_due(now()) == 0
    SavingsReading.objects.update(looked_at=now() - timedelta(days=1))  # days that came late
    look_due(now())
    with django_assert_max_num_queries(20):
        page = member_client.get(AT)
    for said in ("Answer repeated requests from a cache", "$600", "All its traces", "Assumed:"):
        assertContains(page, said)
    assertNotContains(member_client.get(AT, headers={"HX-Request": "true"}), "<h1")
    one = SavingsAdvice.objects.get(kind="repeats")
    assert member_client.post(f"{AT}{one.pk}/dismiss/", {"reason": ""}).status_code == 409
    answer = member_client.post(f"{AT}{one.pk}/dismiss/", {"reason": "<b>No</b>"})
    assert answer.status_code == 303
    assertContains(member_client.get(AT), "&lt;b&gt;No&lt;/b&gt;")
    assert member_client.post(f"{AT}{one.pk}/reopen/").status_code == 303
    assert stranger_client.get(AT).status_code == 404


def test_rest_lists_and_dismisses(client: Client, project: Project) -> None:
    spend(project)
    look_due(now())
    headers = make_key(project, scopes=[Scope.READ, Scope.ADMIN]).headers
    told = client.get("/api/v1/savings", headers=headers).json()
    (one,) = (row for row in told["data"] if row["kind"] == "repeats")
    assert (one["amount_usd"], told["month_usd"]) == ("600", "1800")
    at = f"/api/v1/savings/{one['id']}"
    asked: dict[str, Any] = {"headers": headers, "content_type": "application/json"}
    assert client.post(f"{at}/dismiss", {"reason": " "}, **asked).status_code == 400
    gone = client.post(f"{at}/dismiss", {"reason": "No"}, **asked)
    assert (gone.status_code, gone.json()["state"]) == (200, "dismissed")
    assert client.post(f"{at}/reopen", {}, **asked).json()["state"] == "open"
