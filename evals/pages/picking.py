"""Which items of a comparison are shown, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from evals.pages.compared import Compared
from evals.pages.verdicts import Verdict
from evals.queries.outcomes import Item, Outcomes

SIZE = 50
SHOWN = ("changed", "regressed", "improved", "flipped", "error", "all")
SHOWN_ALONE = ("all", "below", "error")  # of one run by itself
WORDS = {
    "changed": "Changed", "regressed": "Regressed", "improved": "Improved",
    "flipped": "Flipped", "error": "Error", "all": "All", "below": "Below the bar",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Which items are wanted. `run` narrows to the moves of one run, `to` to flips one way."""

    show: str = "changed"
    run: int | None = None
    to: str = ""
    slice: str | None = None
    text: str = ""


@dataclass(frozen=True)
class Picked:
    """Keys of the items that are wanted, the largest drop first, and how many there are of each
    kind and in each slice."""

    keys: list[str]
    counts: list[tuple[str, str, int]]  # name, words, how many
    slices: list[tuple[str, int]]


def picked(
    found: Compared,
    outcomes: Mapping[int, Outcomes],
    asked: Asked,
    saying: set[str] | None = None,
) -> Picked:
    """What `asked` leaves of all items that any of the runs has."""
    verdicts = [
        one for one in found.verdicts if asked.run is None or one.run.number == asked.run
    ] or found.verdicts
    items: dict[str, Item] = {}
    for run in [found.base, *(one.run for one in found.verdicts)]:
        for key, item in outcomes[run.experiment.pk].items.items():
            items.setdefault(key, item)
    slices: dict[str, int] = {}
    for item in items.values():
        slices[item.slice] = slices.get(item.slice, 0) + 1
    within = {
        key
        for key, item in items.items()
        if (asked.slice is None or item.slice == asked.slice) and (saying is None or key in saying)
    }
    kinds = _kinds(items, verdicts, outcomes, found)
    names = SHOWN if found.verdicts else SHOWN_ALONE
    counts = [(name, WORDS[name], len(kinds[name] & within)) for name in names]
    wanted = kinds[asked.show] & within
    if asked.show == "flipped" and asked.to:
        wanted &= _flips(verdicts, asked.to)
    order = _Order.of(found, verdicts, outcomes)
    keys = sorted(wanted, key=lambda key: (order(key), items[key].place, key))
    return Picked(keys, counts, sorted(slices.items()))


def _kinds(
    items: Mapping[str, Item], verdicts: Sequence[Verdict], outcomes: Mapping[int, Outcomes],
    found: Compared,
) -> dict[str, frozenset[str]]:  # fmt: skip
    improved = _union(one.pairing.improved for one in verdicts)
    regressed = _union(one.pairing.regressed for one in verdicts)
    flipped = _flips(verdicts, "")
    runs = [found.base, *(one.run for one in verdicts)]
    errors = frozenset(
        key
        for run in runs
        for key, item in outcomes[run.experiment.pk].items.items()
        if item.failed
    )
    return {
        "changed": improved | regressed | flipped,
        "regressed": regressed,
        "improved": improved,
        "flipped": flipped,
        "error": errors,
        "below": frozenset(
            key
            for key, item in outcomes[found.base.experiment.pk].items.items()
            if any(one.passes is False for one in item.scores.values())
        ),
        "all": frozenset(items),
    }


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _flips(verdicts: Sequence[Verdict], to: str) -> frozenset[str]:
    passes = _union(one.pairing.to_pass for one in verdicts) if to != "fail" else frozenset()
    fails = _union(one.pairing.to_fail for one in verdicts) if to != "pass" else frozenset()
    return passes | fails


@dataclass(frozen=True, slots=True)
class _Order:
    """The worst that became of an item in any of the runs; of one run alone, its score."""

    sign: int
    moves: Sequence[Mapping[str, float]]
    missing: float = 0.0

    @classmethod
    def of(
        cls, found: Compared, verdicts: Sequence[Verdict], outcomes: Mapping[int, Outcomes]
    ) -> _Order:
        """By the deciding score."""
        measure = found.measure
        sign = 1 if measure is None or measure.is_higher_better else -1
        if verdicts or measure is None:
            return cls(sign, [one.pairing.moves for one in verdicts])
        own = {
            key: scored.mean
            for key, item in outcomes[found.base.experiment.pk].items.items()
            if (scored := item.scores.get(measure.name)) is not None and scored.mean is not None
        }
        return cls(sign, [own], missing=inf)

    def __call__(self, key: str) -> float:
        return min((self.sign * one[key] for one in self.moves if key in one), default=self.missing)
