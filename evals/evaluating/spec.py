"""An evaluator's version, opened: all that is needed to score with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.client.connection import Connection
from pricing.card import Card

Kind = Literal["code", "retrieval", "rag", "agent", "judge", "pairwise", "remote"]
DataType = Literal["number", "boolean", "category"]
Direction = Literal["at_least", "at_most"]

CODE, RETRIEVAL, RAG, AGENT = "code", "retrieval", "rag", "agent"
JUDGE, PAIRWISE, REMOTE = "judge", "pairwise", "remote"
MODEL_KINDS = frozenset({JUDGE, PAIRWISE, RAG})
NUMBER, BOOLEAN, CATEGORY = "number", "boolean", "category"
AT_LEAST, AT_MOST = "at_least", "at_most"


@dataclass(frozen=True, slots=True)
class Spec:
    """How to score. `config` has passed `evals.evaluating.settings`.

    `connection` is set where a model scores, `card` where that model has a price; `fault` says why
    it cannot score at all (no provider is connected), and then every verdict is that error. The
    secret of a remote evaluator and the key in `connection` stay out of every text made from it.
    """

    name: str
    kind: str
    config: Mapping[str, Any] = field(default_factory=dict)
    data_type: str = NUMBER
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    bar: float | None = None
    bar_direction: str = AT_LEAST
    version_id: int = 0
    number: int = 0
    model: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    connection: Connection | None = None
    card: Card | None = None
    secret: str = field(default="", repr=False)
    fault: str = ""

    @property
    def is_model(self) -> bool:
        """True where a model scores."""
        return self.kind in MODEL_KINDS

    @property
    def check(self) -> str:
        """Which of its kind's checks or metrics it is; '' where the kind has but one."""
        named = self.config.get("check")
        return named if isinstance(named, str) else ""
