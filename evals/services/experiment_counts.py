"""What stands in an experiment's own row about its results and judgements, kept right."""

from __future__ import annotations

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from evals.models import Judgement, Result

MOST_ATTEMPTS = 10  # of a row whose worker died each time: then it is what kills them
DIED = "The worker ended ten times while this call ran."

_COUNT_AGAIN = """
    update evals_experiment e set
        total = case when e.origin = 'platform' then e.total else r.n end,
        done = r.done, failed = r.failed,
        judged = j.judged,
        to_judge = case when e.origin = 'platform' then (e.total - r.failed) * (
            select count(*) from evals_experimentevaluator v where v.experiment_id = e.id)
            else j.n end
    from (
        select count(*) as n, count(*) filter (where state = 'done') as done,
            count(*) filter (where state = 'failed') as failed
        from evals_result where experiment_id = %(id)s) as r,
    (
        select count(*) as n, count(*) filter (where state in ('done', 'failed')) as judged
        from evals_judgement where experiment_id = %(id)s and purpose = 'experiment') as j
    where e.id = %(id)s
"""


def count_again(experiment_id: int) -> None:
    """The counts of the experiment are those of its rows."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_AGAIN, {"id": experiment_id})


def put_back(experiment_id: int) -> None:
    """Let rows that run without a worker be due again, but those that end every worker."""
    running = Result.objects.filter(experiment_id=experiment_id, state=Result.State.RUNNING)
    deadly = running.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=Result.State.FAILED, error=DIED, finished_at=timezone.now()
    )
    running.update(state=Result.State.DUE)
    if deadly:
        count_again(experiment_id)
    open_judgements(experiment_id).filter(state=Judgement.State.RUNNING).update(
        state=Judgement.State.DUE
    )


def skip_judgements(experiment_id: int) -> None:
    """Nothing of a closed experiment waits to be judged."""
    open_judgements(experiment_id).update(state=Judgement.State.SKIPPED)


def open_judgements(experiment_id: int) -> QuerySet[Judgement]:
    """Those that are due or running."""
    return Judgement.objects.filter(
        experiment_id=experiment_id,
        purpose=Judgement.Purpose.EXPERIMENT,
        state__in=[Judgement.State.DUE, Judgement.State.RUNNING],
    )
