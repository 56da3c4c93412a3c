"""Unit costs as the page, the file and REST tell them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any
from urllib.parse import quote

from django.urls import reverse

from costs.models import GoodEnd
from costs.queries.units import Range, Unit, UnitRow, Units
from kit.figures import UNKNOWN, count, money, percent
from pricing.price import usd

MOST_ROWS = 100
LITTLE_KNOWN = 0.95  # of cases whose end is known; below it the figure is told with care
NOT_SAID = {"feature": "Not attributed", "model": "Unknown model", "prompt": "Without a prompt"}
UNITS = ("request", "trace", "session", "end")


@dataclass(frozen=True)
class Cell:
    """One unit cost in a row."""

    amount: str
    range: str
    note: str
    href: str = ""


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    name: str
    href: str
    cost: int
    calls: int
    cells: Sequence[Cell]
    verdict: str
    tone: str
    is_rest: bool


def name_of(key: Sequence[str], by: str) -> str:
    """`refund v3`, or what stands for none."""
    if not key[0]:
        return NOT_SAID[by]
    return f"{key[0]} v{key[1]}" if len(key) > 1 and key[1] else key[0]


def lines_of(slug: str, within: Range, found: Units, by: str, feature: str) -> list[Line]:
    """The table, the dearest first, what is not said last."""
    rows = [row for row in found.rows if row.key[0]][:MOST_ROWS]
    rows += [row for row in found.rows if not row.key[0]]
    return [_line(slug, within, row, by, feature) for row in rows]


def _line(slug: str, within: Range, row: UnitRow, by: str, feature: str) -> Line:
    verdict, tone = verdict_of(row, by)
    href = traces_href(slug, within, terms_of(row.key, by, feature))
    if by == "feature" and not row.key[0]:
        href = reverse("features:rules", args=[slug])
    elif not row.key[0]:
        href = ""
    return Line(
        name=name_of(row.key, by),
        href=href,
        cost=row.cost,
        calls=row.calls,
        cells=[_cell(slug, within, row, name, by, feature) for name in UNITS],
        verdict=verdict,
        tone=tone,
        is_rest=not row.key[0],
    )


def _cell(slug: str, within: Range, row: UnitRow, name: str, by: str, feature: str) -> Cell:
    unit: Unit = getattr(row, name)
    if unit.amount is None:
        return Cell(UNKNOWN, "", unit.why)
    note = f"{'about ' if unit.is_estimated else ''}{count(round(unit.number))}"
    href = ""
    if name == "end" and row.choice is not None and (not row.key or row.key[0]):
        terms = terms_of(row.key, by, feature)
        href = traces_href(slug, within, [*terms, end_term(row.choice)])
    if name == "end" and row.coverage is not None and row.coverage < LITTLE_KNOWN:
        note += f", end known of {percent(round(row.coverage, 3))}"
    return Cell(money(unit.amount), range_text(unit), note, href)


def range_text(unit: Unit) -> str:
    """`$0.012 to $0.019`, or that there is too little for a range."""
    if unit.amount is None:
        return ""
    if unit.low is None or unit.high is None:
        return "too few for a range"
    if unit.low == unit.high:
        return "always the same"
    return f"{money(unit.low)} to {money(unit.high)}"


def verdict_of(row: UnitRow, by: str) -> tuple[str, str]:
    """How a row stands to the one it is compared with, and its tone."""
    if row.against is None:
        return "", ""
    other = name_of(row.against, by)
    found = row.difference
    if found is None:
        return f"too few to compare with {other}", ""
    word = "dearer" if found.change >= 0 else "cheaper"
    low, high = found.low, found.high
    span = f"{_signed(low)} to {_signed(high)}"
    if not row.stands_out:
        return f"no difference to {other} beyond noise ({span})", ""
    return (
        f"{percent(abs(round(found.change, 3)))} {word} than {other} a {row.compared} ({span})",
        "bad" if found.change > 0 else "ok",
    )


def _signed(share: float) -> str:
    return f"{'+' if share >= 0 else '−'}{percent(abs(round(share, 3)))}"


def _chosen(found: Units, by: str) -> list[UnitRow]:
    """Features that have a good end where the project has none for all."""
    if found.whole.choice is not None or by != "feature":
        return []
    return [row for row in found.rows if row.choice is not None and row.key[0]]


def figures_of(
    slug: str, within: Range, found: Units, feature: str, by: str = ""
) -> list[dict[str, Any]]:
    """The strip above the table."""
    whole = found.whole
    terms = [f'feature:"{_plain(feature)}"'] if feature else []
    href = traces_href(slug, within, terms)
    strip: list[dict[str, Any]] = [
        {
            "label": f"Spent in {within.days} days", "value": money(whole.cost),
            "note": "without judges and evals", "href": href,
        }
    ]  # fmt: skip
    for name, label in (("request", "Per request"), ("trace", "Per trace"),
                        ("session", "Per session"), ("end", "Per good end")):  # fmt: skip
        cell = _cell(slug, within, whole, name, "feature", feature)
        note = cell.range or cell.note
        if name == "end" and (own := _chosen(found, by)):
            cell = _cell(slug, within, own[0], name, "feature", feature)
            note = f"of {own[0].key[0]}, {cell.range or cell.note}"
            if len(own) > 1:
                cell, note = Cell(UNKNOWN, "", ""), "chosen by feature, see below"
        strip.append(
            {"label": label, "value": cell.amount, "note": note, "href": cell.href or href}
        )
    strip.append(
        {
            "label": "Judges and evals", "value": money(whole.evaluators + found.try_outs),
            "note": f"{money(whole.evaluators)} on traffic, {money(found.try_outs)} in experiments",
            "href": reverse("evals:experiments", args=[slug]),
        }
    )  # fmt: skip
    return strip


def end_sentence(found: Units, by: str = "") -> str:
    """What the figure of good ends says, and what it does not know."""
    whole = found.whole
    own = _chosen(found, by)
    if own:
        named = ", ".join(f"{row.choice.words} for {row.key[0]}" for row in own if row.choice)
        return (
            f"A good end is the {named}: all cost of the feature, of good ends and of others, over "
            "the good ones. Other features have none."
        )
    if whole.choice is None:
        return "Nothing is chosen that says a request ended well, so no cost of a good end is told."
    words, coverage = whole.choice.words, whole.coverage
    said = f"A good end is the {words}: all cost, of good ends and of others, over the good ones."
    if not whole.known:
        return f"{said} No trace of these days has it."
    if coverage is not None and coverage < LITTLE_KNOWN:
        alike = ""
        if whole.end.amount is not None and coverage > 0:
            alike = (
                f" If the others end alike, one costs about "
                f"{money(round(whole.end.amount * coverage))}."
            )
        return f"{said} How they ended is known of {percent(round(coverage, 3))}.{alike}"
    return said


def sample_sentence(found: Units) -> str:
    """What was looked at for ranges."""
    if found.is_all:
        return f"Ranges are of 95 %, from all {count(found.looked_at)} traces."
    return (
        "Sums are those of all traces. Ranges of 95 %, sessions and what says “about” are from "
        f"{count(found.looked_at)} of about {count(found.traces)} traces, spread evenly over the "
        "days."
    )


def terms_of(key: Sequence[str], by: str, feature: str) -> list[str]:
    """Terms of a query that finds the traces of a row."""
    terms = [f'feature:"{_plain(feature)}"'] if feature and by != "feature" else []
    if not key or not key[0]:
        return terms
    value = f"{key[0]}/{key[1]}" if by == "prompt" and key[1] else key[0]
    return [*terms, f'{by}:"{_plain(value)}"']


def end_term(choice: GoodEnd) -> str:
    """A term of a query that finds good ends."""
    if choice.kind == GoodEnd.Kind.OUTCOME:
        return f'outcome:"{_plain(choice.name)}"'
    name = f'score."{_plain(choice.name)}"'
    if choice.test in (GoodEnd.Test.AT_LEAST, GoodEnd.Test.AT_MOST):
        return f"{name}{'>=' if choice.test == GoodEnd.Test.AT_LEAST else '<='}{choice.bar:g}"
    if choice.test == GoodEnd.Test.IS:
        return f'{name}:"{_plain(choice.value)}"'
    return f"{name}:{choice.test}"


def traces_href(slug: str, within: Range, terms: Sequence[str]) -> str:
    """The list of the traces of these days."""
    between = quote(f"{within.since:%Y-%m-%dT%H:%MZ}..{within.until:%Y-%m-%dT%H:%MZ}")
    asked = f"&q={quote(' '.join(terms))}" if terms else ""
    return f"{reverse('traces:trace_list', args=[slug])}?t={between}{asked}"


def _plain(text: str) -> str:
    return text.replace('"', "")


def choice_rows(choices: Mapping[str, GoodEnd]) -> list[dict[str, Any]]:
    """What counts, the project's choice first."""
    return [
        {"pk": one.pk, "feature": feature, "words": one.words, "by": one.chosen_by,
         "at": one.chosen_at}
        for feature, one in sorted(choices.items())
    ]  # fmt: skip


