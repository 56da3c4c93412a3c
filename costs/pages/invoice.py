"""An export beside what traces say: figures, causes in words, rows with their traces, a CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from typing import Any
from urllib.parse import quote

from django.urls import reverse

from costs.invoicing.causes import NOT_A_MODEL
from costs.invoicing.comparing import ALL, Comparison, unknown_names
from costs.invoicing.items import CLASSES
from costs.invoicing.sides import Cause, Cell
from costs.models import Invoice
from kit.figures import count, money, percent
from pricing.price import usd

WORDS = {
    "untraced": "Calls that no trace tells of",
    "unpriced": "Calls without a price",
    "tokenless": "Calls that say no tokens",
    "price": "Another price than ours",
    "discount": "Batch or flex discount",
    "surcharge": "Priority or fast service",
    "beyond": "Traced but not billed",
    "unbilled": "Models that were not billed",
    "unknown_model": "Models unknown to us",
    "incomplete": "A day that was not over",
    "tax": "Taxes",
    "credit": "Credits and discounts",
    "tool": "Fees of tools",
    "edge": "Days cut at another hour",
}
WHAT_TO_DO = {
    "unpriced": ("pricing:prices", "Give them a price"),
    "price": ("pricing:prices", "Look at the prices"),
    "unknown_model": ("pricing:prices", "Look at the prices"),
}


@dataclass(frozen=True)
class Why:
    """A cause as it is shown."""

    words: str
    amount: str
    share: str
    evidence: str
    href: str
    act: str


@dataclass(frozen=True)
class Row:
    """A model or a day as it is shown."""

    name: str
    href: str  # of its days; '' of a day
    traces: str
    billed: str
    ours: str
    difference: str
    share: str
    tokens: str
    our_tokens: str
    token_share: str
    remainder: str
    causes: str
    tone: str


def figures_of(found: Comparison) -> list[dict[str, Any]]:
    """What was billed, what we counted, the difference, and what is unexplained of it."""
    total = found.total
    difference, remainder = total.difference, total.remainder
    share = part(remainder, total.billed)
    is_same = found.gross is None or found.gross == abs(remainder or 0)
    gross = "" if is_same else f"{money(found.gross)} if days are not set off"
    missing = total.token_difference
    return [
        {
            "label": "The provider says", "value": money(total.billed),
            "note": "the export has no amounts" if total.billed is None else tokens_of(total),
        },
        {
            "label": "We counted", "value": money(total.ours),
            "note": f"{count(sum(total.our_tokens.values()))} tokens, judges and evals with them",
        },
        {
            "label": "Difference", "value": signed(difference),
            "note": f"{percent_of(difference, total.billed)} of what was billed",
        },
        {
            "label": "Difference in tokens",
            "value": "–" if missing is None else f"{missing:+,}".replace("-", "−"),
            "note": "the export has no tokens" if missing is None else percent_of(
                missing, sum((total.billed_tokens or {}).values())
            ),
        },
        {
            "label": "Unexplained", "value": signed(remainder),
            "note": f"{share} of what was billed" + (f"; {gross}" if gross else ""),
            "tone": tone_of(remainder, total.billed),
        },
    ]  # fmt: skip


def tokens_of(cell: Cell) -> str:
    """How many tokens were billed, in words."""
    if cell.billed_tokens is None:
        return "the export has no tokens"
    return f"{count(sum(cell.billed_tokens.values()))} tokens"


def whys_of(slug: str, found: Comparison) -> list[Why]:
    """Each cause with its amount, the greatest first."""
    whys = []
    for one in found.total.causes:
        name, act = WHAT_TO_DO.get(one.kind, ("", ""))
        whys.append(
            Why(
                WORDS[one.kind],
                "cannot be told" if one.amount is None else signed(one.amount),
                "–" if one.amount is None else percent_of(one.amount, found.total.billed),
                _evidence(one, found),
                reverse(name, args=[slug]) if name else "",
                act,
            )
        )
    return whys


def _evidence(cause: Cause, found: Comparison) -> str:
    with_it = [cell for cell in found.cells if any(one.kind == cause.kind for one in cell.causes)]
    models = sorted({cell.model for cell in with_it} - {NOT_A_MODEL})
    days = len({cell.day for cell in with_it})
    where = f" ({', '.join(models[:3])}{' …' if len(models) > 3 else ''}"
    where += f", {days} day{'' if days == 1 else 's'})" if models else ""
    many = "at most, of one model and day: " if len(with_it) > 1 and models else ""
    return f"{many}{cause.evidence}{where if models else ''}"


def rows_by_model(slug: str, invoice: Invoice, found: Comparison) -> list[Row]:
    """A row of each model, the dearest first."""
    between = (invoice.first_day, invoice.last_day)
    names: dict[str, set[str]] = {}
    for cell in found.cells:
        names.setdefault(cell.model, set()).update(cell.names)
    return [
        _row(
            cell.model, cell, f"?model={quote(cell.model)}",
            traces_of(slug, between, names[cell.model]),
        )
        for cell in found.by_model()
    ]  # fmt: skip


def rows_by_day(slug: str, found: Comparison, model: str) -> list[Row]:
    """A row of each day, of one model or of all."""
    return [
        _row(f"{cell.day:%-d %b %Y}", cell, "", traces_of(slug, (cell.day, cell.day), cell.names))
        for cell in found.by_day(model)
        if cell.day is not None
    ]


def _row(name: str, cell: Cell, href: str, traces: str) -> Row:
    tokens = None if cell.billed_tokens is None else sum(cell.billed_tokens.values())
    tone = tone_of(cell.remainder, cell.billed)
    return Row(
        name=name,
        href=href,
        traces=traces if cell.calls else "",
        billed=money(cell.billed),
        ours="unpriced" if cell.calls and cell.calls == cell.unpriced else money(cell.ours),
        difference=signed(cell.difference),
        share=percent_of(cell.difference, cell.billed),
        tokens=count(tokens),
        our_tokens=count(sum(cell.our_tokens.values())),
        token_share=percent_of(cell.token_difference, tokens),
        remainder=signed(cell.remainder),
        causes=", ".join(WORDS[one.kind].lower() for one in cell.causes),
        tone="med" if cell.remainder and tone == "muted" else tone,
    )


def agrees(found: Comparison) -> bool:
    """Whether each model and day is billed as it was counted."""
    known = [cell.difference for cell in found.cells if cell.difference is not None]
    return bool(known) and not any(known)


def greatest_of(found: Comparison) -> tuple[str, str]:
    """Model and day of the most that is unexplained, and where its row is; '' of nothing."""
    cell = max(found.cells, key=lambda one: abs(one.remainder or 0), default=None)
    if cell is None or cell.day is None or not cell.remainder:
        return "", ""
    said = f"{signed(cell.remainder)} of {cell.model} on {cell.day:%-d %B}"
    return said, f"?model={quote(cell.model)}"


def traces_of(slug: str, days: tuple[date, date], names: Iterable[str]) -> str:
    """The traces of those days that called one of those models; UTC days as the bill's are."""
    until = days[1] + timedelta(days=1)
    between = quote(f"{days[0]}T00:00Z..{until}T00:00Z")
    address = f"{reverse('traces:trace_list', args=[slug])}?t={between}"
    plain = [one for one in sorted(names) if '"' not in one]
    if not plain:
        return address
    asked = " OR ".join(f'model:"{one}"' for one in plain[:5])
    return f"{address}&q={quote(asked)}"


