"""Rank metrics of what was retrieved against what was judged relevant. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from evals.evaluating.reading import MISSING, field_of
from evals.evaluating.setting import Check, Setting
from evals.evaluating.spec import NUMBER, Spec
from evals.evaluating.subject import Subject, Verdict
from evals.evaluating.verdicts import undefined, verdict_of
from evals.metrics import retrieval as metrics

MOST_K = 1_000
_NAMES = ("relevant", "documents", "qrels", "ids")  # where judgements stand in an object of more
Reckon = Callable[[Sequence[str], metrics.Grades, int | None], float | None]


def judgements_of(spec: Spec, subject: Subject) -> dict[str, float] | None:
    """Grades by document: a list of ids (each 1), `{id: grade}`, or objects `{"id", "grade"}`.

    They stand in the expected output or the metadata, at the path that the settings name; None
    where there are none.
    """
    whole: Any = subject.expected
    if spec.config.get("judged_in") == "metadata":
        whole = dict(subject.metadata)
    found = field_of(whole, spec.config.get("path") or "") if whole is not None else MISSING
    if isinstance(found, Mapping) and not spec.config.get("path"):
        found = next((found[name] for name in _NAMES if name in found), found)
    return _grades(found)


def _grades(found: Any) -> dict[str, float] | None:
    if isinstance(found, Mapping):
        return {
            str(name): float(grade) for name, grade in found.items() if _is_grade(grade)
        } or None
    if not isinstance(found, list):
        return None
    grades: dict[str, float] = {}
    for one in found:
        if isinstance(one, str | int) and not isinstance(one, bool):
            grades[str(one)] = 1.0
        elif isinstance(one, Mapping) and isinstance(one.get("id"), str | int):
            grade = one.get("grade", one.get("relevance", 1))
            grades[str(one["id"])] = float(grade) if _is_grade(grade) else 1.0
    return grades or None


def _is_grade(value: Any) -> bool:
    return isinstance(value, bool | int | float) and abs(value) <= 1e6


def _reckoned(reckon: Reckon, spec: Spec, subject: Subject) -> Verdict:
    grades = judgements_of(spec, subject)
    if grades is None:
        return undefined("The item judges no document.")
    if subject.documents is None:
        return undefined("What was retrieved is not known.")
    ranked = [one.id for one in subject.documents]
    k = spec.config.get("k")
    num = reckon(ranked, grades, k)
    if num is None:
        return undefined("Nothing was retrieved.")
    seen = metrics.judged(ranked, grades, k)
    details = {
        "retrieved": len(ranked),
        "hits": metrics.hits(ranked, grades, k),
        "relevant": metrics.relevant(grades),
        "judged_share": seen,
        "ranked": ranked[:50],
    }
    said = f"{details['hits']} of {details['relevant']} relevant documents"
    said += f" among the first {k}." if k else f" among {len(ranked)}."
    if seen is not None and seen < 1:
        said += f" {seen:.0%} of these were judged at all; the others count as not relevant."
    return verdict_of(spec, num, said, details=details)


_JUDGED_IN = Setting(
    "judged_in", "Judgements stand in", "choice", "expected",
    (("expected", "the expected output"), ("metadata", "the item's metadata")),
    help="A list of ids, or grades by id; a grade from 1 on is relevant.",
)  # fmt: skip
_PATH = Setting("path", "At", "line", help="A path such as relevant.ids; empty: the whole of it.")


def _measure(
    name: str, label: str, says: str, reckon: Reckon, *, needs_k: bool = False, k: int | None = None
) -> Check:
    cut = Setting("k", "Of the first k", "whole", k, is_required=needs_k, least=1, most=MOST_K)
    return Check(
        name,
        label,
        says,
        partial(_reckoned, reckon),
        (cut, _JUDGED_IN, _PATH),
        types=(NUMBER,),
        minimum=0.0,
        maximum=1.0,
        bar=None,
    )


def _precision(ranked: Sequence[str], grades: metrics.Grades, k: int | None) -> float:
    return metrics.precision(ranked, grades, k or 1)


def _success(ranked: Sequence[str], grades: metrics.Grades, k: int | None) -> float:
    return metrics.success(ranked, grades, k or 1)


def _ndcg_exp(ranked: Sequence[str], grades: metrics.Grades, k: int | None) -> float:
    return metrics.ndcg(ranked, grades, k, gain=metrics.exponential)


RETRIEVAL_CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        _measure(
            "precision",
            "Precision@k",
            "Relevant documents among the first k, divided by k.",
            _precision,
            needs_k=True,
            k=5,
        ),
        _measure(
            "recall",
            "Recall@k",
            "Relevant documents among the first k, of all relevant ones.",
            metrics.recall,
            k=5,
        ),
        _measure(
            "mrr",
            "Reciprocal rank",
            "1 divided by the place of the first relevant document; its mean is MRR.",
            metrics.reciprocal_rank,
        ),
        _measure(
            "ndcg",
            "nDCG@k",
            "Gains of the ranking against the best possible; the gain is the grade.",
            metrics.ndcg,
            k=10,
        ),
        _measure(
            "ndcg_exp",
            "nDCG@k, exponential gain",
            "Likewise with the gain 2^grade − 1, which differs above grade 1.",
            _ndcg_exp,
            k=10,
        ),
        _measure(
            "ap",
            "Average precision",
            "The mean precision at the places of relevant documents; its mean is MAP.",
            metrics.average_precision,
        ),
        _measure(
            "success",
            "Success@k",
            "1 where any of the first k is relevant.",
            _success,
            needs_k=True,
            k=5,
        ),
        _measure(
            "judged",
            "Judged@k",
            "The share of the first k that anybody judged.",
            metrics.judged,
            k=10,
        ),
    )
}
