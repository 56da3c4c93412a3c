"""What of answers can guard: cost, latency, refusals, failures. Without numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evals.deciding.inputs import Kind

Statistic = Literal["mean", "p95"]


@dataclass(frozen=True, slots=True)
class Known:
    """A measure that can guard: how it is called, what of an answer it is of, and what is usual."""

    name: str
    source: str  # as experiments keep it
    statistic: Statistic
    kind: Kind
    margin: float


MEASURES: dict[str, Known] = {
    "cost": Known("Cost per answer", "cost", "mean", "relative", 0.10),
    "p95_latency": Known("p95 latency", "latency", "p95", "relative", 0.20),
    "p95_first_token": Known("p95 to first token", "first_token", "p95", "relative", 0.20),
    "refusals": Known("Refusals", "refusal", "mean", "absolute", 0.02),
    "errors": Known("Failed calls", "error", "mean", "absolute", 0.02),
}
