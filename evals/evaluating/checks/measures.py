"""Checks of what a call took: time and money. Pure."""

from __future__ import annotations

from decimal import Decimal

from evals.evaluating.setting import NUMBER, Check, Setting
from evals.evaluating.spec import Spec
from evals.evaluating.subject import Subject, Verdict
from evals.evaluating.verdicts import undefined, verdict_of


def _latency(spec: Spec, subject: Subject) -> Verdict:
    is_first = spec.config.get("of") == "first_token"
    taken = subject.first_token_ms if is_first else subject.duration_ms
    if taken is None:
        return undefined("The answer came as a whole." if is_first else "The time is not known.")
    return verdict_of(spec, taken, f"{taken:,.0f} ms.")


def _cost(spec: Spec, subject: Subject) -> Verdict:
    if subject.cost_nano is None:
        return undefined("The call is unpriced.")
    usd = Decimal(subject.cost_nano).scaleb(-9)
    # A score is a float; the money itself stays in whole nano-dollars, on the span.
    return verdict_of(spec, float(usd), f"${usd:f}.")


LATENCY = Check(
    "latency",
    "Latency",
    "Milliseconds until the answer was there.",
    _latency,
    (
        Setting(
            "of", "Until", "choice", "total",
            (("total", "the whole answer"), ("first_token", "the first token")),
        ),
    ),
    types=(NUMBER,),
    minimum=0.0,
    bar=None,
    direction="at_most",
)  # fmt: skip
COST = Check(
    "cost",
    "Cost",
    "US dollars that the answer cost.",
    _cost,
    types=(NUMBER,),
    minimum=0.0,
    bar=None,
    direction="at_most",
)
