"""What evaluators cost is never in the cost of a trace, on any page and in any sum."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, Scope
from accounts.verification import forget
from tests.factories import make_key
from tests.traces.recosting import run_jobs, state_price
from tests.traces.stored import NOON, SECOND, connect, fetch, open_store, rows, span
from traces.digest import queue
from traces.digest.evaluating import Place, evaluating
from traces.digest.settle import settle_what_is_due
from traces.ingest.record import Kind, SpanRecord
from traces.queries.detail import get_trace
from traces.queries.usage import Scope as FiguresScope
from traces.queries.usage import span_figures
from traces.rollups.compaction import fold
from traces.rollups.repair import compare
from traces.services.remap import remap_spans

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.fromtimestamp(NOON / SECOND, UTC).replace(hour=0)
TOMORROW = DAY + timedelta(days=1)
COSTLY: dict[str, Any] = {"model": "m", "in_uncached": 1_000, "out_text": 0}
TABLES = (
    "span, span_content, trace, usage_hour, usage_day, user_day, user_counted, trace_hour, "
    "trace_counted, trace_words, uncounted"
)
OWN, JUDGED = 20_000_000, 5_000_000


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settled without waiting three seconds for it."""
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)
    forget()


def judged() -> list[SpanRecord]:
    """An answer, and a judge after it that calls a model two levels below itself."""
    return [
        span("r", kind=Kind.AGENT, lasts=8, user_id="u", session_id="s", environment="production"),
        span("a", parent_span_id="r", at=1, cost_given={"total": 0.02}, **COSTLY),
        span("j", parent_span_id="r", at=9, kind=Kind.EVALUATOR),
        span("c", parent_span_id="j", at=9, kind=Kind.CHAIN),
        span("k", parent_span_id="c", at=9, cost_given={"total": 0.005}, **COSTLY),
    ]


def settle() -> None:
    with connect() as link:
        settle_what_is_due(link)


def stands() -> tuple[Any, ...]:
    """Totals of the trace, sums by hour and by user."""
    [trace] = fetch("select cost_nano, evaluator_nano, tokens_in, call_count from trace")
    [hour] = fetch("select sum(cost_nano), sum(evaluator_nano), sum(calls) from usage_hour")
    [user] = fetch("select sum(cost_nano), sum(calls) from user_day")
    return trace, hour, user


EXPECTED = ((OWN, JUDGED, 2_000, 2), (OWN, JUDGED, 2), (OWN, 2))


def test_they_are_apart_in_every_order_of_arrival_and_after_repeats(project: Project) -> None:
    for number, order in enumerate(itertools.permutations(judged())):
        if number % 17:
            continue
        with open_store() as store:
            for one in (*order, order[0], order[-1]):
                store.write(rows(one, project_id=project.pk))
                if number % 2:
                    settle()
            settle()
        assert stands() == EXPECTED
        with connect() as link:
            assert compare(link, DAY, TOMORROW).wrong == 0
            link.execute(f"truncate {TABLES}")


def test_a_late_parent_moves_the_cost_back_and_forth(project: Project) -> None:
    with open_store() as store:
        store.write(rows(*(one for one in judged() if one.span_id != "c"), project_id=project.pk))
        settle()
        assert stands()[0][:2] == (OWN + JUDGED, 0)  # nobody knows yet whose call it was
        store.write(rows(judged()[3], project_id=project.pk))
        settle()
    assert stands() == EXPECTED


def test_new_prices_and_remapping_keep_them_apart(project: Project) -> None:
    with open_store() as store:
        told = [
            span(one.span_id, parent_span_id=one.parent_span_id, kind=one.kind, user_id="u",
                     at=(one.start_ns - NOON) / SECOND, lasts=1,
                     **(COSTLY if one.span_id in "ak" else {}))
                for one in judged()]  # fmt: skip
        store.write(rows(*told, project_id=project.pk))
        settle()
    assert stands()[0][:2] == (0, 0)
    state_price(project, "m")
    run_jobs()
    [trace, hour, user] = stands()
    assert trace[0] == trace[1] == hour[0] == hour[1] == user[0] > 0
    with connect() as link:
        remap_spans(link, [project], DAY, TOMORROW)
        settle()
        fold(link)
        assert compare(link, DAY, TOMORROW).wrong == 0
    assert stands()[0] == trace
    [found] = span_figures(FiguresScope(project.pk, DAY, TOMORROW))
    assert found.cost_nano == found.evaluator_nano == trace[0]


def test_one_figure_everywhere(project: Project, member_client: Client) -> None:
    with open_store() as store:
        store.write(rows(*judged(), project_id=project.pk))
    settle()
    around = f"t={DAY:%Y-%m-%dT%H:%MZ}..{TOMORROW:%Y-%m-%dT%H:%MZ}"
    for path in ("traces/", "sessions/", "sessions/s/", "users/", "users/u/", ""):
        html = member_client.get(f"/p/support/{path}?{around}").content.decode()
        assert "$0.0200" in html, path
        assert "$0.0250" not in html, path
    strip = member_client.get("/p/support/traces/t1/").content.decode()
    assert strip.index("<dt>Evaluators</dt>") < strip.index("$0.0050")
    assert (
        "evaluators $0.0050 beside it"
        in member_client.get(f"/p/support/?{around}").content.decode()
    )
    found = member_client.get(f"/p/support/traces/?{around}&q=cost>$0.021").content.decode()
    assert 'data-id="t1"' not in found
    key = make_key(project, scopes=[Scope.READ])
    told = Client().get("/api/v1/traces/t1", headers=key.headers).json()
    assert (told["cost_usd"], told["evaluator_cost_usd"]) == ("0.02", "0.005")


def test_a_trace_of_evaluators_alone_has_its_cost_and_an_unpriced_one_has_none(
    project: Project,
) -> None:
    call: dict[str, Any] = {"parent_span_id": "j", "cost_given": {"total": 0.005}, **COSTLY}
    alone = [span("j", "own", kind=Kind.EVALUATOR), span("k", "own", **call)]
    dear = [
        span("a", "dear", model="nobody-knows", in_uncached=5),
        span("j", "dear", parent_span_id="a", kind=Kind.EVALUATOR),
        span("k", "dear", **call),
    ]
    with open_store() as store:
        store.write(rows(*alone, *dear, project_id=project.pk))
    settle()
    own, unpriced = (get_trace(project.pk, one) for one in ("own", "dear"))
    assert own is not None
    assert unpriced is not None
    assert (own.cost, own.evaluator_cost) == (JUDGED, None)
    assert (unpriced.cost, unpriced.evaluator_cost, unpriced.is_unpriced) == (None, JUDGED, True)


def test_whatever_stands_below_is_found_in_any_shape() -> None:
    shapes = [
        ([("r", None, 4), ("j", "r", 8), ("k", "j", 1)], {"j", "k"}),
        ([("j", None, 8), ("k", "j", 1)], set()),
        ([("r", None, 4), ("k", "gone", 1)], set()),
        ([("r", None, 4), ("a", "b", 8), ("b", "a", 1)], {"a", "b"}),
        ([("r", "r", 8), ("x", None, 0)], {"r"}),
    ]  # fmt: skip
    for places, expected in shapes:
        assert evaluating([Place(*one) for one in places]) == expected
