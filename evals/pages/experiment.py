"""One experiment by itself: scores with their ranges and spreads, slices, repeats, worst items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evals.pages.pairing import Own, mean_of, own_mean
from evals.pages.wins import item_words, rate_words, wins_of
from evals.pages.wording import against, bar_text, many, score, share, title_of
from evals.queries.measures import Measure
from evals.queries.outcomes import Item, Outcomes
from evals.queries.pairs import Pairs

BINS = 20
WORST = 10


@dataclass(frozen=True, slots=True)
class Column:
    """One bar of a distribution, in percent of the picture's width and pixels of its height."""

    x: float
    y: float
    height: float
    tone: str


@dataclass(frozen=True)
class Figure:
    """One score of the run."""

    measure: Measure
    title: str
    value: str
    range: str
    bar: str
    passes: str
    tone: str
    columns: list[Column]
    bar_at: float | None
    low: str
    high: str
    words: str
    is_deciding: bool
    undefined: int
    opponent: str = ""  # of a pairwise judge: what it compared with


@dataclass(frozen=True)
class SliceRow:
    """A slice with the mean of each score."""

    name: str
    items: int
    cells: list[tuple[str, str, bool]]  # value, range, below its bar


@dataclass(frozen=True)
class Worst:
    """An item at the foot of the deciding score."""

    key: str
    value: str
    is_below: bool
    slice: str
    is_held_out: bool


def figures_of(
    outcomes: Outcomes,
    measures: Sequence[Measure],
    pairs: Mapping[str, Pairs] | None = None,
    opponent: str = "",
) -> list[Figure]:
    """A figure for each score, the deciding one first; of a pairwise judge the win rate."""
    found = []
    for place, measure in enumerate(measures):
        figure = _figure(outcomes, measure, is_deciding=place == 0)
        if pairs and measure.is_pairwise and measure.name in pairs:
            figure = _of_pairs(figure, pairs[measure.name], opponent)
        found.append(figure)
    return found


def _of_pairs(figure: Figure, pairs: Pairs, opponent: str) -> Figure:
    wins = wins_of(pairs)
    undefined = 0 if pairs.lacking else figure.undefined  # told apart, not twice
    return replace(
        figure, value=wins.value, range=wins.range, passes=wins.counts, tone=wins.tone, bar="",
        low="lost", high="won", undefined=undefined, opponent=opponent,
    )  # fmt: skip


def _figure(outcomes: Outcomes, measure: Measure, *, is_deciding: bool) -> Figure:
    own = own_mean(outcomes, measure.name)
    values = [
        found.mean
        for item in outcomes.items.values()
        if (found := item.scores.get(measure.name)) is not None and found.mean is not None
    ]
    low = measure.low if measure.low is not None else min(values, default=0.0)
    high = measure.high if measure.high is not None else max(values, default=1.0)
    barred = [
        found.passes
        for item in outcomes.items.values()
        if (found := item.scores.get(measure.name)) is not None and found.passes is not None
    ]
    bar = "" if measure.is_binary else bar_text(measure.bar, measure.is_higher_better)
    tone = ""
    if bar and own.mean is not None and measure.bar is not None:
        reaches = own.mean >= measure.bar if measure.is_higher_better else own.mean <= measure.bar
        tone = "" if reaches else "bad"
    span = high - low
    done = sum(1 for item in outcomes.items.values() if item.done)
    return Figure(
        measure=measure,
        title=title_of(measure.name),
        value=against(own.mean, measure.bar),
        range=_range(own),
        bar=bar,
        passes=f"{share(sum(barred), len(barred))} of items pass" if barred else "",
        tone=tone,
        columns=_columns(values, low, high, measure),
        bar_at=round(100 * (measure.bar - low) / span, 2)
        if bar and measure.bar is not None and span > 0 and low <= measure.bar <= high
        else None,
        low=score(low),
        high=score(high),
        words=f"{title_of(measure.name)} of {many(len(values), 'item')}, from {score(low)} to "
        f"{score(high)}",
        is_deciding=is_deciding,
        undefined=max(done - len(values), 0),
    )


def _range(own: Own) -> str:
    return "" if own.low is None or own.high is None else f"{score(own.low)} to {score(own.high)}"


def _columns(values: Sequence[float], low: float, high: float, measure: Measure) -> list[Column]:
    """The spread of items' means over equal steps; a bar that holds nothing is left out."""
    if not values:
        return []
    step = (high - low) / BINS or 1.0
    counts = [0] * BINS
    for value in values:
        counts[min(max(int((value - low) / step), 0), BINS - 1)] += 1
    most = max(counts)
    columns = []
    for place, count in enumerate(counts):
        if not count:
            continue
        height = max(round(30 * count / most, 1), 1.5)
        passes = _passes(low + place * step, low + (place + 1) * step, place, measure)
        columns.append(
            Column(round(100 * place / BINS, 2), 32 - height, height, "" if passes else "low")
        )
    return columns


def _passes(start: float, end: float, place: int, measure: Measure) -> bool:
    """Whether a step of the scale lies on the passing side of the bar; the last holds its end."""
    if measure.bar is None:
        return True
    if not measure.is_higher_better:
        return start <= measure.bar + 1e-9
    return end > measure.bar + 1e-9 or (place == BINS - 1 and end >= measure.bar - 1e-9)


def slices_of(
    outcomes: Outcomes, measures: Sequence[Measure], pairs: Mapping[str, Pairs] | None = None
) -> list[SliceRow]:
    """Every slice by itself, by name; none where all items share one."""
    parts: dict[str, list[Item]] = {}
    for item in outcomes.items.values():
        parts.setdefault(item.slice, []).append(item)
    if len(parts) < 2:
        return []
    rows = []
    for name, items in sorted(parts.items(), key=lambda pair: (not pair[0], pair[0])):
        cells = []
        for measure in measures:
            if pairs and measure.is_pairwise and measure.name in pairs:
                rate = pairs[measure.name].rate_over([item.key for item in items])
                cells.append((*rate_words(rate)[:2], False))
                continue
            having = [
                (found.mean, item.cluster)
                for item in sorted(items, key=lambda one: one.key)
                if (found := item.scores.get(measure.name)) is not None and found.mean is not None
            ]
            own = mean_of([mean for mean, _ in having], [cluster for _, cluster in having])
            below = False
            if own.mean is not None and measure.bar is not None and not measure.is_binary:
                below = (own.mean < measure.bar) == measure.is_higher_better and (
                    own.mean != measure.bar
                )
            cells.append((against(own.mean, measure.bar), _range(own), below))
        rows.append(SliceRow(name or "no slice", len(items), cells))
    return rows


def worst_of(outcomes: Outcomes, measure: Measure | None) -> list[Worst]:
    """The items with the worst means of the deciding score, worst first; perfect ones left out."""
    if measure is None:
        return []
    sign = 1 if measure.is_higher_better else -1
    found = [
        (item, scored)
        for item in outcomes.items.values()
        if (scored := item.scores.get(measure.name)) is not None and scored.mean is not None
    ]
    best = measure.high if measure.is_higher_better else measure.low
    found = [pair for pair in found if pair[1].mean != best or pair[1].passes is False]
    found.sort(key=lambda pair: (sign * (pair[1].mean or 0.0), pair[0].place))
    return [
        Worst(
            item.key,
            item_words(measure, scored.mean),
            scored.passes is False,
            item.slice,
            item.is_held_out,
        )
        for item, scored in found[:WORST]
    ]
