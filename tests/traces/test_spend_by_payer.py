"""Spend by user segment, key and route is what the spans say, whatever happened to the spans."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Project
from tests.traces.stored import connect, fetch, open_store, rows, span
from tests.traces.test_figures_by_hour import DAY, NOON, any_span, at_once, compared, settle
from traces.ingest.pipeline import prepare_records
from traces.ingest.record import Kind, SpanRecord
from traces.ingest.wire.decode import Decoded
from traces.queries.limits import Limits
from traces.queries.spend import OTHER, Payer, spend_figures
from traces.queries.usage import Scope, span_figures
from traces.rollups import spend_upkeep
from traces.rollups.compaction import fold
from traces.rollups.spend import KEYS, SUMS
from traces.services.deletion import delete_traces
from traces.services.limits import set_limits
from traces.services.sampling import sample_traces

pytestmark = pytest.mark.django_db(transaction=True)
_ = at_once  # used by every test here as well
USED: dict[str, Any] = {"model": "gpt-4o", "in_uncached": 100, "cost_given": {"total": 0.01}}
CENT = 10_000_000


def figures(table: str = "spend_hour") -> list[tuple[Any, ...]]:
    keys, sums = ", ".join(KEYS), ", ".join(f"sum({name})" for name in SUMS)
    having = " or ".join(f"sum({name}) <> 0" for name in SUMS)
    return fetch(
        f"select {keys}, {sums} from {table} group by {keys} having {having} order by {keys}"
    )


def sent(*records: SpanRecord, key_id: int | None = None, project_id: int = 1) -> None:
    with open_store() as store:
        store.write(prepare_records(Decoded(list(records)), project_id, key_id=key_id).spans)


def by(payer: Payer, project_id: int = 1) -> dict[str, int]:
    return {one.key[0]: one.cost_nano for one in spend_figures(Scope(project_id, *DAY), payer)}


def folded() -> None:
    with connect() as link:
        fold(link)


@pytest.mark.parametrize("seed", range(6))
def test_it_is_that_of_the_spans_after_anything(seed: int) -> None:
    chance = random.Random(seed)
    for _round in range(5):
        records = [any_span(chance) for _each in range(chance.randrange(1, 8))]
        for record in records:
            record.user_segment = chance.choice((None, "free", "pro"))
            record.route = chance.choice((None, None, "cheap"))
        sent(*records, key_id=chance.choice((None, 1, 2)))
        if chance.random() < 0.5:
            settle()
        if chance.random() < 0.5:
            before = figures()
            folded()
            assert figures() == before
        assert compared()[0] == 0
    settle()
    assert compared() == (0, 0)
    folded()
    assert figures() == figures("spend_day")
    delete_traces(1, ["t0", "t1", "t2"])
    assert figures() == []


def test_a_segment_said_on_the_root_holds_for_the_calls_below() -> None:
    root = span("root", kind=Kind.AGENT, user_segment="pro", route="cheap")
    call = span("call", parent_span_id="root", at=1, **USED)
    other = span("other", parent_span_id="root", at=2, user_segment="free", **USED)
    sent(call, other, root, span("alone", parent_span_id="lost", at=3, **USED))
    settle()
    assert by(Payer.SEGMENT) == {"pro": 2 * CENT, "free": CENT}
    assert by(Payer.ROUTE) == {"cheap": 2 * CENT}
    sent(span("root", kind=Kind.AGENT, user_segment="trial"))
    settle()
    assert by(Payer.SEGMENT) == {"trial": 2 * CENT, "free": CENT}
    assert compared() == (0, 0)


def test_what_was_sampled_away_was_spent(project: Project) -> None:
    set_limits(project, Limits(keep_percent=Decimal(0), wait_minutes=0), actor=None)
    sent(span(user_segment="pro", **USED), key_id=7, project_id=project.pk)
    settle()
    assert sample_traces() == 1
    assert by(Payer.SEGMENT, project.pk) == {"pro": CENT}
    assert by(Payer.KEY, project.pk) == {"7": CENT}
    assert compared() == (0, 0)
    sent(span(user_segment="pro", **USED), key_id=7, project_id=project.pk)
    settle()
    sample_traces()
    assert by(Payer.SEGMENT, project.pk) == {"pro": CENT}


def test_values_beyond_the_bound_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "traces.rollups.compaction._FOLDS",
        (spend_upkeep.FOLD_SPEND.replace(f"<= {spend_upkeep.MOST_VALUES}", "<= 2"),),
    )
    for place, cost in enumerate((1, 5, 3)):
        given = {**USED, "cost_given": {"total": cost}}
        sent(span(f"s{place}", user_segment=f"user {place}", **given))
    folded()
    assert {name: cost // 10**9 for name, cost in by(Payer.SEGMENT).items()} == {
        "user 1": 5, "user 2": 3, OTHER: 1,
    }  # fmt: skip
    assert compared() == (0, 0)
    sent(span("s9", user_segment="user 9", **USED), span("s0", user_segment="user 0", **USED))
    folded()
    assert set(by(Payer.SEGMENT)) == {"user 1", "user 2", OTHER}
    delete_traces(1, ["t1"])
    assert compared() == (0, 0)
    folded()
    assert figures() == figures("spend_day") == []


@pytest.mark.parametrize(
    "fault",
    [
        "update spend_hour set calls = calls + 3, cost_nano = 7",
        "delete from spend_hour",
        "insert into spend_hour select * from spend_hour",
    ],
)
def test_what_is_wrong_is_repaired(fault: str) -> None:
    sent(span(user_segment="pro", route="cheap", **USED), key_id=3)
    settle()
    folded()
    before = figures()
    with connect() as link:
        link.execute(fault)
    assert compared() == (1, 0)
    assert compared() == (0, 0)
    folded()
    assert figures() == before


def test_sums_are_those_of_usage_over_days_and_hours() -> None:
    for place in range(30):
        sent(
            span(f"s{place}", f"t{place}", at=-3600 * place, user_segment="pro", **USED),
            key_id=1,
        )
        if place == 20:
            folded()
    for hours in (1, 5, 20, 40):
        scope = Scope(1, NOON - timedelta(hours=hours), NOON + timedelta(hours=3))
        [usage] = span_figures(scope)
        [spend] = spend_figures(scope, Payer.SEGMENT, ())
        assert (spend.calls, spend.cost_nano) == (usage.calls, usage.cost_nano)
        assert sum(one.calls for one in spend_figures(scope, Payer.KEY, ("hour",))) == usage.calls
    assert rows(span())[0].row[-2] is None
