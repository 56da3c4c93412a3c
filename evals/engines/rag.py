"""`roadworthy engine rag`: faithfulness, contradictions, context relevance and recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.metrics import rag
from kit.cases import BadCase, Figures, answer_each


def answer(document: Any) -> dict[str, Figures]:
    """Figures of cases with `claims`, `context_sentences_relevant`, `reference_facts_in_context`.

    Raises: BadCase.
    """
    return answer_each(document, _of_case)


def _of_case(case: Mapping[str, Any]) -> Figures:
    claims = _verdicts(case, "claims")
    for claim in claims:
        if claim not in rag.CLAIMS:
            raise BadCase(f"The verdict {claim!r} is none of {', '.join(rag.CLAIMS)}.")
    return {
        "faithfulness": rag.faithfulness(claims),
        "contradiction_rate": rag.contradiction_rate(claims),
        "context_relevance": rag.context_relevance(_verdicts(case, "context_sentences_relevant")),
        "context_recall": rag.context_recall(_verdicts(case, "reference_facts_in_context")),
    }


def _verdicts(case: Mapping[str, Any], name: str) -> Sequence[Any]:
    """Without nulls: what nobody judged counts nothing; no list at all is none."""
    found = case.get(name)
    if found is None:
        return []
    if not isinstance(found, list):
        raise BadCase(f"{name} must be a list.")
    return [one for one in found if one is not None]
