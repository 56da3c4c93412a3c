"""An experiment pins its dataset version and has every result due from the start."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Project, User
from audit.models import AuditEntry
from evals.models import Experiment, Result
from evals.queries.estimates import estimate
from evals.queries.experiments import figures_of, get_experiment, list_experiments
from evals.queries.paired import measurements, outcomes, paired
from evals.services.experiments import (
    BadPlan,
    NotOpen,
    StillOpen,
    cancel_experiment,
    retry_failed,
    start_experiment,
)
from tests.evals.planned import a_plan, connected, contains, planned_dataset, questions
from tests.prompts.making import chat

pytestmark = pytest.mark.django_db


def test_every_item_is_due_once_a_repeat(project: Project, bob: User) -> None:
    connected(project)
    held = {"input": {"question": "?"}, "split": "held_out"}
    hidden = [{**held, "slice": "edge"}, {"input": "x", "is_draft": True}]
    dataset = planned_dataset(project, [*questions(3, cluster="doc"), *hidden])
    scored = contains(project)
    plan = a_plan(project, dataset, repeats=2, evaluators=[scored])
    experiment = start_experiment(project, plan, actor=bob)
    assert (experiment.number, experiment.total, experiment.to_judge) == (1, 6, 6)
    assert experiment.dataset_version == 1
    assert experiment.prompt_label == "refund-agent v1"
    assert [one.version for one in experiment.evaluators.all()] == [scored]
    rows = list(experiment.results.order_by("place"))
    assert [(row.item_key, row.repeat) for row in rows][2:4] == [("g-0002", 1), ("g-0000", 2)]
    assert {row.cluster for row in rows} == {"doc"}
    assert AuditEntry.objects.filter(action="experiment.started").count() == 1

    both = a_plan(project, dataset, splits=["main", "held_out"], slices=["edge"])
    (only,) = start_experiment(project, both, actor=None).results.all()
    assert only.is_held_out
    assert [one.number for one in list_experiments(project)] == [2, 1]
    assert get_experiment(project, 2) is not None
    assert get_experiment(project, 3) is None


def test_so_many_items_are_the_same_ones_each_time(project: Project) -> None:
    connected(project)
    dataset = planned_dataset(project, questions(20))
    plan = a_plan(project, dataset, most_items=5)
    one, other = (start_experiment(project, plan, actor=None) for _ in range(2))
    keys = [list(run.results.order_by("place").values_list("item_key", flat=True))
            for run in (one, other)]  # fmt: skip
    assert keys[0] == keys[1]
    assert len(keys[0]) == 5
    assert keys[0] == sorted(keys[0])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"repeats": 0}, "repeats lies between 1 and 100"),
        ({"concurrency": 1000}, "concurrency"),
        ({"dataset_version": 2}, "has no version 2"),
        ({"slices": ["none"]}, "No item of g v1 is chosen"),
        ({"splits": ["other"]}, "no split other"),
        ({"content": chat(("user", "{{question}}"))}, "names no model"),
        ({"cost_cap_nano": 10}, "has no price"),
    ],
)
def test_a_plan_that_cannot_run_is_refused_in_words(
    project: Project, fields: dict[str, Any], said: str
) -> None:
    connected(project, "http://127.0.0.1:1/v1")
    dataset = planned_dataset(project, questions(1))
    if "cost_cap_nano" in fields:
        fields = {**fields, "model": "nobody-prices-this"}
    with pytest.raises(BadPlan, match=said):
        start_experiment(project, a_plan(project, dataset, **fields), actor=None)
    assert not Experiment.objects.exists()


def test_what_a_run_takes_is_told_before_it(project: Project) -> None:
    connected(project, "http://127.0.0.1:1/v1")
    dataset = planned_dataset(project, [*questions(3), {"input": {"other": 1}}])
    content = chat(("user", "{{question}}"), model="gpt-4o-mini", parameters={"max_tokens": 100})
    told = estimate(project, a_plan(project, dataset, content=content, repeats=2))
    assert (told.items, told.calls, told.unanswerable) == (4, 6, 1)
    assert "question" in told.problem
    assert told.most_output_tokens == 600
    assert told.input_nano is not None
    assert told.judges_nano == 0
    assert told.most_nano == told.input_nano + 600 * 600  # $0.60 a million tokens


def test_a_run_is_cancelled_and_taken_up_again(project: Project, bob: User) -> None:
    connected(project)
    plan = a_plan(project, planned_dataset(project, questions(2)))
    experiment = start_experiment(project, plan, actor=bob)
    with pytest.raises(StillOpen):
        retry_failed(experiment, actor=bob)
    assert cancel_experiment(experiment, actor=bob).state == Experiment.State.CANCELLED
    with pytest.raises(NotOpen):
        cancel_experiment(experiment, actor=bob)
    first = experiment.results.order_by("place")[0]
    Result.objects.filter(pk=first.pk).update(state=Result.State.FAILED, error="No.")
    assert retry_failed(experiment, actor=bob).state == Experiment.State.DUE
    assert experiment.results.filter(state=Result.State.DUE).count() == 2


def test_outcomes_pair_by_item(project: Project) -> None:
    connected(project)
    dataset = planned_dataset(project, questions(3))
    scored = contains(project)
    plan = a_plan(project, dataset, repeats=2, evaluators=[scored])
    runs = [start_experiment(project, plan, actor=None) for _ in range(2)]
    for number, run in enumerate(runs):
        for place, result in enumerate(run.results.order_by("place")):
            if number and result.item_key == "g-0002":
                continue
            result.state, result.duration_us, result.cost_nano = Result.State.DONE, 2_000, 7
            result.save()
            result.judgements.create(
                project=project, purpose="experiment", name="contains", experiment=run,
                version=scored, state="done", num=float(place % 2), passed=bool(place % 2),
            )  # fmt: skip
    one, other = (outcomes(run, "contains") for run in runs)
    assert one.keys == ("g-0000", "g-0001", "g-0002")
    assert one.means == (0.5, 0.5, 0.5)
    assert one.values[0] == (0.0, 1.0)
    assert one.clusters == one.keys
    assert (other.repeats, other.missing) == ((2, 2), 2)
    pairs = paired(one, other)
    assert pairs.keys == other.keys
    assert pairs.only_candidate == ("g-0002",)
    assert measurements(runs[0], "latency").means == (2.0, 2.0, 2.0)
    figures = figures_of(runs)
    assert figures[runs[0].pk].p95_us == 2000
    assert figures[runs[1].pk].cost_nano == 28
    score = figures[runs[0].pk].score("contains")
    assert score is not None
    assert (score.n, score.mean, score.pass_rate) == (6, 0.5, 0.5)
