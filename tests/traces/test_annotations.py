"""Tags and notes that people give: they stay, are audited, and what was sent is not taken away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Project, User
from audit.models import AuditEntry
from tests.traces.seeing import call, span, store
from traces.digest import queue
from traces.models import Score, ScoreDefinition, Trace, TraceNote, TraceTag
from traces.queries.criteria import Criteria
from traces.queries.lists import list_traces
from traces.services import settle_traces
from traces.services.annotations import (
    MOST_TAGS,
    BadAnnotation,
    Verdict,
    add_note,
    add_tags,
    delete_note,
    forget_gone,
    give_verdicts,
    remove_tags,
)
from traces.services.scores import NotRecorded

pytestmark = pytest.mark.django_db


def facets(project: Project) -> list[str]:
    return Trace.objects.get(project_id=project.pk, trace_id="t").facets


def actions(project: Project) -> list[str]:
    entries = AuditEntry.objects.filter(project_id=project.pk, action__startswith="trace.")
    return list(entries.order_by("sequence").values_list("action", flat=True))


def test_a_tag_is_found_in_the_list_and_stays_when_more_spans_come(
    trace: Project, alice: User
) -> None:
    store(trace, span("t", "d", parent_span_id="a", tags=["sent"]))
    assert add_tags(trace, "t", ["  golden  set ", "sent", "golden set", ""], actor=alice) == [
        "golden set"
    ]
    store(trace, span("t", "e", parent_span_id="a", at=4))
    assert {"t:golden set", "t:sent"} <= set(facets(trace))
    page = list_traces(trace.pk, Criteria(tag="golden set"))
    assert [row.trace_id for row in page.rows] == ["t"]
    assert remove_tags(trace, "t", ["golden set", "absent"], actor=alice) == ["golden set"]
    assert "t:golden set" not in facets(trace)
    with pytest.raises(BadAnnotation, match="was sent with the trace"):
        remove_tags(trace, "t", ["sent"], actor=alice)
    assert actions(trace) == ["trace.tagged", "trace.untagged"]
    assert not TraceTag.objects.exists()


def test_bad_tags_are_refused_with_the_limit(trace: Project, alice: User) -> None:
    with pytest.raises(BadAnnotation, match="200 characters"):
        add_tags(trace, "t", ["x" * 201], actor=alice)
    with pytest.raises(BadAnnotation, match="50 tags"):
        add_tags(trace, "t", [f"tag {n}" for n in range(MOST_TAGS + 1)], actor=alice)
    with pytest.raises(Trace.DoesNotExist):
        add_tags(trace, "absent", ["a"], actor=alice)
    assert actions(trace) == []


def test_a_note_is_deleted_by_its_author_or_an_admin(
    trace: Project, alice: User, bob: User
) -> None:
    note = add_note(trace, "t", " The refund is wrong. ", actor=alice, span_id="c")
    assert (note.text, note.span_id, note.author) == ("The refund is wrong.", "c", alice.email)
    assert not delete_note(trace, "t", note.pk, actor=bob, any_author=False)
    assert not delete_note(trace, "other", note.pk, actor=alice, any_author=True)
    assert delete_note(trace, "t", note.pk, actor=bob, any_author=True)
    for text in ("", " ", "x" * 10_001, "a\0b"):
        with pytest.raises(BadAnnotation):
            add_note(trace, "t", text, actor=alice)
    assert actions(trace) == ["trace.noted", "trace.note_deleted"]
    entry = AuditEntry.objects.filter(action="trace.noted").get()
    assert "refund" not in str(entry.details)  # the log says that, not what


def test_a_person_has_one_score_by_each_definition(trace: Project, alice: User) -> None:
    helpful = ScoreDefinition.objects.create(project=trace, name="helpful", data_type="boolean")
    tone = ScoreDefinition.objects.create(
        project=trace, name="tone", data_type="number", minimum=1, maximum=5
    )
    give_verdicts(
        trace, "t", [Verdict(helpful, True), Verdict(tone, 4, "Warm.")], actor=alice, span_id="b"
    )
    assert give_verdicts(trace, "t", [Verdict(tone, 2)], actor=alice, span_id="b") == 1
    found = {score.name: score for score in Score.objects.filter(project_id=trace.pk)}
    assert (found["tone"].num, found["tone"].source) == (2, "human")
    assert (found["helpful"].num, found["helpful"].author) == (1, alice.email)
    with pytest.raises(NotRecorded) as refused:
        give_verdicts(trace, "t", [Verdict(helpful, None), Verdict(tone, 9)], actor=alice)
    assert [fault.index for fault in refused.value.faults] == [1]
    assert give_verdicts(trace, "t", [Verdict(helpful, None)], actor=alice, span_id="b") == 1
    assert not Score.objects.filter(project_id=trace.pk, name="helpful").exists()


def test_what_was_said_of_a_trace_goes_with_it(trace: Project, alice: User) -> None:
    add_tags(trace, "t", ["kept"], actor=alice)
    add_note(trace, "t", "Kept.", actor=alice)
    old = timezone.now() - timedelta(days=2)
    TraceNote.objects.update(at=old)
    TraceTag.objects.update(at=old)
    assert forget_gone() == 0
    Trace.objects.filter(project_id=trace.pk).delete()
    assert forget_gone() == 2


@pytest.mark.django_db(transaction=True)
def test_a_tag_stays_when_the_trace_is_settled(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)
    store(project, call("t", "a", tags=["sent"]))
    add_tags(project, "t", ["golden"], actor=alice)
    assert settle_traces() == 1
    assert {"t:golden", "t:sent"} <= set(facets(project))
