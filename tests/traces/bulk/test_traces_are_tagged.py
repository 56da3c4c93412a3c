"""Tags for many traces: they stay when traces are written again, and sent ones stay in any case."""

from __future__ import annotations

import pytest

from accounts.models import Project, User
from audit.models import AuditEntry
from tests.traces.bulk.working import ask, furnish, run, settle, wrong_figures
from tests.traces.seeing import call, store
from traces.models import BulkJob, Trace, TraceTag
from traces.services.annotations import MOST_TAGS, add_tags

pytestmark = pytest.mark.django_db(transaction=True)

TAG, UNTAG = BulkJob.Kind.TAG, BulkJob.Kind.UNTAG


def tags() -> dict[str, list[str]]:
    return {
        trace_id: [facet[2:] for facet in facets if facet.startswith("t:")]
        for trace_id, facets in Trace.objects.values_list("trace_id", "facets")
    }


def test_all_that_match_are_tagged_once(project: Project, bob: User) -> None:
    furnish(project, 4)
    options = {"tags": ["reviewed", "sent"]}
    job = run(ask(project, TAG, bob, q="user:u0", options=options))
    assert (job.state, job.total, job.changed) == ("done", 2, 2)
    assert tags() == {
        "t000": ["reviewed", "sent"],
        "t001": ["sent"],
        "t002": ["reviewed", "sent"],
        "t003": ["sent"],
    }
    assert set(TraceTag.objects.values_list("tag", "author")) == {("reviewed", bob.email)}
    again = run(ask(project, TAG, bob, q="user:u0", options=options))
    assert again.changed == 0
    assert AuditEntry.objects.filter(action="traces.tag_done").count() == 2


def test_they_stay_when_a_trace_is_written_and_settled_again(project: Project, bob: User) -> None:
    (name,) = furnish(project, 1)
    run(ask(project, TAG, bob, ids=[name], options={"tags": ["reviewed"]}))
    store(project, call(name, "more", ago=5, tags=["later"]))
    settle()
    assert tags() == {name: ["later", "reviewed", "sent"]}
    assert wrong_figures() == (0, 0)


def test_only_what_people_gave_is_taken_back(project: Project, bob: User) -> None:
    names = furnish(project, 2)
    add_tags(project, names[0], ["mine"], actor=bob)
    job = run(ask(project, UNTAG, bob, options={"tags": ["mine", "sent"]}))
    assert (job.total, job.changed) == (2, 1)
    assert tags() == {"t000": ["sent"], "t001": ["sent"]}
    assert not TraceTag.objects.exists()


def test_a_trace_that_has_as_many_as_it_may_is_left_alone(project: Project, bob: User) -> None:
    names = furnish(project, 2)
    add_tags(project, names[0], [f"tag {n}" for n in range(MOST_TAGS)], actor=bob)
    job = run(ask(project, TAG, bob, options={"tags": ["one more"]}))
    assert job.changed == 1
    assert "one more" in tags()[names[1]]
    assert "one more" not in tags()[names[0]]