def document_of(row: UnitRow, by: str) -> dict[str, Any]:
    """A row as REST gives it."""
    found = row.difference
    return {
        "name": name_of(row.key, by) if row.key else "",
        "key": list(row.key),
        "cost_usd": usd(row.cost),
        "evaluators_usd": usd(row.evaluators),
        "requests": row.calls,
        "unpriced_requests": row.unpriced,
        "per_request": unit_document(row.request),
        "per_trace": unit_document(row.trace),
        "per_session": unit_document(row.session),
        "per_good_end": unit_document(row.end),
        "good_end": row.choice.words if row.choice else None,
        "ends_known": round(row.known),
        "share_of_ends_known": None if row.coverage is None else round(row.coverage, 4),
        "compared_with": name_of(row.against, by) if row.against else None,
        "change": None if found is None else round(found.change, 4),
        "change_low": None if found is None else round(found.low, 4),
        "change_high": None if found is None else round(found.high, 4),
        "more_than_noise": None if found is None else row.stands_out,
    }


def unit_document(unit: Unit) -> dict[str, Any]:
    """One unit cost; unknown is null, and says why."""
    return {
        "usd": usd(unit.amount), "low_usd": usd(unit.low), "high_usd": usd(unit.high),
        "number": round(unit.number), "estimated": unit.is_estimated, "why": unit.why,
    }  # fmt: skip


def as_csv(found: Units, by: str) -> str:
    """The table with exact amounts, every row; cells never begin a formula."""
    out = StringIO()
    writer = csv.writer(out)
    head = [by, "cost_usd", "evaluators_usd", "requests", "unpriced"]
    for name in UNITS:
        head += [f"per_{name}_usd", f"{name}_low_usd", f"{name}_high_usd", f"{name}_number"]
    writer.writerow([*head, "ends_known", "compared_with", "change", "more_than_noise"])
    for row in found.rows:
        name = name_of(row.key, by) if row.key[0] else ""
        name = f"'{name}" if name[:1] in "=+-@\t\r" and name else name
        line: list[Any] = [name, usd(row.cost), usd(row.evaluators), row.calls, row.unpriced]
        for kind in UNITS:
            unit: Unit = getattr(row, kind)
            line += [usd(unit.amount), usd(unit.low), usd(unit.high), round(unit.number)]
        change = "" if row.difference is None else round(row.difference.change, 4)
        against = name_of(row.against, by) if row.against else ""
        against = f"'{against}" if against[:1] in "=+-@\t\r" and against else against
        writer.writerow([*line, round(row.known), against, change, row.stands_out])
    return out.getvalue()
