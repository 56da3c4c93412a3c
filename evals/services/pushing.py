"""Experiments that others run: made, filled with results and scores, finished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, record
from evals.evaluating.checks.refusals import refusal_in
from evals.models import Experiment, ItemRevision, Judgement, Result, Split
from evals.queries.datasets import revisions_at
from evals.queries.experiments import experiment_called
from evals.queries.planning import MOST_RESULTS, BadPlan, refuse_baseline
from evals.services.experiment_counts import count_again, open_judgements
from evals.services.experiments import (
    TASK,
    NotOpen,
    TooMany,
    add_evaluators,
    changed,
    compared_with,
    evaluators_of,
    lock_numbers,
    make_experiment,
)
from evals.services.pushed_scores import definitions_of, judgements_for, scores_for
from evals.services.pushed_traces import ids_of, keep_traces
from evals.values.json_values import without_odd_letters
from evals.values.pushed import NewPushed, PushedResult
from kit.jobs import nudge
from traces.services.scores import MOST_AT_ONCE, record_scores

MOST_AT_A_TIME = 1_000  # results of one push
IDLE = timedelta(hours=24)  # nobody pushes any more, and the experiment ends by itself
LONGEST_ERROR = 1000
_CHANGES = (
    "item", "revision", "slice", "cluster", "is_held_out", "state", "input", "expected", "output",
    "error", "trace_id", "span_id", "duration_us", "first_token_us", "cost_nano", "input_tokens",
    "output_tokens", "is_refusal", "metadata", "started_at", "finished_at",
)  # fmt: skip


@transaction.atomic
def create_pushed(project: Project, new: NewPushed, *, actor: Actor) -> Experiment:
    """The experiment, open for results; the one of that `external_id` where it stands already.

    Raises: BadPlan.
    """
    known = experiment_called(project, new.external_id)
    if known is None and new.external_id:  # of two that make it at once the second finds it
        lock_numbers(project)
        known = experiment_called(project, new.external_id)
    if known is not None:
        if known.origin == Experiment.Origin.PLATFORM:
            raise BadPlan("An experiment that runs here has this id.", "external_id")
        return known
    if new.dataset is not None and new.dataset.project_id != project.pk:
        raise BadPlan("There is no such dataset here.", "dataset")
    refuse_baseline(project, new.baseline, new.dataset, new.evaluators)
    version = new.prompt_version
    experiment = make_experiment(
        project,
        actor=actor,
        name=new.name,
        description=without_odd_letters(new.description),
        origin=new.origin,
        **({"external_id": new.external_id} if new.external_id else {}),
        dataset=new.dataset,
        dataset_version=_pinned(new),
        prompt=version.prompt if version else None,
        prompt_version=version,
        prompt_label=f"{version.prompt.name} v{version.number}" if version else "",
        model=new.model,
        parameters=without_odd_letters(dict(new.parameters)),
        feature=new.feature,
        metadata=without_odd_letters(new.metadata),
        **compared_with(new.baseline),
        state=Experiment.State.RUNNING,
        started_at=timezone.now(),
        due_at=timezone.now() + IDLE,
    )
    add_evaluators(experiment, new.evaluators)
    record(
        "experiment.pushed",
        actor=actor,
        project=project,
        subject=experiment,
        number=experiment.number,
        origin=str(new.origin),
        dataset=new.dataset.name if new.dataset else None,
    )
    changed(project.pk)
    return experiment


def push_results(
    experiment: Experiment, results: Sequence[PushedResult], *, closes_in: timedelta = IDLE
) -> list[Result]:
    """Store results and their scores; the later push of an item and repeat wins.

    A result without a trace gets one. The experiment is open again, and ends by itself when
    nobody pushes for `closes_in`. Raises: NotOpen (it runs here), TooMany,
    traces.services.scores.NotRecorded, which names each score that is wrong.
    """
    if experiment.origin == Experiment.Origin.PLATFORM:
        raise NotOpen("This experiment is run here; results are pushed to one of your own.")
    if len(results) > MOST_AT_A_TIME:
        raise TooMany(f"At most {MOST_AT_A_TIME:,} results at a time.")
    kept = {(one.item, one.repeat): one for one in results}
    with transaction.atomic():
        rows = store_results(experiment, list(kept.values()), closes_in=closes_in)
        pairs = [(row, kept[row.item_key, row.repeat]) for row in rows]
        scores = scores_for(experiment, pairs)
        for start in range(0, len(scores), MOST_AT_ONCE):
            record_scores(experiment.project_id, scores[start : start + MOST_AT_ONCE])
        keep_scores(experiment, pairs)
        count_again(experiment.pk)
        changed(experiment.project_id)
    held_out = {row.item_key for row in rows if row.is_held_out}
    keep_traces(experiment, [
        _withheld(one) if one.item in held_out else one
        for one in kept.values()
        if not one.trace_id
    ])  # fmt: skip
    return rows


@transaction.atomic
def finish_experiment(experiment: Experiment, *, actor: Actor) -> Experiment:
    """No more is pushed: what is left to judge is judged, then it is done. Raises: NotOpen."""
    if experiment.origin == Experiment.Origin.PLATFORM:
        raise NotOpen("This experiment is run here and ends by itself.")
    now = timezone.now()
    fields: dict[str, Any] = {"state": Experiment.State.DUE, "due_at": now}
    if not open_judgements(experiment.pk).exists():
        fields = {"state": Experiment.State.DONE, "finished_at": now}
    open_ = Experiment.objects.filter(pk=experiment.pk, state__in=Experiment.OPEN)
    if open_.update(**fields):
        record("experiment.finished", actor=actor, project=experiment.project, subject=experiment,
               number=experiment.number)  # fmt: skip
        changed(experiment.project_id)
        nudge(TASK, experiment.pk)
    experiment.refresh_from_db()
    return experiment


def _pinned(new: NewPushed) -> int | None:
    if new.dataset is None:
        return None
    newest = new.dataset.last_number
    wanted = newest if new.dataset_version is None else new.dataset_version
    if not 0 <= wanted <= newest:
        raise BadPlan(f"{new.dataset.name} has no version {wanted}.", "dataset_version")
    return wanted


def store_results(
    experiment: Experiment, results: Sequence[PushedResult], *, closes_in: timedelta | None
) -> list[Result]:
    """The rows of `results`, in their order, in a transaction of the caller's.

    The experiment is open again for `closes_in`; None leaves it as it stands. Raises: TooMany.
    """
    locked = Experiment.objects.select_for_update(no_key=True).get(pk=experiment.pk)
    keys = {one.item for one in results}
    known = experiment.results.filter(item_key__in=keys).count()
    standing = experiment.results.count()
    if standing - known + len(results) > MOST_RESULTS:
        raise TooMany(f"An experiment has at most {MOST_RESULTS:,} results.")
    revisions: dict[str, ItemRevision] = {}
    if locked.dataset is not None and locked.dataset_version:
        found = revisions_at(locked.dataset, locked.dataset_version).filter(item__key__in=keys)
        revisions = {row.item.key: row for row in found}
    rows = [
        _row(experiment, one, revisions.get(one.item), standing + place)
        for place, one in enumerate(results)
    ]
    made = Result.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["experiment", "item_key", "repeat"],
        update_fields=_CHANGES,
    )
    if closes_in is not None:
        locked.state, locked.finished_at = Experiment.State.RUNNING, None
        locked.due_at = timezone.now() + closes_in
    locked.repeats = max([locked.repeats, *(one.repeat for one in results)])
    locked.save(update_fields=["state", "due_at", "finished_at", "repeats"])
    return made


def _row(
    experiment: Experiment, one: PushedResult, revision: ItemRevision | None, place: int
) -> Result:
    trace_id, span_id = one.trace_id, one.span_id
    if not trace_id:
        trace_id, span_id = ids_of(experiment, one)
    refuses = one.is_refusal
    if refuses is None and isinstance(one.output, str):
        refuses = bool(refusal_in(one.output))
    return Result(
        experiment=experiment,
        item_key=one.item,
        repeat=one.repeat,
        place=place,
        item=revision.item if revision else None,
        revision=revision,
        slice=one.slice or (revision.slice if revision else ""),
        cluster=one.cluster or (revision.cluster if revision else ""),
        is_held_out=revision is not None and revision.split == Split.HELD_OUT,
        state=Result.State.FAILED if one.error else Result.State.DONE,
        input=without_odd_letters(one.input) if revision is None else None,
        expected=without_odd_letters(one.expected) if revision is None else None,
        output=without_odd_letters(one.output),
        error=without_odd_letters(one.error)[:LONGEST_ERROR],
        trace_id=trace_id,
        span_id=span_id,
        duration_us=one.duration_us,
        first_token_us=one.first_token_us,
        cost_nano=one.cost_nano,
        input_tokens=one.input_tokens,
        output_tokens=one.output_tokens,
        is_refusal=refuses,
        metadata=without_odd_letters(one.metadata),
        started_at=one.started_at,
        finished_at=timezone.now(),
    )


def keep_scores(experiment: Experiment, pairs: Sequence[tuple[Result, PushedResult]]) -> None:
    """Scores that came are judgements; the experiment's evaluators are due on what is new."""
    results = [row for row, _ in pairs]
    definitions = definitions_of(experiment, [pushed for _, pushed in pairs])
    made = judgements_for(experiment, pairs, definitions)
    said = Judgement.objects.filter(
        result__in=results, purpose=Judgement.Purpose.EXPERIMENT, repeat=1
    )
    names = {one.name for one in made}
    said.filter(name__in=names).delete()
    Judgement.objects.bulk_create(made, batch_size=500)
    versions = evaluators_of(experiment)
    said.filter(version__in=versions).delete()  # of an output that was there before
    Judgement.objects.bulk_create(
        [
            Judgement(
                project_id=experiment.project_id,
                purpose=Judgement.Purpose.EXPERIMENT,
                name=version.evaluator.name,
                version=version,
                experiment=experiment,
                result=row,
            )
            for row, pushed in pairs
            for version in versions
            if not pushed.error
        ],
        batch_size=500,
        ignore_conflicts=True,
    )


def _withheld(one: PushedResult) -> PushedResult:
    """Of a held-out item only figures stand in the trace."""
    return replace(one, input=None, output=None, error="withheld" if one.error else "")
