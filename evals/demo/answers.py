"""What the demo's versions answer to the golden cases, and what judges and people say of it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from evals.demo.cases import Case

_UNFAITHFUL = (
    ("The money will be back within 24 hours.", "Promises a day; the policy says 5 to 7."),
    ("You can keep the goods in any case.", "The policy allows that only below 40.00."),
    ("I have already sent the refund.", "No tool call made a refund."),
    ("A fee of 3.50 will be kept back.", "Names a fee that stands in none of the documents."),
)
_UNHELPFUL = (
    "Please see our help centre for details.",
    "Could you tell me your order number again?",
)


@dataclass(frozen=True, slots=True)
class Said:
    """One score of an answer: its value, why, and the words that are quoted."""

    value: float
    reason: str
    quoted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One output of a version, in one repeat."""

    text: str
    faithfulness: Said
    helpfulness: Said
    is_unfaithful: bool  # in truth, as a careful person would find
    duration_ms: int
    first_token_ms: int
    input_tokens: int
    output_tokens: int
    cost_nano: int


def answer_of(case: Case, version: int, repeat: int, seed: int) -> Answer:
    """The answer of the refund agent's `version` (14 or 15); the same for the same arguments.

    An item is as hard for each version, and v15 fails fewer of the hard ones: so the two pair.
    """
    item = random.Random(f"{seed}/{case.key}")  # noqa: S311 - it must repeat
    hard = item.betavariate(0.9, 3.0) + (0.12 if case.slice in {"edge", "adversarial"} else 0)
    unfaithful, why = item.choice(_UNFAITHFUL)
    chance = random.Random(f"{seed}/{case.key}/{version}/{repeat}")  # noqa: S311
    fails = chance.random() < hard * (0.85 if version <= 14 else 0.32)
    helps = chance.random() > 0.1
    parts = [case.expected]
    if fails:
        parts.insert(1, unfaithful)
    if not helps:
        parts = [item.choice(_UNHELPFUL), *parts[1:]]
    text = " ".join(parts)
    faithful = chance.betavariate(3, 4) * 0.7 if fails else 0.8 + 0.2 * chance.betavariate(3, 1.4)
    helpful = 0.45 + 0.3 * chance.random() if not helps else 0.75 + 0.25 * chance.betavariate(3, 2)
    tokens_in, tokens_out = 1180 + 62 * (version - 14), max(24, len(text) // 4)
    duration = int(1900 + 900 * chance.betavariate(2, 5) * 4 + (260 if version > 14 else 0))
    return Answer(
        text,
        Said(
            round(faithful, 2),
            why if fails else f"Stands on {case.document['id']}.",
            (unfaithful,) if fails else (),
        ),
        Said(
            round(helpful, 2),
            "Does what was asked." if helps else "Does not say what happens next.",
        ),
        fails,
        duration,
        int(420 + 300 * chance.random()),
        tokens_in,
        tokens_out,
        # $3 and $15 for a million tokens, as of the model's list price.
        3_000 * tokens_in + 15_000 * tokens_out,
    )


def human_of(answer_key: str, judge: float, bar: float, seed: int, person: str) -> bool:
    """Whether a person finds an answer faithful that a judge gave `judge`; mostly they agree."""
    truth = random.Random(f"{seed}/{answer_key}/truth")  # noqa: S311 - it must repeat
    is_good = (judge >= bar) if truth.random() < 0.92 else (judge < bar)
    eye = random.Random(f"{seed}/{answer_key}/{person}")  # noqa: S311
    return is_good if eye.random() < 0.95 else not is_good
