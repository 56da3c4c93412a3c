"""Pairwise judges compare a run's answers with those of a baseline run, item by item."""

from __future__ import annotations

import pytest

from accounts.models import Project
from evals.models import Experiment, ItemRevision, Judgement
from evals.queries.estimates import estimate
from evals.queries.pairs import pairs_of
from evals.services.experiments import delete_experiment, retry_failed, start_experiment
from evals.values.plans import Plan
from tests.evals.pairs import BEATEN, BEATS, ORDER, judged, planned
from tests.evals.running import run, upstream
from tests.provider import Provider

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_each_answer_is_compared_with_the_same_items_of_the_baseline(
    project: Project, upstream: Provider
) -> None:
    plan, baseline = planned(project, upstream, [[BEATEN], [BEATS], [ORDER]])
    experiment = start_experiment(project, plan, actor=None)
    assert experiment.baseline_label == "#1 before"
    run()
    experiment.refresh_from_db()
    assert (experiment.state, experiment.judged, experiment.to_judge) == ("done", 4, 4)
    rows = judged(experiment)
    assert [(one.label, one.num) for one in rows] == [
        ("better", 1.0), ("worse", 0.0), ("tie", 0.5), (None, None),
    ]  # fmt: skip
    assert [one.other and one.other.experiment_id for one in rows] == [baseline.pk] * 3 + [None]
    assert all(one.other.item_key == one.result.item_key for one in rows[:3])  # type: ignore[union-attr]
    assert rows[3].reason == "No counterpart: run 1 has no answer to this item."
    assert (rows[3].state, rows[3].cost_nano) == ("done", 0)
    assert len(upstream.answers) == 4 + 6
    found = pairs_of([experiment])[experiment.pk]["preferred"]
    assert (found.rate.wins, found.rate.ties, found.rate.losses) == (1, 1, 1)
    assert (found.rate.rate, found.lacking) == (0.5, 1)


def test_repeats_pair_in_turn_where_the_baseline_has_fewer(
    project: Project, upstream: Provider
) -> None:
    plan, _ = planned(project, upstream, [[BEATEN, BEATS], [BEATS]], repeats=3, most_items=4)
    experiment = start_experiment(project, plan, actor=None)
    run()
    pairs = {
        (one.result.item_key, one.result.repeat): one.other.repeat
        for one in judged(experiment)
        if one.other and one.result
    }
    first, second = "g-0000", "g-0001"
    assert [pairs[first, repeat] for repeat in (1, 2, 3)] == [1, 2, 1]
    assert [pairs[second, repeat] for repeat in (1, 2, 3)] == [1, 1, 1]
    found = pairs_of([experiment])[experiment.pk]["preferred"]
    assert (found.rate.wins, found.rate.losses, found.lacking) == (2, 4, 6)


def test_an_item_that_asks_something_else_now_or_was_held_out_has_no_counterpart(
    project: Project, upstream: Provider
) -> None:
    plan, baseline = planned(project, upstream, [[BEATEN]] * 4)
    first, second = baseline.results.order_by("item_key")[:2]
    old = ItemRevision.objects.get(pk=first.revision_id or 0)
    old.pk, old.since, old.until, old.input = None, 2, 3, {"question": "Who?"}
    old.save()
    baseline.results.filter(pk=first.pk).update(revision=old)
    baseline.results.filter(pk=second.pk).update(is_held_out=True)
    experiment = start_experiment(project, plan, actor=None)
    run()
    rows = judged(experiment)
    assert [one.label for one in rows] == [None, None, "better", "better"]
    assert "asked this item something else" in rows[0].reason
    assert "held out in run 1" in rows[1].reason
    asked = [(one.body or {})["messages"] for one in upstream.requests]
    assert len(asked) == 4 + 4


def test_judges_of_pairs_count_in_the_cap(project: Project, upstream: Provider) -> None:
    plan, _ = planned(project, upstream, [[BEATEN * 2000]] * 4, cost_cap_nano=10**9)
    told = estimate(project, plan)
    lone = estimate(project, Plan(**{**vars(plan), "baseline": None}))
    assert told.judges_nano is not None
    assert lone.judges_nano is not None
    assert told.judges_nano > lone.judges_nano
    experiment = start_experiment(project, plan, actor=None)
    Experiment.objects.filter(pk=experiment.pk).update(cost_cap_nano=20_000_000)
    run()
    experiment.refresh_from_db()
    assert experiment.state == "capped"
    assert experiment.spent_nano <= 20_000_000


def test_when_the_baseline_is_deleted_nothing_else_is_compared_with(
    project: Project, upstream: Provider
) -> None:
    plan, baseline = planned(project, upstream, [[BEATEN]] * 4)
    experiment = start_experiment(project, plan, actor=None)
    run()
    Judgement.objects.filter(pk=judged(experiment)[0].pk).update(state="failed", label=None)
    delete_experiment(baseline, actor=None)
    rows = judged(experiment)
    assert [(one.label, one.other) for one in rows[1:]] == [("better", None)] * 3
    experiment.refresh_from_db()
    retry_failed(experiment, actor=None)
    run()
    assert "is deleted" in judged(experiment)[0].reason


def test_without_a_baseline_the_expected_answer_is_compared_with(
    project: Project, upstream: Provider
) -> None:
    plan, _ = planned(project, upstream, [], baseline=None)
    experiment = start_experiment(project, plan, actor=None)
    run()
    rows = judged(experiment)
    assert {(one.label, one.other) for one in rows} == {("tie", None)}
    assert {(one.details or {})["against"] for one in rows} == {"expected"}


def test_a_pair_in_flight_at_a_kill_is_asked_for_again(
    project: Project, upstream: Provider
) -> None:
    plan, baseline = planned(project, upstream, [[BEATEN]] * 4)
    experiment = start_experiment(project, plan, actor=None)
    run()
    first = judged(experiment)[0]
    Judgement.objects.filter(pk=first.pk).update(state="running", label=None, other=None)
    Experiment.objects.filter(pk=experiment.pk).update(state="running")
    asked = len(upstream.answers)
    run()
    first.refresh_from_db()
    assert first.other is not None
    assert (first.label, first.other.experiment_id) == ("better", baseline.pk)
    assert len(upstream.answers) == asked + 2
