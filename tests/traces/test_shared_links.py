"""Links that share a trace's shape: no content, an end, revocable, every step in the audit log."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Project, User
from audit.models import AuditEntry
from tests.traces.seeing import call, span, store
from traces.ingest.record import Kind
from traces.models import TraceShare
from traces.queries import detail
from traces.queries.snapshots import MOST_SPANS, spans_of
from traces.queries.summaries import TraceSummary
from traces.services.sharing import (
    TOLD_EVERY,
    BadShare,
    empty_ended,
    open_share,
    revoke_share,
    share_trace,
    tell_views,
)

pytestmark = pytest.mark.django_db
SECRET = "Dana's order 88412"


@pytest.fixture
def shared(project: Project) -> TraceSummary:
    store(
        project,
        span("t", "a", name="resolve", kind=Kind.AGENT, lasts=8, input=SECRET, user_id=SECRET,
             session_id=SECRET, tags=[SECRET], metadata={"who": SECRET}),
        call("t", "b", parent_span_id="a", at=1, cost=0.02, input=SECRET, output=SECRET,
             status_message=SECRET, error_type=SECRET, attributes={"x": SECRET}),
    )  # fmt: skip
    found = detail.get_trace(project.pk, "t")
    assert found is not None
    return found


def entries() -> list[tuple[str, int | None]]:
    found = AuditEntry.objects.filter(action__startswith="trace.share").order_by("sequence")
    return [(entry.action, entry.details.get("views")) for entry in found]


def test_a_link_holds_the_shape_and_nothing_that_was_said(
    project: Project, shared: TraceSummary, alice: User
) -> None:
    share, token = share_trace(project, shared, days=7, actor=alice)
    kept = json.dumps(share.document)
    assert SECRET not in kept
    assert "88412" not in kept
    assert token not in json.dumps(list(TraceShare.objects.values()), default=str)
    spans = spans_of(share.document)
    assert [(one.name, one.kind, one.model) for one in spans] == [
        ("resolve", Kind.AGENT, None), ("answer", Kind.GENERATION, "gpt-4o"),
    ]  # fmt: skip
    assert spans[1].parent_span_id == spans[0].span_id
    assert share.document["models"] == [
        {"model": "gpt-4o", "calls": 1, "tokens_in": 100, "tokens_out": 20, "cost": 20_000_000}
    ]


def test_what_a_link_shows_does_not_grow_with_the_trace(
    project: Project, shared: TraceSummary, alice: User
) -> None:
    _, token = share_trace(project, shared, days=7, actor=alice)
    store(project, span("t", "later", parent_span_id="a", at=2, name="added"))
    opened = open_share(token)
    assert opened is not None
    assert len(opened.document["spans"]) == 2


def test_a_link_ends_by_itself_and_by_hand(
    project: Project, shared: TraceSummary, alice: User, bob: User
) -> None:
    first, token = share_trace(project, shared, days=1, actor=alice)
    second, other = share_trace(project, shared, days=90, actor=bob)
    assert open_share(token + "x") is None
    TraceShare.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert open_share(token) is None
    assert empty_ended() == 1
    assert not revoke_share(project, second.pk, actor=alice, any_author=False)
    assert revoke_share(project, second.pk, actor=alice, any_author=True)
    assert not revoke_share(project, second.pk, actor=alice, any_author=True)
    assert open_share(other) is None
    second.refresh_from_db()
    assert (second.document, second.revoked_by) == ({}, alice.email)
    for days in (0, 91):
        with pytest.raises(BadShare):
            share_trace(project, shared, days=days, actor=alice)


def test_views_are_told_at_once_and_then_together(
    project: Project, shared: TraceSummary, alice: User
) -> None:
    share, token = share_trace(project, shared, days=7, actor=alice)
    for _ in range(5):
        assert open_share(token) is not None
    assert entries() == [("trace.shared", None), ("trace.share_viewed", 1)]
    assert tell_views() == 0
    TraceShare.objects.update(told_at=timezone.now() - TOLD_EVERY * 2)
    assert tell_views() == 1
    assert entries()[-1] == ("trace.share_viewed", 4)
    share.refresh_from_db()
    assert share.views == share.views_told == 5


def test_a_large_trace_is_kept_in_part_and_says_how_large_it_is(
    project: Project, alice: User
) -> None:
    store(
        project,
        span("t", "r", lasts=30),
        *(span("t", f"s{n}", parent_span_id="r", at=n / 1000) for n in range(MOST_SPANS + 5)),
    )
    trace = detail.get_trace(project.pk, "t")
    assert trace is not None
    share, _ = share_trace(project, trace, days=7, actor=alice)
    assert len(share.document["spans"]) == MOST_SPANS
    assert share.document["span_count"] == MOST_SPANS + 6
