"""A change of prices reaches the spans it concerns, and the totals of their traces."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from audit.models import AuditEntry
from pricing.card import CostSource
from pricing.queries import table_for
from pricing.services.prices import end_price, remove_price
from tests.factories import make_project
from tests.traces.recordings import NAMES, decoded
from tests.traces.recosting import (
    AT_NOON,
    call,
    costs,
    counted_costs,
    run_jobs,
    state_price,
    store,
    trace_costs,
)
from tests.traces.stored import fetch
from traces.ingest.record import Kind
from traces.recosting.parts import recost_traces

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_price_prices_what_was_unpriced(project):
    store(project, call("a"), call("b", at=5), call("c", "t2"), call("d", "t2", model="other"))
    assert trace_costs() == {"t1": (0, 2), "t2": (0, 2)}
    state_price(project)
    (job,) = run_jobs()
    assert (job.state, job.seen, job.changed, job.newly_priced) == ("done", 3, 3, 3)
    assert costs() == {"a": 3_000_000, "b": 3_000_000, "c": 3_000_000, "d": None}
    assert trace_costs() == counted_costs() == {"t1": (6_000_000, 0), "t2": (3_000_000, 1)}
    assert fetch("select distinct cost_source from span where cost_nano is not null") == [
        (CostSource.PROJECT,)
    ]


def test_the_audit_says_what_was_changed(project):
    store(project, call("a"))
    state_price(project)
    run_jobs()
    entry = AuditEntry.objects.get(action="price.recosted")
    assert entry.project_id == project.pk
    assert entry.details["changed"] == 1
    assert entry.details["after_nano"] == "3000000"


def test_a_second_run_changes_nothing(project):
    store(project, call("a"), call("b"))
    state_price(project)
    run_jobs()
    state_price(project)  # the same again replaces it
    first, second = run_jobs()
    assert (first.changed, second.changed) == (2, 0)
    assert (second.seen, second.state) == (2, "done")


def test_other_projects_and_spans_that_repeat_others_stay(project):
    other = make_project("other")
    store(other, call("theirs"))
    store(project, call("agent", kind=Kind.AGENT, usage_counts=False))
    state_price(project)
    (job,) = run_jobs()
    assert (job.seen, job.changed) == (0, 0)
    assert costs() == {"theirs": None, "agent": None}


def test_a_price_of_a_provider_is_for_its_calls_alone(project):
    store(project, call("a"), call("b", provider="azure.ai.openai"), call("c", provider=None))
    state_price(project, provider="azure")
    run_jobs()
    assert costs() == {"a": None, "b": 3_000_000, "c": None}


def test_only_calls_within_the_period_change(project):
    store(project, call("before", at=-1), call("at"), call("within", at=59), call("end", at=60))
    state_price(project, valid_from=AT_NOON, valid_to=AT_NOON + timedelta(minutes=1))
    run_jobs()
    assert costs() == {"before": None, "at": 3_000_000, "within": 3_000_000, "end": None}


def test_after_a_price_is_removed_the_given_cost_counts_again(project):
    store(project, call("a", cost_given={"total": 0.5}), call("b"))
    assert costs() == {"a": 500_000_000, "b": None}
    price = state_price(project)
    run_jobs()
    assert costs() == {"a": 3_000_000, "b": 3_000_000}
    remove_price(price, actor=None)
    _, job = run_jobs()
    assert costs() == {"a": 500_000_000, "b": None}
    assert (job.newly_unpriced, job.changed) == (1, 2)
    assert trace_costs() == counted_costs()


def test_where_a_price_ends_the_base_table_holds_again(project):
    store(project, call("early", model="gpt-4o-mini"), call("late", model="gpt-4o-mini", at=100))
    base = 1000 * 150 + 1000 * 600
    assert costs() == {"early": base, "late": base}
    price = state_price(project, "gpt-4o*")
    run_jobs()
    end_price(price, AT_NOON + timedelta(seconds=50), actor=None)
    run_jobs()
    assert costs() == {"early": 3_000_000, "late": base}
    assert trace_costs() == counted_costs()


def test_parts_of_classes_and_the_service_are_read_from_what_is_stored(project):
    attributes = {"openai.response.service_tier": "batch"}
    details = {"in_cache_write_1h": 400}
    store(
        project,
        call("a", in_cache_write=1000, token_details=details, attributes=attributes),
    )
    prices = {
        "in_uncached": Decimal(1),
        "in_cache_write": Decimal(2),
        "in_cache_write_1h": Decimal(4),
        "out_text": Decimal(2),
    }
    state_price(project, prices=prices, batch_factor=Decimal("0.5"))
    run_jobs()
    # (1000·1 + 600·2 + 400·4 + 1000·2) · 0.5 µ$
    assert costs() == {"a": 2_900_000}


def test_a_call_that_arrived_in_parts_is_priced_when_it_is_whole(project):
    store(project, call("a", model="gpt-4o-mini", in_uncached=None, out_text=None))
    store(project, call("a", model=None, provider=None))
    assert costs() == {"a": None}
    assert recost_traces(project.pk, ["t1"], table_for(project.pk)) == 1
    assert costs() == {"a": 750_000}
    assert trace_costs() == counted_costs() == {"t1": (750_000, 0)}
    assert recost_traces(project.pk, ["t1"], table_for(project.pk)) == 0


@pytest.mark.parametrize("name", NAMES)
def test_recorded_calls_cost_the_same_when_computed_again(project, name):
    store(project, *(record for request in decoded(name, "json") for record in request.records))
    before = fetch("select span_id, cost_nano, cost_source from span order by span_id")
    state_price(project, "no-such-model*")
    price = state_price(project, "*", prices={"in_uncached": Decimal(1)})
    remove_price(price, actor=None)
    jobs = run_jobs()
    assert jobs[-1].state == "done"
    assert fetch("select span_id, cost_nano, cost_source from span order by span_id") == before
    assert trace_costs() == counted_costs()
