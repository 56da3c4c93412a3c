"""`roadworthy engine retrieval`: every measure of a ranking, at the usual depths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evals.metrics import retrieval
from kit.cases import BadCase, Figures, answer_each, listed

DEPTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 75, 100, 200, 500, 1000)


def answer(document: Any) -> dict[str, Figures]:
    """Measures of cases `{"id", "qrels": {document: grade}, "ranked": [document, …]}`.

    Raises: BadCase.
    """
    return answer_each(document, _of_case)


def _of_case(case: Mapping[str, Any]) -> Figures:
    grades, ranked = _grades(case.get("qrels")), [str(one) for one in listed(case, "ranked")]
    figures: Figures = {
        "AP": retrieval.average_precision(ranked, grades),
        "RR": retrieval.reciprocal_rank(ranked, grades),
        "nDCG": retrieval.ndcg(ranked, grades),
        "nDCG_exp": retrieval.ndcg(ranked, grades, gain=retrieval.exponential),
        "judged": retrieval.judged(ranked, grades),
        "Rprec": _r_precision(ranked, grades),
    }
    for k in DEPTHS:
        figures |= {
            f"AP@{k}": retrieval.average_precision(ranked, grades, k),
            f"RR@{k}": retrieval.reciprocal_rank(ranked, grades, k),
            f"P@{k}": retrieval.precision(ranked, grades, k),
            f"R@{k}": retrieval.recall(ranked, grades, k),
            f"nDCG@{k}": retrieval.ndcg(ranked, grades, k),
            f"nDCG_exp@{k}": retrieval.ndcg(ranked, grades, k, gain=retrieval.exponential),
            f"Success@{k}": retrieval.success(ranked, grades, k),
            f"judged@{k}": retrieval.judged(ranked, grades, k),
        }
    return figures


def _r_precision(ranked: list[str], grades: Mapping[str, float]) -> float:
    there = retrieval.relevant(grades)
    return retrieval.precision(ranked, grades, there) if there else 0.0


def _grades(found: Any) -> dict[str, float]:
    if not isinstance(found, dict):
        raise BadCase("qrels must be an object of document and grade.")
    for grade in found.values():
        if not (grade is None or isinstance(grade, int | float)):
            raise BadCase("A grade must be a number.")
    return {str(one): float(grade) for one, grade in found.items() if grade is not None}
