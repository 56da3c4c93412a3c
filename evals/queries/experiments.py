"""Reading experiments: the list, one of them, its results, and the figures of many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Project
from evals.models import Experiment, Judgement, Result


@dataclass(frozen=True)
class ScoreFigures:
    """What the judgements under one name come to. `mean` and `pass_rate` are None of none.

    `n` have a number, `undefined` none, `failed` could not be judged. `decided` have a bar.
    """

    name: str
    n: int = 0
    mean: float | None = None
    passed: int = 0
    decided: int = 0
    undefined: int = 0
    failed: int = 0
    cost_nano: int = 0
    unpriced: int = 0

    @property
    def pass_rate(self) -> float | None:
        """Of those that a bar decides, how many pass."""
        return self.passed / self.decided if self.decided else None


@dataclass(frozen=True)
class Figures:
    """What the outputs of an experiment took. Times in microseconds; None where none is known."""

    done: int = 0
    failed: int = 0
    cost_nano: int | None = None
    unpriced: int = 0
    p50_us: float | None = None
    p95_us: float | None = None
    mean_us: float | None = None
    first_token_p95_us: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    refusals: int = 0
    refusals_known: int = 0
    scores: list[ScoreFigures] = field(default_factory=list)

    @property
    def refusal_rate(self) -> float | None:
        """Of the outputs of which it is known."""
        return self.refusals / self.refusals_known if self.refusals_known else None

    def score(self, name: str) -> ScoreFigures | None:
        """The one of that name."""
        return next((one for one in self.scores if one.name == name), None)


def list_experiments(
    project: Project,
    *,
    dataset: str = "",
    prompt: str = "",
    state: str = "",
    purpose: str = "",
    text: str = "",
) -> QuerySet[Experiment]:
    """The project's experiments, the newest first; '' is any."""
    wanted = {
        "dataset__name": dataset, "prompt__name": prompt, "state": state, "purpose": purpose,
        "name__icontains": text,
    }  # fmt: skip
    found = Experiment.objects.filter(
        project=project, **{key: value.replace("\0", "") for key, value in wanted.items() if value}
    )
    return found.select_related(
        "dataset", "prompt", "prompt_version", "created_by", "baseline"
    ).order_by("-created_at", "-pk")


def get_experiment(project: Project, number: int) -> Experiment | None:
    """The experiment of that number in the project."""
    found = Experiment.objects.filter(project=project, number=number)
    return found.select_related(
        "project__organization", "dataset", "prompt", "prompt_version__prompt", "created_by",
        "baseline",
    ).first()  # fmt: skip


def experiment_called(project: Project, external_id: str) -> Experiment | None:
    """The experiment that SDKs and scores know by that id."""
    if not external_id or "\0" in external_id:
        return None
    found = Experiment.objects.filter(project=project, external_id=external_id)
    return found.select_related("project__organization", "dataset").first()


def results_of(
    experiment: Experiment, *, state: str = "", slice_: str | None = None, item: str = ""
) -> QuerySet[Result]:
    """Its results in the order of the run, with their items' revisions."""
    found = Result.objects.filter(experiment=experiment)
    if state:
        found = found.filter(state=state)
    if slice_ is not None:
        found = found.filter(slice=slice_)
    if item:
        found = found.filter(item_key=item.replace("\0", ""))
    return found.select_related("revision", "item").order_by("place", "pk")


def judgements_of(results: Sequence[Result]) -> dict[int, list[Judgement]]:
    """What was said of `results`, by result, in order of the names."""
    found: dict[int, list[Judgement]] = defaultdict(list)
    rows = Judgement.objects.filter(
        result__in=[result.pk for result in results], purpose=Judgement.Purpose.EXPERIMENT
    )
    for row in rows.select_related("version__evaluator", "other__experiment").order_by(
        "name", "repeat", "pk"
    ):
        if row.result_id is not None:
            found[row.result_id].append(row)
    return found


def figures_of(experiments: Sequence[Experiment]) -> dict[int, Figures]:
    """What each of them came to, by primary key: two queries, however many there are."""
    pks = [experiment.pk for experiment in experiments]
    if not pks:
        return {}
    scores = _scores(pks)
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, [pks])
        rows = cursor.fetchall()
    found = {pk: Figures(scores=scores.get(pk, [])) for pk in pks}
    for pk, done, failed, cost, unpriced, times, mean, first, sent, said, refused, known in rows:
        found[pk] = Figures(
            done=done,
            failed=failed,
            cost_nano=None if cost is None else int(cost),
            unpriced=unpriced,
            p50_us=times and times[0],
            p95_us=times and times[1],
            mean_us=None if mean is None else float(mean),
            first_token_p95_us=first,
            input_tokens=sent,
            output_tokens=said,
            refusals=refused,
            refusals_known=known,
            scores=scores.get(pk, []),
        )
    return found


_FIGURES = """
    select experiment_id,
        count(*) filter (where state = 'done'),
        count(*) filter (where state = 'failed'),
        sum(cost_nano) filter (where state = 'done'),
        count(*) filter (where state = 'done' and cost_nano is null),
        percentile_cont(array[0.5, 0.95]) within group (order by duration_us)
            filter (where state = 'done'),
        avg(duration_us) filter (where state = 'done'),
        percentile_cont(0.95) within group (order by first_token_us)
            filter (where state = 'done'),
        sum(input_tokens)::bigint, sum(output_tokens)::bigint,
        count(*) filter (where is_refusal), count(is_refusal)
    from evals_result where experiment_id = any(%s) group by 1
"""

_SCORES = """
    select j.experiment_id, j.name,
        count(j.num) filter (where j.state = 'done'),
        avg(j.num) filter (where j.state = 'done'),
        count(*) filter (where j.state = 'done' and j.passed),
        count(j.passed) filter (where j.state = 'done'),
        count(*) filter (where j.state = 'done' and j.num is null),
        count(*) filter (where j.state = 'failed'),
        coalesce(sum(j.cost_nano), 0)::bigint,
        count(*) filter (where j.state = 'done' and j.cost_nano is null)
    from evals_judgement j
    left join evals_experimentevaluator e
        on e.experiment_id = j.experiment_id and e.version_id = j.version_id
    where j.experiment_id = any(%s) and j.purpose = 'experiment'
    group by 1, 2 order by 1, min(e.place) nulls last, 2
"""


def _scores(pks: list[int]) -> dict[int, list[ScoreFigures]]:
    """Scores by experiment, that of the first evaluator first."""
    found: dict[int, list[ScoreFigures]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_SCORES, [pks])
        for pk, *row in cursor.fetchall():
            found[pk].append(ScoreFigures(*row))
    return found
