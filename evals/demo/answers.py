"""What versions answer to the demo's golden cases, and what judges and people say of it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from evals.demo.cases import Case
from traces.demo.catalog import HAIKU, SONNET, Model

BAR = 0.75
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
class Variant:
    """A version on a model. `slips` is how likely it says something unfounded on a hard item."""

    version: int
    model: Model
    slips: float
    in_nano: int  # nano-dollars a token, as the model's list price says
    out_nano: int


V14 = Variant(14, SONNET, 0.85, 3_000, 15_000)
V15 = Variant(15, SONNET, 0.32, 3_000, 15_000)
V15_SMALL = Variant(15, HAIKU, 1.35, 1_000, 5_000)


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
    duration_us: int
    first_token_us: int
    input_tokens: int
    output_tokens: int
    cost_nano: int


def answer_of(case: Case, variant: Variant, repeat: int, seed: int) -> Answer:
    """The answer of `variant`; the same for the same arguments.

    An item is as hard for each of them, so that they pair.
    """
    item = random.Random(f"{seed}/{case.key}")  # noqa: S311 - it must repeat
    likely = 0.75 if case.slice in {"edge", "adversarial"} else 0.46
    hard = item.betavariate(1.2, 1.7) if item.random() < likely else 0.01
    unfaithful, why = item.choice(_UNFAITHFUL)
    named = f"{seed}/{case.key}/{variant.version}/{variant.model.asked}/{repeat}"
    chance = random.Random(named)  # noqa: S311
    fails, helps = chance.random() < hard * variant.slips, chance.random() > 0.1
    parts = [case.expected] if helps else [item.choice(_UNHELPFUL)]
    if fails:
        parts.append(unfaithful)
    text = " ".join(parts)
    tokens_in, tokens_out = 1180 + 62 * (variant.version - 14), max(24, len(text) // 4)
    first = int(variant.model.first_s * 1e6 * (0.8 + 0.5 * chance.random()))
    return Answer(
        text,
        _faithful(chance if fails else item, case, fails, (unfaithful, why)),
        _helpful(item, helps),
        fails,
        first + int(tokens_out / variant.model.rate * 1e6 * (1 + chance.betavariate(2, 5))),
        first,
        tokens_in,
        tokens_out,
        variant.in_nano * tokens_in + variant.out_nano * tokens_out,
    )


def _faithful(chance: random.Random, case: Case, fails: bool, wrong: tuple[str, str]) -> Said:
    if fails:
        return Said(round(0.7 * chance.betavariate(3, 4), 2), wrong[1], (wrong[0],))
    value = 0.8 + 0.2 * chance.betavariate(3, 1.4)
    return Said(round(value, 2), f"Every claim stands in {case.document['id']}.")


def _helpful(chance: random.Random, helps: bool) -> Said:
    if helps:
        return Said(round(0.75 + 0.25 * chance.betavariate(3, 2), 2), "Does what was asked.")
    return Said(round(0.4 + 0.25 * chance.random(), 2), "Does not say what happens next.")


def label_of(answer: Answer, key: str, person: str, seed: int) -> tuple[float, str]:
    """What a person gives an answer for faithfulness, and why; now and then they err."""
    eye = random.Random(f"{seed}/{key}/{person}")  # noqa: S311 - it must repeat
    is_bad = answer.is_unfaithful if eye.random() < 0.95 else not answer.is_unfaithful
    if is_bad:
        why = answer.faithfulness.reason if answer.is_unfaithful else "I do not find this there."
        return round(0.1 + 0.4 * eye.random(), 1), why
    return round(0.8 + 0.2 * eye.random(), 1), ""


def judged_again(answer: Answer, key: str, seed: int, *, wobble: float) -> float:
    """What a judge says of the same answer another time, or another version of the judge does.

    `wobble` is how likely it turns its verdict.
    """
    chance = random.Random(f"{seed}/{key}/again/{wobble}")  # noqa: S311 - it must repeat
    value = answer.faithfulness.value
    if chance.random() < wobble:
        value = 0.3 + 0.3 * chance.random() if value >= BAR else 0.78 + 0.2 * chance.random()
    return round(min(1.0, max(0.0, value + chance.gauss(0, 0.02))), 2)
