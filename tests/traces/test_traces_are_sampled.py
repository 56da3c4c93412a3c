"""Of a project that samples its share stays, and errors, slow and scored ones beyond it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Project
from tests.factories import make_project
from tests.traces.stored import NOON, SECOND, connect, fetch, open_store, rows, span
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.ingest.record import Level, SpanRecord
from traces.queries.limits import Limits
from traces.queries.sampling import came_too_late, sampled_away, was_sampled_away
from traces.queries.usage import Scope, span_figures, trace_figures
from traces.rollups.repair import compare
from traces.sampling.share import is_in_share, place_of
from traces.services.limits import set_limits, spend
from traces.services.sampling import forget_sampled_traces, sample_traces

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.fromtimestamp(NOON / SECOND, UTC).replace(hour=0)
TOMORROW = DAY + timedelta(days=1)
NONE = Limits(keep_percent=Decimal(0), wait_minutes=0)
USAGE: dict[str, Any] = {"model": "gpt-4o", "in_uncached": 100, "out_text": 20}
USAGE["cost_given"] = {"total": 0.01}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settled without waiting three seconds for it."""
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)


def send(project: Project, *records: SpanRecord) -> None:
    with open_store() as store:
        store.write(rows(*records, project_id=project.pk))
    with connect() as link:
        settle_what_is_due(link)


def kept() -> list[str]:
    return [row[0] for row in fetch("select trace_id from trace order by 1")]


def feedback(project: Project, table: str, trace_id: str, session_id: str | None = None) -> None:
    value = "data_type, source, num" if table == "score" else "value"
    values = "'number', 'code', 1" if table == "score" else "1"
    with connect() as link:
        link.execute(
            f"insert into {table} (project_id, trace_id, id, session_id, name, {value}, at, "
            f"created_at, updated_at) values (%s, %s, 'x' || random(), %s, 'n', {values}, now(), "
            "now(), now())",
            [project.pk, trace_id, session_id],
        )


def test_a_share_is_the_same_everywhere_and_grows_without_losing_any() -> None:
    ids = [f"{number:032x}" for number in range(20_000)]
    shares = {percent: {i for i in ids if is_in_share(i, Decimal(percent))} for percent in (10, 30)}
    assert shares[10] < shares[30]
    assert 0.09 < len(shares[10]) / len(ids) < 0.11
    assert place_of("0af7651916cd43dd8448eb211c80319c") == 7551
    assert not any(is_in_share(i, Decimal(0)) for i in ids)
    assert all(is_in_share(i, Decimal(100)) for i in ids)


def test_the_share_stays_and_the_rest_is_gone_from_every_table(project: Project) -> None:
    other = make_project("other")
    set_limits(project, Limits(keep_percent=Decimal(50), wait_minutes=0), actor=None)
    ids = [f"t{number}" for number in range(40)]
    send(project, *(span("a", each, **USAGE) for each in ids))
    send(other, *(span("a", each) for each in ids))
    expected = [each for each in ids if is_in_share(each, Decimal(50))]
    assert 0 < len(expected) < 40
    assert sample_traces() == 40 - len(expected)
    for table in ("trace", "span", "span_content", "trace_words", "trace_counted"):
        found = fetch(f"select distinct trace_id from {table} where project_id = {project.pk}")
        assert sorted(row[0] for row in found) in ([], sorted(expected)), table
        assert fetch(f"select count(*) from {table} where project_id = {other.pk}") == [(40,)]
    assert sample_traces() == 0


def test_what_must_be_seen_stays(project: Project) -> None:
    set_limits(
        project,
        Limits(
            keep_percent=Decimal(0),
            slow_ms=5_000,
            keep_features=("refunds",),
            keep_tags=("vip",),
            wait_minutes=0,
        ),
        actor=None,
    )
    send(
        project,
        span("a", "plain"),
        span("a", "failed"),
        span("b", "failed", parent_span_id="a", level=Level.ERROR),
        span("a", "slow", lasts=6),
        span("a", "feature", feature="refunds"),
        span("a", "tag", tags=["vip", "x"]),
        span("a", "scored"),
        span("a", "outcome"),
        span("a", "session", session_id="s1"),
        span("a", "open", lasts=None),
        span("a", "rootless", parent_span_id="elsewhere"),
    )
    feedback(project, "score", "scored")
    feedback(project, "outcome", "outcome")
    feedback(project, "score", "", "s1")
    with connect() as link:  # the open ones ended just now
        link.execute("update trace set end_time = now() where trace_id in ('open', 'rootless')")
    assert sample_traces() == 1
    assert "plain" not in kept()
    assert len(kept()) == 9
    with connect() as link:  # nothing came for an hour: judged as they are
        link.execute("update trace set end_time = now() - interval '2 hours'")
        link.execute("update sampling_candidate set due_at = now()")
    assert sample_traces() == 2
    assert {"open", "rootless"}.isdisjoint(kept())


