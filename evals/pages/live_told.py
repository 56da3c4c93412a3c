"""What the page of quality says beside its lanes: rates, what changed, then and now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from evals.pages.drift_words import day_words
from evals.pages.live import ends_text, points_text, value_text
from evals.pages.quality import Days
from evals.pages.wording import between, change, title_of
from evals.queries.live import RATES, THUMBS, LiveSeries, Rate
from evals.queries.live_changes import Change
from evals.statistics.weighted import difference
from kit.figures import percent
from traces.queries.score_figures import ScoreScope
from traces.query.render import written_name
from traces.query.values import quoted

WINDOW = 7  # days of each side of a comparison
_KINDS = {"prompt": "o", "release": "o", "model": "u", "judge": "j"}


@dataclass(frozen=True)
class Told:
    """A rate of the strip."""

    title: str
    value: str
    ends: str
    score: str
    note: str


@dataclass(frozen=True)
class ChangeMark:
    """A change as a line across the lanes and a row of the list."""

    number: int
    x: float
    kind: str
    day: str
    head: str
    text: str
    href: str
    around: str


@dataclass(frozen=True)
class ThenNow:
    """A score of two windows. `is_fair`: the same version judged both."""

    title: str
    then: str
    then_ends: str
    now: str
    now_ends: str
    change: str
    ends: str
    tone: str
    is_fair: bool
    note: str


def rates_told(rates: Iterable[Rate]) -> list[Told]:
    """The strip: what should seldom happen, how often it did."""
    found = []
    for one in rates:
        ends = one.sums.interval(is_share=one.is_share)
        text = f"{percent(max(ends.low, 0))} to {percent(min(ends.high, 1))}" if ends else ""
        title = "Thumbs down" if one.kind == THUMBS else RATES[one.kind]
        of = "" if one.kind == THUMBS else title_of(one.score)
        found.append(Told(title, percent(one.sums.mean), text, of, f"{one.sums.n:,}"))
    return found


def marks_of(
    changes: Sequence[Change], days: Days, slug: str, asked: dict[str, str]
) -> list[ChangeMark]:
    """The changes, numbered in the order of their days."""
    found = []
    for number, one in enumerate(changes, start=1):
        around = reverse("evals:quality_around", args=[slug])
        query = urlencode({**asked, "day": date.fromordinal(one.day).isoformat()})
        found.append(
            ChangeMark(
                number, days.x(min(max(one.day, days.first), days.last)), _KINDS[one.kind],
                day_words(one.day), *_words(one), _href(one, slug), f"{around}?{query}",
            )
        )  # fmt: skip
    return found


def _words(one: Change) -> tuple[str, str]:
    if one.kind == "prompt":
        after = f"v{one.after}" if one.after else "nothing"
        return (
            f"{one.name} {after}",
            f"{one.label} moved{f' from v{one.before}' if one.before else ''}",
        )
    if one.kind == "judge":
        return f"Judge of {one.name} changed", f"v{one.before} to v{one.after}: the line breaks"
    if one.kind == "model":
        return "Another model answers", f"{one.before} to {one.after}" if one.before else one.after
    return f"Release {one.after[:60]}", f"after {one.before[:60]}" if one.before else ""


def _href(one: Change, slug: str) -> str:
    if one.kind == "prompt" and one.after:
        return reverse("prompts:version", args=[slug, one.name, int(one.after)])
    if one.kind == "model":
        return _traces(slug, f"model:{quoted(one.after)}")
    if one.kind == "release":
        return _traces(slug, f"release:{quoted(one.after)}")
    if one.kind == "judge":
        return reverse("evals:evaluator", args=[slug, one.name])
    return ""


def _traces(slug: str, query: str, span: str = "90d") -> str:
    at = reverse("traces:trace_list", args=[slug])
    return f"{at}?{urlencode({'t': span, 'q': query})}"


def traces_of(series: LiveSeries, scope: ScoreScope, slug: str) -> str:
    """The list of the traces behind a lane: those that miss its bar, else all with the score."""
    meaning = series.meaning
    if series.name == THUMBS:
        terms = ["feedback:down"]
    else:
        name = written_name("score", series.name)
        is_number = meaning.bar is not None and not meaning.values
        test = f"{'>' if meaning.is_most else '<'}{meaning.bar:.12g}" if is_number else ""
        terms = [f"{name}{test}" if test else f"has:{name}"]
    if scope.feature:
        terms.append(f"feature:{quoted(scope.feature)}")
    if scope.prompt:
        terms.append(f"prompt:{quoted(scope.prompt.rstrip('/'))}")
    if scope.model:
        terms.append(f"model:{quoted(scope.model)}")
    many = (scope.last - scope.first).days + 1
    return _traces(slug, " ".join(terms), f"{many}d")


def then_and_now(
    series: Sequence[LiveSeries], then: Sequence[LiveSeries], first: int, last: int
) -> list[ThenNow]:
    """Each score in the week from day `first` on, and in the week that ends on day `last`."""
    earlier = {(one.name, one.source): one for one in then}
    found = []
    for one in series:
        old = earlier.get((one.name, one.source))
        if old is None:
            continue
        before = old.between(first, first + WINDOW - 1)
        now = one.between(last - WINDOW + 1, last)
        if before.mean is None or now.mean is None:
            continue
        is_share = one.meaning.is_share
        moved = difference(before, now, is_share=is_share)
        versions = [
            _versions(old, first, first + WINDOW - 1),
            _versions(one, last - WINDOW + 1, last),
        ]
        is_fair = versions[0] == versions[1]
        worse = moved is not None and (moved.low > 0 if one.meaning.is_most else moved.high < 0)
        better = moved is not None and not worse and moved.excludes(0)
        tone = "" if not is_fair or moved is None else "bad" if worse else "ok" if better else ""
        found.append(
            ThenNow(
                title=title_of(one.name),
                then=value_text(before.mean, one),
                then_ends=ends_text(before.interval(is_share=is_share), one),
                now=value_text(now.mean, one),
                now_ends=ends_text(now.interval(is_share=is_share), one),
                change="" if moved is None else _moved(moved.value, is_share),
                ends="" if moved is None else _ends(moved.low, moved.high, is_share),
                tone=tone,
                is_fair=is_fair,
                note=""
                if is_fair
                else f"judged by {_named(versions[0])} then, {_named(versions[1])} now",
            )
        )
    return found


def _versions(series: LiveSeries, first: int, last: int) -> tuple[str, ...]:
    return tuple(sorted({d.evaluator for d in series.days if first <= d.day <= last}))


def _named(versions: tuple[str, ...]) -> str:
    return " and ".join(f"v{one}" if one else "others" for one in versions) or "nobody"


def _moved(value: float, is_share: bool) -> str:
    return points_text(value) if is_share else change(value)


def _ends(low: float, high: float, is_share: bool) -> str:
    if is_share:
        return f"{points_text(low).removesuffix(' points')} to {points_text(high)}"
    return between(low, high)
