"""A preview says what a change would do, and the job then does just that."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from pricing.recosting import models_seen
from pricing.services.prices import preview_remove, preview_set
from pricing.terms import Terms
from tests.traces.recosting import AT_NOON, call, run_jobs, state_price, store
from tests.traces.stored import fetch
from traces.ingest.record import Kind, Level
from traces.recosting import preview

pytestmark = pytest.mark.django_db(transaction=True)
DAY = 86_400
OURS = Terms("our-model", {"in_uncached": Decimal(1), "out_text": Decimal(2)})


def test_it_is_what_the_job_then_does(project):
    store(project, call("a"), call("b", at=-DAY), call("c", model="gpt-4o"))
    told = preview_set(project, OURS)
    assert (told.spans, told.changed, told.newly_priced, told.is_exact) == (2, 2, 2, True)
    assert [(day.spans, day.before_nano, day.after_nano) for day in told.days] == [
        (1, 0, 3_000_000),
        (1, 0, 3_000_000),
    ]
    assert told.days[0].day == AT_NOON.date()
    state_price(project)
    (job,) = run_jobs()
    assert (job.changed, job.after_nano) == (told.changed, told.after_nano)


def test_nothing_is_written(project):
    store(project, call("a"))
    preview_set(project, OURS)
    assert fetch("select cost_nano from span") == [(None,)]
    assert fetch("select count(*) from pricing_price") == [(0,)]


def test_a_removal_shows_what_becomes_unpriced(project):
    price = state_price(project)
    store(project, call("a"), call("b", cost_given={"total": "0.25"}))
    told = preview_remove(price)
    assert (told.before_nano, told.after_nano) == (6_000_000, 250_000_000)
    assert (told.changed, told.newly_unpriced) == (2, 1)


def test_of_many_a_part_is_computed_and_scaled(project, monkeypatch):
    monkeypatch.setattr(preview, "LOOKED_AT", 100)
    store(project, *(call(f"s{n}", f"t{n}", at=n - DAY * (n % 2)) for n in range(600)))
    told = preview_set(project, OURS)
    assert (told.spans, told.is_exact) == (600, False)
    assert 50 < told.looked_at < 200
    # All calls are alike, so even a part tells exactly.
    assert (told.changed, told.after_nano) == (600, 600 * 3_000_000)
    assert [day.spans for day in told.days] == [300, 300]


def test_a_change_that_concerns_nothing(project):
    later = Terms("our-model", OURS.prices, valid_from=AT_NOON + timedelta(days=400))
    assert preview_set(project, later).spans == 0


def test_the_models_in_use_are_listed_unpriced_first(project):
    failed = {"level": Level.ERROR, "in_uncached": None, "out_text": None}
    store(
        project,
        *(call(f"g{n}", model="gpt-4o", model_requested="gpt-4o") for n in range(3)),
        call("a", model="our-model", model_requested="alias"),
        call("b", model="bad-model", **failed),
        call("agent", kind=Kind.AGENT, usage_counts=False),
    )
    seen = models_seen(project.pk)
    assert seen is not None
    assert [(m.model, m.requested, m.calls, m.unpriced) for m in seen.models] == [
        ("our-model", "alias", 1, 1),
        ("gpt-4o", None, 3, 0),
        ("bad-model", None, 1, 0),
    ]
    assert seen.models[1].cost_nano == 3 * (1000 * 2_500 + 1000 * 10_000)
