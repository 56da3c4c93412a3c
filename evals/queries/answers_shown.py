"""Answers as pages show them: the beginning of each, with what the deciding score said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import F, Func, OuterRef, Q, Subquery, TextField
from django.db.models.functions import Coalesce

from evals.models import Experiment, Judgement, Result

CUT = 900  # characters of an answer or a question in a list


class Begin(Func):
    """The beginning of a JSON value as text: a string itself, anything else as JSON."""

    template = f"left(%(expressions)s #>> '{{}}', {CUT})"
    output_field = TextField()


@dataclass(slots=True)
class Answer:
    """One answer. `num` is what the deciding score said of it; None where it said nothing."""

    result: int
    repeat: int
    state: str
    text: str
    error: str
    num: float | None = None
    passed: bool | None = None
    evidence: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked: its title, and the beginning of its input."""

    title: str
    input: str


def answers_of(
    experiments: Sequence[Experiment], keys: Iterable[str], name: str
) -> dict[tuple[int, str], list[Answer]]:
    """(experiment's key, item's key): its answers, repeat by repeat, in two queries."""
    keys = list(keys)
    results = Result.objects.filter(experiment__in=experiments, item_key__in=keys)
    rows = results.order_by("repeat").values_list(
        "experiment_id", "item_key", "pk", "repeat", "state", Begin(F("output")), "error"
    )
    found: dict[tuple[int, str], list[Answer]] = {}
    by_pk: dict[int, Answer] = {}
    for experiment, key, pk, repeat, state, text, error in rows:
        answer = by_pk[pk] = Answer(pk, repeat, state, text or "", error)
        found.setdefault((experiment, key), []).append(answer)
    said = Judgement.objects.filter(
        result__in=list(by_pk), name=name, state=Judgement.State.DONE, repeat=1
    )
    for pk, num, passed, evidence in said.values_list("result_id", "num", "passed", "evidence"):
        answer = by_pk[pk or 0]
        answer.num, answer.passed = num, passed
        answer.evidence = [one for one in evidence if isinstance(one, str)]
    return found


def cases_of(experiments: Sequence[Experiment], keys: Iterable[str]) -> dict[str, Case]:
    """What each item asks, by its key, from the first of the runs that has it."""
    results = Result.objects.filter(experiment__in=experiments, item_key__in=list(keys), repeat=1)
    rank = {one.pk: place for place, one in enumerate(experiments)}
    rows = results.values_list(
        "item_key", "experiment_id", "revision__title",
        Coalesce(Begin(F("revision__input")), Begin(F("input"))),
    )  # fmt: skip
    found: dict[str, Case] = {}
    for key, _, title, text in sorted(rows, key=lambda row: rank[row[1]]):
        found.setdefault(key, Case(title or "", text or ""))
    return found


def keys_saying(experiments: Sequence[Experiment], text: str, *, with_held_out: bool) -> set[str]:
    """Keys of items of which an answer in one of the runs has `text`, whatever its case."""
    found = Result.objects.filter(experiment__in=experiments).annotate(said=Whole(F("output")))
    found = found.filter(said__icontains=text)
    if not with_held_out:
        found = found.exclude(is_held_out=True)
    return set(found.order_by().values_list("item_key", flat=True).distinct())


class Whole(Func):
    """A JSON value as text."""

    template = "(%(expressions)s #>> '{}')"
    output_field = TextField()


def errors_of(experiment: Experiment, *, most: int) -> list[Result]:
    """Answers of a run that failed, in its order."""
    failed = experiment.results.filter(state=Result.State.FAILED)
    return list(failed.select_related("revision").defer("output").order_by("place")[:most])


def reasons_of(
    experiment: Experiment, keys: Iterable[str], name: str
) -> Mapping[str, tuple[str, str]]:
    """By item's key: why the lowest of its judgements said so, and the answer's beginning."""
    lowest = (
        Judgement.objects.filter(
            experiment=experiment, name=name, result__item_key=OuterRef("result__item_key"),
            state=Judgement.State.DONE,
        )
        .order_by("num", "pk")
        .values("pk")[:1]
    )  # fmt: skip
    rows = Judgement.objects.filter(
        Q(experiment=experiment, name=name, result__item_key__in=list(keys)),
        pk=Subquery(lowest),
    ).values_list("result__item_key", "reason", Begin(F("result__output")))
    return {key: (reason, text or "") for key, reason, text in rows}