def signed(amount: int | None) -> str:
    """`+$1.20`, `−$0.30`, `$0`; a dash where it is not known."""
    if amount is None:
        return "–"
    return f"+{money(amount)}" if amount > 0 else money(amount)


def part(amount: int | None, whole: int | None) -> str:
    """The share without its sign."""
    return percent_of(None if amount is None else abs(amount), whole).lstrip("+")


def percent_of(amount: int | None, whole: int | None) -> str:
    """`+3.2%`; a dash where there is nothing to compare with."""
    if amount is None or whole is None or (not whole and amount):
        return "–"
    ratio = amount / abs(whole) if whole else 0.0
    sign = "+" if ratio > 0 else "−" if ratio < 0 else ""
    return f"{sign}{percent(abs(ratio))}"


def tone_of(remainder: int | None, billed: int | None) -> str:
    """Above 5 % of what was billed somebody should look, above 1 % perhaps."""
    if not remainder:
        return "muted"
    share = abs(remainder) / abs(billed) if billed else 1.0
    return "bad" if share > 0.05 else "warn" if share > 0.01 else "muted"


def notes_of(invoice: Invoice, found: Comparison) -> list[str]:
    """What is to be known of the export itself, in sentences."""
    notes = []
    if invoice.left_out:
        notes.append(
            f"{count(invoice.left_out)} rows of others than {invoice.only} were left out; traces "
            "of all are counted on our side."
        )
    if invoice.totals:
        notes.append(f"{count(invoice.totals)} rows are sums of others and were not added again.")
    if invoice.undated:
        notes.append(f"{count(invoice.undated)} rows have no day: they stand on the last one.")
    if invoice.is_shifted:
        notes.append(
            "Its days begin at another hour than midnight UTC: a part of each stands on the day "
            "beside it."
        )
    unknown = unknown_names(found.cells)
    if unknown:
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        notes.append(
            f"Lines of which nothing is known are kept and unexplained: "
            f"{', '.join(unknown[:5])}{more}."
        )
    for one in invoice.replaced:
        whole = "It replaced" if one["whole"] else "It replaced days of"
        notes.append(f"{whole} {one['name']} ({one['first']} to {one['last']}).")
    if any(cell.model == ALL and cell.lines for cell in found.cells):
        notes.append("It does not tell models apart, or not on every line.")
    return notes


_TOKENS = [f"{side}_{name.replace(' ', '_')}_tokens" for name in CLASSES
           for side in ("billed", "traced")]  # fmt: skip
HEADER = (
    "day", "model", "traced_as", "billed_usd", "traced_usd", "difference_usd",
    "difference_share", *_TOKENS, "billed_requests", "traced_calls", "unpriced_calls",
    "explained_usd", "unexplained_usd", "causes",
)  # fmt: skip


def as_csv(cells: Sequence[Cell]) -> str:
    """Each model and day with exact amounts; cells never begin a formula."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for cell in cells:
        theirs = cell.billed_tokens or {}
        tokens = [
            side.get(name, "") for name in CLASSES for side in (theirs, cell.our_tokens)
        ]  # fmt: skip
        explained = sum(one.amount or 0 for one in cell.causes)
        share = "" if cell.share is None else f"{cell.share:.6f}"
        writer.writerow([
            cell.day, _cell(cell.model), _cell(" ".join(sorted(cell.names))), usd(cell.billed),
            usd(cell.ours), usd(cell.difference), share, *tokens,
            "" if cell.requests is None else cell.requests, cell.calls, cell.unpriced,
            usd(explained), usd(cell.remainder),
            _cell("; ".join(f"{one.kind}: {one.evidence}" for one in cell.causes)),
        ])  # fmt: skip
    return out.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