def test_a_trace_waits_for_its_scores_until_it_was_quiet(project: Project) -> None:
    set_limits(project, Limits(keep_percent=Decimal(0), wait_minutes=15), actor=None)
    send(project, span("a", "t"))
    assert sample_traces() == 0
    [(wait,)] = fetch("select extract(epoch from due_at - now()) from sampling_candidate")
    assert 890 < wait <= 900
    with connect() as link:
        link.execute("update sampling_candidate set due_at = now()")
    with open_store() as store:  # written to again, not settled yet
        store.write(rows(span("b", "t", parent_span_id="a"), project_id=project.pk))
    assert sample_traces() == 0
    with connect() as link:
        settle_what_is_due(link)
    [(wait,)] = fetch("select extract(epoch from due_at - now()) from sampling_candidate")
    assert wait > 890
    # A greater share lets go what the lesser one had chosen.
    set_limits(project, Limits(keep_percent=Decimal(100)), actor=None)
    assert fetch("select * from sampling_candidate") == []


def test_figures_are_whole_and_say_what_was_sampled_away(project: Project) -> None:
    set_limits(project, Limits(keep_percent=Decimal(0), wait_minutes=0), actor=None)
    send(
        project,
        span("a", "gone", **USAGE),
        span("b", "gone", parent_span_id="a", **USAGE),
        span("a", "bad", level=Level.ERROR, **USAGE),
    )
    scope = Scope(project.pk, DAY, TOMORROW)
    [before], [traces_before] = span_figures(scope), trace_figures(scope)
    assert sample_traces() == 1
    [after], [traces] = span_figures(scope), trace_figures(scope)
    assert (after.spans, after.cost_nano, after.tokens, after.calls) == (
        before.spans, before.cost_nano, before.tokens, before.calls
    )  # fmt: skip
    assert (before.sampled, after.sampled) == (0, 2)
    assert traces.traces == traces_before.traces == 2
    gone = sampled_away(project.pk, DAY, TOMORROW)
    assert (gone.traces, gone.spans, gone.calls, gone.cost_nano) == (1, 2, 1, 10_000_000)
    assert (gone.tokens_in, gone.tokens_out) == (100, 20)
    with connect() as link:
        found = compare(link, DAY, TOMORROW)
    assert (found.wrong, found.missed) == (0, 0)
    assert sampled_away(project.pk, TOMORROW).traces == 0


def test_spans_after_the_end_are_judged_again_and_the_trace_counts_once(project: Project) -> None:
    set_limits(project, Limits(keep_percent=Decimal(0), wait_minutes=30), actor=None)
    send(project, span("a", "t", **USAGE))
    with connect() as link:
        link.execute("update sampling_candidate set due_at = now()")
    assert sample_traces() == 1
    send(project, span("b", "t", parent_span_id="a", **USAGE))
    assert kept() == ["t"]
    sample_traces()  # at once: it had its time
    assert kept() == []
    gone = sampled_away(project.pk, DAY, TOMORROW)
    assert (gone.traces, gone.spans) == (1, 2)
    send(project, span("c", "t", parent_span_id="a", level=Level.ERROR))
    sample_traces()
    assert kept() == ["t"]  # what is left of it is an error
    assert fetch("select span_id from span") == [("c",)]


def test_a_score_after_the_end_is_taken_and_counted_as_too_late(project: Project) -> None:
    set_limits(project, NONE, actor=None)
    send(project, span("a", "t"))
    assert sample_traces() == 1
    hour_ago = timezone.now() - timedelta(hours=1)
    assert came_too_late(project.pk, hour_ago) == 0
    feedback(project, "score", "t")
    feedback(project, "score", "never came")
    assert came_too_late(project.pk, hour_ago) == 1
    assert was_sampled_away(project.pk, "t")
    with connect() as link:
        link.execute("update sampled_trace set at = now() - interval '3 days'")
    assert forget_sampled_traces() == 1


def test_over_the_quota_of_the_day_only_what_must_be_seen_stays(project: Project) -> None:
    set_limits(project, Limits(spans_per_day=100, wait_minutes=0), actor=None)
    spend({project.pk: 90.0})
    send(project, span("a", "before"))
    assert sample_traces() == 0
    assert spend({project.pk: 20.0})[project.pk].is_over_day
    send(project, span("a", "after"), span("a", "failed", level=Level.ERROR))
    assert sample_traces() == 1
    assert kept() == ["before", "failed"]
    with connect() as link:  # the next day
        link.execute("update intake_allowance set day = day - 1")
    assert not spend({project.pk: 5.0})[project.pk].is_over_day
    send(project, span("a", "tomorrow"))
    assert sample_traces() == 0
