"""What a decision is reckoned from: scores and measurements by item, and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["primary", "guard", "advisory"]
Direction = Literal["at_least", "at_most"]
Kind = Literal["relative", "absolute"]

MARGIN = 0.03
LEAST_COMMON = 0.8  # of all items; with fewer in both versions there is no verdict


class CannotDecide(ValueError):
    """No verdict can be given at all; the text says why. It blocks as an error."""


@dataclass(frozen=True, slots=True)
class Scores:
    """One metric of one version. All tuples have one length, in the order of `keys`.

    `values` are the repeats of an item that have a value. `undefined` counts answers of which the
    metric says nothing: neither 0 nor 1.
    """

    keys: tuple[str, ...] = ()
    values: tuple[tuple[float, ...], ...] = ()
    clusters: tuple[str, ...] = ()
    slices: tuple[str, ...] = ()
    undefined: int = 0

    def means(self) -> dict[str, float]:
        """The mean over repeats, by item."""
        return {
            key: sum(values) / len(values)
            for key, values in zip(self.keys, self.values, strict=True)
            if values
        }

    def only(self, keys: Iterable[str]) -> Scores:
        """Of these items alone."""
        wanted = set(keys)
        places = [place for place, key in enumerate(self.keys) if key in wanted]
        return Scores(
            tuple(self.keys[place] for place in places),
            tuple(self.values[place] for place in places),
            tuple(self.clusters[place] for place in places),
            tuple(self.slices[place] for place in places),
            self.undefined,
        )


@dataclass(frozen=True, slots=True)
class Metric:
    """A score that decides, guards, or only informs.

    `old` None: no version serves. `old_passes` and `new_passes` say of each answer whether it
    passes (1 or 0). A metric that may not gate only informs, `why_not` says why.
    """

    name: str
    new: Scores
    old: Scores | None = None
    role: Role = "primary"
    margin: float = MARGIN
    bar: float | None = None
    direction: Direction = "at_least"
    may_gate: bool = True
    why_not: str = ""
    old_passes: Scores | None = None
    new_passes: Scores | None = None

    @property
    def sign(self) -> int:
        """1 where more is better."""
        return 1 if self.direction == "at_least" else -1


@dataclass(frozen=True, slots=True)
class Measure:
    """What an answer took: cost in nano-dollars, latency in ms, refusals and errors as 1 and 0.

    Less is better. `margin` is what is allowed on top, as a share of the old where `kind` is
    relative. `limit` is what the new may not exceed, whatever the old is; None: no limit.
    """

    key: str  # one of `measures.MEASURES`
    new: Scores
    old: Scores | None = None
    margin: float = 0.1
    kind: Kind = "relative"
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """All that one decision looks at.

    `old_items` and `new_items` are the items that each version answered, `planned` all of the
    dataset. `slices` must hold each by itself.
    """

    primary: Metric | None
    others: tuple[Metric, ...] = ()
    measures: tuple[Measure, ...] = ()
    planned: tuple[str, ...] = ()
    new_items: tuple[str, ...] = ()
    old_items: tuple[str, ...] | None = None
    slices: tuple[str, ...] = ()
    smallest_sample: int = 0
    repeats: int = 1
    old_label: str = "the serving version"
    new_label: str = "the new version"
    warnings: tuple[str, ...] = field(default_factory=tuple)
