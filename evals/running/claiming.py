"""What a worker takes up: experiments whose lock it got, and their rows, piece by piece."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import ExitStack

from django.db import connection
from django.db.models import F
from django.utils import timezone

from evals.evaluating.subject import Subject
from evals.models import EvaluatorKind, Experiment, ItemRevision, Judgement, Result
from evals.queries.evaluators import spec_of
from evals.queries.planning import BadPlan, content_of
from evals.running.counterparts import counterparts_of
from evals.running.job import Asks, Case, Counterpart, Job, Pending, Scorer, split_output
from evals.services.experiment_counts import put_back
from evals.services.experiments import evaluators_of
from evals.services.langfuse_runs import complete_run
from gateway.queries import connection_to, provider_for
from kit.jobs import alone
from pricing.pricer import PRICER

# Fair between projects: first the oldest due of each, then the second of each, and so on.
_DUE = """
    select id from (
        select id, due_at,
            row_number() over (partition by project_id order by due_at, id) as place
        from evals_experiment
        where state in ('due', 'running') and due_at <= now()
    ) as open order by place, due_at, id limit 200
"""
_CLAIM = """
    update evals_result set state = 'running', attempts = attempts + 1, started_at = now()
    where id in (
        select id from evals_result where experiment_id = %s and state = 'due'
        order by place, id limit %s)
    returning id
"""
_CLAIM_JUDGEMENTS = """
    update evals_judgement set state = 'running', attempts = attempts + 1
    where id in (
        select id from evals_judgement
        where experiment_id = %s and purpose = 'experiment' and state = 'due'
        order by id limit %s)
    returning id
"""


def due_experiments() -> list[int]:
    """Open ones that are due, in the order in which they should be taken up."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE)
        return [pk for (pk,) in cursor.fetchall()]


def take(experiment_id: int) -> Job | None:
    """The experiment, for this worker alone; None where another has it or it is not due.

    Rows that were in flight when their worker died are due again. Raises: DomainError, Unreadable
    (a sealed key), where it cannot be run; the lock is given back then.
    """
    with ExitStack() as lock:
        if not lock.enter_context(alone(f"evals.experiment.{experiment_id}")):
            return None
        experiment = (
            Experiment.objects.select_related(
                "project__organization", "prompt_version__prompt", "created_by", "made_with"
            )
            .filter(pk=experiment_id, state__in=Experiment.OPEN, due_at__lte=timezone.now())
            .first()
        )
        if experiment is None:
            return None
        put_back(experiment_id)
        Experiment.objects.filter(pk=experiment_id, state__in=Experiment.OPEN).update(
            state=Experiment.State.RUNNING, started_at=experiment.started_at or timezone.now()
        )
        if experiment.origin == Experiment.Origin.LANGFUSE:
            complete_run(experiment)
        job = _opened(experiment)
        job.lock = lock.pop_all()
        return job
    return None


def _opened(experiment: Experiment) -> Job:
    """What was pushed has no call to make. Raises: BadPlan, NoProvider, Unreadable."""
    scorers = [Scorer(one.pk, spec_of(one)) for one in evaluators_of(experiment)]
    if experiment.origin != Experiment.Origin.PLATFORM:
        return Job(experiment, None, scorers, ExitStack())
    if experiment.prompt_version is None:
        raise BadPlan("The version of the prompt is gone.")
    project = experiment.project
    provider = provider_for(project, model=experiment.model, name=experiment.provider)
    asks = Asks(
        content_of(project, experiment.prompt_version),
        connection_to(provider),
        PRICER.table(project.pk),
    )
    return Job(experiment, asks, scorers, ExitStack())


def claim_cases(experiment_id: int, most: int) -> list[Case]:
    """The next due results with their items, now running."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [experiment_id, most])
        pks = [pk for (pk,) in cursor.fetchall()]
    rows = Result.objects.filter(pk__in=pks).select_related("revision").order_by("place", "pk")
    return [_case(row) for row in rows]


def _case(row: Result) -> Case:
    item: ItemRevision | None = row.revision
    return Case(
        result_id=row.pk,
        item_key=row.item_key,
        repeat=row.repeat,
        attempts=row.attempts,
        input=row.input if item is None else item.input,
        expected=row.expected if item is None else item.expected,
        characteristics=() if item is None else tuple(map(str, item.characteristics)),
        metadata=(None if item is None else item.metadata) or {},
        is_held_out=row.is_held_out,
    )


def claim_judgements(experiment_id: int, most: int) -> list[Pending]:
    """The next due judgements with what they are about, now running."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_JUDGEMENTS, [experiment_id, most])
        pks = [pk for (pk,) in cursor.fetchall()]
    found = Judgement.objects.filter(pk__in=pks).select_related("result__revision", "experiment")
    rows = list(found.annotate(kind=F("version__evaluator__kind")).order_by("pk"))
    others = counterparts_of([row for row in rows if row.kind == EvaluatorKind.PAIRWISE])
    made = [_pending(row, others.get(row.pk)) for row in rows]
    return [pending for pending in made if pending is not None]


def _pending(row: Judgement, other: Counterpart | None) -> Pending | None:
    result = row.result
    if result is None or row.version_id is None:
        return None
    item = _case(result)
    text, tools = split_output(result.output)
    first = result.first_token_us
    subject = Subject(
        input=item.input,
        output=text,
        expected=item.expected,
        characteristics=item.characteristics,
        metadata=item.metadata,
        tools=tools,
        duration_ms=None if result.duration_us is None else result.duration_us / 1000,
        first_token_ms=None if first is None else first / 1000,
        cost_nano=result.cost_nano,
        output_tokens=result.output_tokens,
        trace_id=result.trace_id,
        span_id=result.span_id,
        is_held_out=result.is_held_out,
    )
    return Pending(row.pk, row.version_id, result.pk, item.item_key, item.repeat, subject, other)


def closed_among(experiment_ids: Collection[int]) -> set[int]:
    """Those that are open no more: somebody cancelled or deleted them."""
    open_ = Experiment.objects.filter(pk__in=experiment_ids, state__in=Experiment.OPEN)
    alive = open_.filter(project__deleted_at=None)
    return set(experiment_ids) - set(alive.values_list("pk", flat=True))


def waiting_projects(except_experiments: Iterable[int]) -> set[int]:
    """Projects that have due experiments other than these."""
    found = Experiment.objects.filter(
        state__in=Experiment.OPEN,
        due_at__lte=timezone.now(),
    ).exclude(pk__in=list(except_experiments))
    return set(found.values_list("project_id", flat=True))
