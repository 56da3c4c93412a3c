"""What one evaluation may cost at the most, so that no cap is crossed. Pure."""

from __future__ import annotations

from dataclasses import replace

from evals.evaluating.judging.asking import MOST_CALLS, MOST_TOKENS
from evals.evaluating.judging.claims import SENTENCES_AT_ONCE, sentences_of
from evals.evaluating.judging.fencing import OUTPUT, PARTS, parts_of
from evals.evaluating.judging.holding import AT_ONCE, MOST_CLAIMS
from evals.evaluating.spec import PAIRWISE, RAG, Spec
from evals.evaluating.subject import Subject
from pricing.card import Priced

# Of UTF-8, in a token: tokenizers of today take three to five bytes of prose in any script.
LEAST_BYTES_A_TOKEN = 2
FRAME_TOKENS = 900  # what the judge is told beside rubric and material, the schema included


def ceiling_nano(spec: Spec, subject: Subject, other: Subject | None = None) -> int | None:
    """An upper bound in nano-dollars; 0 where no model is asked, None where it has no price.

    As if every question took all the calls it may take, and every answer all the tokens: so it is
    several times what is usually paid.
    """
    if not spec.is_model:
        return 0
    if spec.card is None:
        return None
    if spec.kind == PAIRWISE and other is None:
        other = replace(subject, output=subject.expected)
    material = _bytes(spec, subject) + (_bytes(spec, other) if other is not None else 0)
    told = len(str(spec.config.get("rubric", "")).encode(errors="replace"))
    tokens = FRAME_TOKENS + (material + told) // LEAST_BYTES_A_TOKEN
    said = spec.parameters.get("max_tokens", spec.parameters.get("max_completion_tokens"))
    answer = said if isinstance(said, int) and said > 0 else MOST_TOKENS
    counts = (tokens, None, None, None, answer, None, None)
    priced = spec.card.priced(counts, None, generates=True)
    if not isinstance(priced, Priced):
        return None
    return priced.cost_nano * MOST_CALLS * questions(spec, subject)


def questions(spec: Spec, subject: Subject) -> int:
    """How many objects the judge is asked for at the most."""
    if spec.kind == PAIRWISE:
        return 2
    if spec.kind != RAG:
        return 1
    if spec.check == "context_relevance":
        count = len(sentences_of([one.text for one in subject.documents or ()]))
        return max(1, -(-count // SENTENCES_AT_ONCE))
    return 1 + -(-MOST_CLAIMS // AT_ONCE)


def _bytes(spec: Spec, subject: Subject) -> int:
    sees = set(spec.config.get("sees") or PARTS)
    if spec.kind == PAIRWISE:  # both answers are shown, whatever else is
        sees.add(OUTPUT)
    return sum(len(part.text.encode(errors="replace")) for part in parts_of(subject, sees))
