"""A plan as its page tells it: figures, models side by side, months, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from costs.economy.planning import Span
from costs.queries.plans import Outlook, Reality
from costs.values.plans import Terms
from kit.figures import UNKNOWN, count, money, percent

PERIODS = {
    "day": "a day", "week": "a week", "month": "a month", "rolling": "in rolling days",
    "all": "for all of it",
}  # fmt: skip
FACTORS = {
    "volume": "volume: requests", "tokens": "tokens of a request", "cache": "share read from cache",
    "mix": "mix of token classes", "price": "price",
}  # fmt: skip
LITTLE = 0.05  # of the plan: a deviation that needs no words


def ranged(span: Span | None) -> str:
    """`$120 to $180`; '' where nothing varies."""
    if span is None or span.low is None or span.high is None:
        return ""
    return f"{money(span.low)} to {money(span.high)}"


def break_text(terms: Terms, found: Outlook) -> str:
    """Where the budget breaks, in a sentence."""
    ceiling = terms.ceiling
    if found.priced.rate is None:
        return f"{found.priced.model} has no price that holds: {found.priced.why}."
    if ceiling is None:
        return "No budget is held against it."
    name = (
        "The budget" if terms.ceiling_name == "typed in" else f"The budget “{terms.ceiling_name}”"
    )
    said = f"{name} of {money(ceiling.limit)} {PERIODS[ceiling.period]}"
    if found.breaks is None:
        late = ""
        if found.breaks_early is not None:
            day = f"{found.breaks_early.day:%-d %B %Y}"
            late = f" At the upper end of the range it breaks on {day}."
        return f"{said} never breaks within these {terms.draft.horizon} days.{late}"
    one = found.breaks
    users = terms.traffic.users_of(one.requests)
    who = f", {count(users)} active users," if users is not None else ""
    first = f"{found.breaks_early.day:%-d %B %Y}" if found.breaks_early else ""
    last = f"{found.breaks_late.day:%-d %B %Y}" if found.breaks_late else "never"
    span = f" The range is {first} to {last}." if first != last else ""
    return (
        f"{said} breaks on {one.day:%-d %B %Y}, at {count(one.requests)} requests{who} a day.{span}"
    )


def figures_of(terms: Terms, found: Outlook) -> list[dict[str, Any]]:
    """The strip: of the planned model."""
    rate, first, whole = found.priced.rate, found.first, found.whole
    each = "no price that holds"
    if rate is not None:
        each = f"{money(rate.middle)} in the middle, {money(rate.dear)} the dearest tenth"
        each = each if terms.items > 1 else "as typed" if not terms.draft.experiment else "one item"
    breaks = UNKNOWN if found.breaks is None else f"{found.breaks.day:%-d %b %Y}"
    note, tone = "no budget is held against it", "muted"
    if terms.ceiling is not None and rate is not None:
        breaks = breaks if found.breaks else "Never"
        tone = "bad" if found.breaks else "ok"
        users = terms.traffic.users_of(found.breaks.requests) if found.breaks else None
        note = f"within {terms.draft.horizon} days"
        if found.breaks:
            note = f"at {count(found.breaks.requests)} requests a day"
            note += f", {count(users)} users" if users is not None else ""
    held = f"{count(found.holds)} a day" if found.holds is not None else UNKNOWN
    return [
        {"label": "Per request", "value": money(round(rate.per_request)) if rate else UNKNOWN,
         "note": each},
        {"label": "First 30 days" if len(found.days) >= 30 else f"First {len(found.days)} days",
         "value": money(first.nano) if first else UNKNOWN,
         "note": ranged(first) or "no range: nothing tells how it varies"},
        {"label": f"All {terms.draft.horizon} days",
         "value": money(whole.nano) if whole else UNKNOWN,
         "note": f"{count(whole.requests)} requests" if whole else ""},
        {"label": "Budget breaks", "value": breaks, "note": note, "tone": tone},
        {"label": "Budget holds up to", "value": held, "note": "requests, with what others spend"},
    ]  # fmt: skip


@dataclass(frozen=True)
class ModelLine:
    """One model of the table."""

    name: str
    why: str
    per_request: str
    first: str
    range: str
    whole: str
    against: str
    tone: str
    breaks: str
    at: str


def model_lines(terms: Terms, found: Sequence[Outlook]) -> list[ModelLine]:
    """The planned model, and the same on the others."""
    base = found[0].priced.rate
    lines = []
    for place, one in enumerate(found):
        rate = one.priced.rate
        against = tone = ""
        if place and rate is not None and base is not None and base.nano:
            change = float(rate.per_request / base.per_request) - 1
            word = "dearer" if change > 0 else "cheaper"
            against = f"{percent(abs(round(change, 3)))} {word}" if change else "the same"
            tone = "warn" if change > 0 else "ok" if change < 0 else ""
        breaks = UNKNOWN
        if terms.ceiling is not None and rate is not None:
            breaks = f"{one.breaks.day:%-d %b %Y}" if one.breaks else "never"
        at = ""
        if one.breaks is not None:
            users = terms.traffic.users_of(one.breaks.requests)
            at = f"{count(one.breaks.requests)} requests a day"
            at += f", {count(users)} users" if users is not None else ""
        lines.append(
            ModelLine(
                str(one.priced.model), one.priced.why,
                money(round(rate.per_request)) if rate else UNKNOWN,
                money(one.first.nano) if one.first else UNKNOWN, ranged(one.first),
                money(one.whole.nano) if one.whole else UNKNOWN, against, tone, breaks, at,
            )
        )  # fmt: skip
    return lines


def deviation_text(found: Reality) -> str:
    """How what was spent stands to the plan, and by what."""
    planned, actual = found.planned, found.actual
    days = f"{len(found.by_day)} day{'' if len(found.by_day) == 1 else 's'}"
    if not actual.nano and not actual.requests:
        return f"Nothing of the feature arrived in the {days} since the launch."
    said = f"{money(actual.nano)} were spent in {days}, {money(planned.nano)} were planned"
    if not planned.nano:
        return f"{said}."
    off = (actual.nano - planned.nano) / planned.nano
    if abs(off) < LITTLE:
        return f"{said}: as planned."
    word = "more" if off > 0 else "less"
    said += f": {percent(abs(round(off, 3)))} {word}"
    if not found.factors:
        return f"{said}. It cannot be taken apart: no tokens or traces are known."
    sign = 1 if off > 0 else -1
    most = max(found.factors, key=lambda name: sign * found.factors[name])
    return f"{said}, most of it by {FACTORS[most].split(':')[0]}."


def factor_rows(found: Reality) -> list[tuple[str, str, str, str]]:
    """Each factor in words, what was planned, what was, and its money."""
    planned, actual = found.planned, found.actual

    def a_request(side: Any) -> str:
        return count(round(side.all_tokens / side.requests)) if side.requests else UNKNOWN

    def cached(side: Any) -> str:
        plain = side.tokens[0] + side.tokens[1]
        return percent(round(side.tokens[1] / plain, 3)) if plain else UNKNOWN

    def a_token(side: Any) -> str:
        return money(side.nano * 1_000_000 // side.all_tokens) if side.all_tokens else UNKNOWN

    told = {
        "volume": (count(planned.requests), count(actual.requests)),
        "tokens": (a_request(planned), a_request(actual)),
        "cache": (cached(planned), cached(actual)),
        "mix": ("", ""),
        "price": (f"{a_token(planned)} a million", f"{a_token(actual)} a million"),
    }
    return [(FACTORS[name], *told[name], _signed(amount)) for name, amount in found.factors.items()]


def _signed(amount: int) -> str:
    return f"{'+' if amount > 0 else ''}{money(amount)}"


def traffic_text(terms: Terms) -> str:
    """The curve in words."""
    d = terms.draft
    grows = {
        "none": "staying so",
        "linear": f"{d.amount.normalize():f} a day more each week",
        "percent": f"growing {d.amount.normalize():f} % a week",
        "doubling": f"doubling in {d.amount.normalize():f} days",
    }[d.growth]
    said = f"{d.per_day.normalize():,f} requests a day from {d.launch:%-d %B %Y}, {grows}"
    if d.steps:
        said += f", {len(d.steps)} step{'' if len(d.steps) == 1 else 's'}"
    if d.per_user:
        said += f"; {d.per_user.normalize():f} a user and day"
    return said


def cache_text(terms: Terms) -> str:
    """The caches in words."""
    d = terms.draft
    prefix = "as measured" if d.experiment else "as typed"
    if d.cached is not None:
        prefix = f"{d.cached.normalize():f} % of the input"
    return f"prefix cache {prefix}; response cache {d.answered.normalize():f} % of the requests"
