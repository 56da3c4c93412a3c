"""Runs of Langfuse's SDKs as experiments: an item and a trace are linked, what came of it is read.

SDKs 2 to 4 link by a request, 5 (and 4 beside it) only by attributes of spans, which the settled
look notes. Both name a run by the same id, so one experiment comes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor
from evals.models import Dataset, Experiment, Result
from evals.queries.planning import MOST_REPEATS
from evals.queries.run_traces import Told, pushed_scores_of, told_by_spans, told_of
from evals.services.experiment_counts import count_again
from evals.services.experiments import changed
from evals.services.pushing import create_pushed, keep_scores, store_results
from evals.values.langfuse_ids import dataset_pk, run_id_text
from evals.values.names import LONGEST_KEY
from evals.values.pushed import NewPushed, PushedResult
from traces.models import ExperimentTrace
from traces.queries import detail

QUIET = timedelta(seconds=60)  # after the last item of a run it is taken to be over
LOOKED_AFTER = timedelta(seconds=5)  # a link: the trace is on its way
AGAIN_AFTER = timedelta(seconds=20)
GIVEN_UP = timedelta(hours=1)  # a trace that has not come by then


@dataclass(frozen=True)
class Run:
    """A run as it is named."""

    name: str
    dataset: Dataset | None = None
    dataset_version: int | None = None
    id: str = ""  # '': told from project, dataset and name
    description: str = ""
    metadata: Any = None


@transaction.atomic
def link_item(
    project: Project, run: Run, item: str, trace_id: str, span_id: str = "", *, actor: Actor
) -> Result:
    """The result of an item in a run, whose output is that trace; the same link changes nothing.

    What the trace holds is read once it is settled. Raises: BadPlan.
    """
    experiment = _experiment(project, run, actor=actor)
    found = _result(experiment, item, trace_id)
    if found is None or (span_id and found.span_id != span_id):
        repeat = found.repeat if found is not None else _next_repeat(experiment, item)
        link = PushedResult(item=item, repeat=repeat, trace_id=trace_id, span_id=span_id)
        (found,) = store_results(experiment, [link], closes_in=QUIET)
        count_again(experiment.pk)
    due = timezone.now() + LOOKED_AFTER
    ExperimentTrace.objects.bulk_create(
        [ExperimentTrace(project_id=project.pk, trace_id=trace_id, due_at=due)],
        ignore_conflicts=True,
    )
    changed(project.pk)
    return found


def read_noted(most: int = 200) -> int:
    """Look at traces that are noted and due; how many were."""
    rows = list(
        ExperimentTrace.objects.filter(due_at__lte=timezone.now()).order_by("due_at")[:most]
    )
    for row in rows:
        with transaction.atomic():
            _read(row)
    return len(rows)


def _read(note: ExperimentTrace) -> None:
    project = (
        Project.objects.select_related("organization")
        .filter(pk=note.project_id, deleted_at=None)
        .first()
    )
    this = ExperimentTrace.objects.filter(
        project_id=note.project_id, trace_id=note.trace_id, noted_at=note.noted_at
    )
    trace = detail.get_trace(note.project_id, note.trace_id) if project is not None else None
    if project is not None and trace is None and timezone.now() - note.noted_at < GIVEN_UP:
        this.update(due_at=timezone.now() + AGAIN_AFTER)
        return
    if project is not None and trace is not None:
        said = told_by_spans(project.pk, trace)
        if said and (run := _run_of(project, said)) and (item := _text(said, "item_id")):
            experiment = _experiment(project, run, actor=None)
            _fill(experiment, item[:LONGEST_KEY], told_of(project.pk, trace, said))
        for row in _results_of(project, note.trace_id):
            _fill(row.experiment, row.item_key, told_of(project.pk, trace, said, row.span_id))
    this.delete()


def complete_run(experiment: Experiment) -> None:
    """Read again what may have come late: outputs that are missing, and all scores."""
    for row in experiment.results.order_by("pk").iterator(200):
        if row.output is None:
            trace = detail.get_trace(experiment.project_id, row.trace_id)
            if trace is not None:
                said = told_by_spans(experiment.project_id, trace)
                told = told_of(experiment.project_id, trace, said, row.span_id)
                _fill(experiment, row.item_key, told, reopens=False)
            continue
        scores = pushed_scores_of(experiment.project_id, row.trace_id, row.span_id)
        if scores:
            keep_scores(experiment, [(row, PushedResult(row.item_key, row.repeat, scores=scores))])
    count_again(experiment.pk)


def _fill(experiment: Experiment, item: str, told: Told, *, reopens: bool = True) -> None:
    """Store what a trace says of an item, with the scores that hang on it."""
    found = _result(experiment, item, told.trace_id)
    repeat = found.repeat if found is not None else _next_repeat(experiment, item)
    pushed = PushedResult(
        item=item,
        repeat=repeat,
        input=told.input,
        expected=told.expected,
        output=told.output,
        error=told.error,
        trace_id=told.trace_id,
        span_id=told.span_id,
        started_at=told.started_at,
        duration_us=told.duration_us,
        cost_nano=told.cost_nano,
        input_tokens=told.input_tokens,
        output_tokens=told.output_tokens,
        metadata=told.metadata,
        scores=pushed_scores_of(experiment.project_id, told.trace_id, told.span_id),
    )
    (row,) = store_results(experiment, [pushed], closes_in=QUIET if reopens else None)
    keep_scores(experiment, [(row, pushed)])
    count_again(experiment.pk)
    changed(experiment.project_id)


def _experiment(project: Project, run: Run, *, actor: Actor) -> Experiment:
    identity = run.id
    if not identity and run.dataset is not None:
        identity = run_id_text(project.pk, run.dataset.pk, run.name)
    new = NewPushed(
        name=run.name,
        external_id=identity,
        origin=Experiment.Origin.LANGFUSE,
        description=run.description,
        dataset=run.dataset,
        dataset_version=run.dataset_version,
        metadata=run.metadata,
    )
    made = create_pushed(project, new, actor=actor)
    Experiment.objects.select_for_update(no_key=True).get(pk=made.pk)  # of its items' repeats
    return made


def _run_of(project: Project, said: Mapping[str, Any]) -> Run | None:
    """The run that spans name; None where an experiment of our own made them."""
    identity = _text(said, "id")[:200]
    if not identity:
        return None
    pk = dataset_pk(_text(said, "dataset_id"))
    dataset = Dataset.objects.filter(project=project, pk=pk).first() if pk is not None else None
    ours = Experiment.objects.filter(project=project, external_id=identity)
    if ours.filter(origin=Experiment.Origin.PLATFORM).exists():
        return None
    return Run(
        name=_text(said, "name") or identity,
        dataset=dataset,
        id=identity,
        description=_text(said, "description"),
        metadata=said.get("metadata"),
    )


def _result(experiment: Experiment, item: str, trace_id: str) -> Result | None:
    found = experiment.results.filter(item_key=item, trace_id=trace_id)
    return found.order_by("repeat").first()


def _results_of(project: Project, trace_id: str) -> list[Result]:
    found = Result.objects.filter(
        trace_id=trace_id,
        experiment__project=project,
        experiment__origin=Experiment.Origin.LANGFUSE,
    )
    return list(found.select_related("experiment__project__organization", "experiment__dataset"))


def _next_repeat(experiment: Experiment, item: str) -> int:
    """The next free one; an item that is run ever again keeps its last."""
    newest = experiment.results.filter(item_key=item).order_by("-repeat").first()
    return min((newest.repeat if newest else 0) + 1, MOST_REPEATS)


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value.replace("\0", "") if isinstance(value, str) else ""
