"""What the demo's providers billed: exports in their shapes, made of what its own traces say.

OpenAI's agrees to the nano-dollar. Anthropic's bills a little more for its dearest model on the
day of the incident, and nothing in it says why: the remainder that a reader is to find.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

from costs.invoicing.items import CACHED, INPUT, OUTPUT, WRITE
from costs.invoicing.sides import Traced
from costs.models import Invoice
from costs.queries.invoices import traced
from costs.queries.rates import RateTable
from costs.services.invoices import take_invoice
from prompts.demo import Story
from traces.demo.calendar import INCIDENT
from traces.demo.catalog import SONNET

FIRST, LAST = 31, 2  # days before the anchor, both in the exports
_TAKEN = 0.6  # days before the anchor
_OVER = 25  # one part in so many is billed beyond what traces say
NANO = 10**9
_OPENAI = ("start_time", "end_time", "amount_value", "amount_currency", "line_item", "quantity",
           "quantity_unit", "project_name")  # fmt: skip
_WORDS = {INPUT: "input", CACHED: "cached input", WRITE: "cache writes", OUTPUT: "output"}
_ANTHROPIC = ("usage_date_utc", "model", "workspace", "usage_type", "token_type", "cost_usd",
              "cost_type")  # fmt: skip
_TYPES = {INPUT: "input_no_cache", CACHED: "input_cache_read", WRITE: "input_cache_write_5m",
          OUTPUT: "output"}  # fmt: skip


def take_bills(story: Story) -> list[Invoice]:
    """Both exports, as Samuel brought them; a provider without spend has none."""
    first, last = (story.at(days).date() for days in (FIRST, LAST))
    made = []
    for provider, name, header, lines in (
        ("openai", f"openai-costs-{first}-to-{last}.csv", _OPENAI, _of_openai),
        ("anthropic", f"claude-cost-{first}-to-{last}.csv", _ANTHROPIC, _of_anthropic),
    ):
        rows = list(lines(story, first, last))
        if not rows:
            continue
        taken = take_invoice(
            story.project, [_written(header, rows)], name=name, provider=provider,
            actor=story.people["samuel"],
        )  # fmt: skip
        if taken.is_new:
            Invoice.objects.filter(pk=taken.invoice.pk).update(created_at=story.at(_TAKEN))
        made.append(taken.invoice)
    return made


def _of_openai(story: Story, first: date, last: date) -> Iterator[Sequence[str]]:
    for one, word, tokens, nano in _lines(story, "openai", first, last):
        until = one.day + timedelta(days=1)
        item = f"{one.model}, {_WORDS[word]}"
        yield (
            f"{one.day}T00:00:00Z", f"{until}T00:00:00Z", _dollars(nano), "usd", item, str(tokens),
            "tokens", "support",
        )  # fmt: skip


def _of_anthropic(story: Story, first: date, last: date) -> Iterator[Sequence[str]]:
    dear = story.at(INCIDENT).date()
    for one, word, _, nano in _lines(story, "anthropic", first, last):
        if (one.day, one.model, word) == (dear, SONNET.answered, OUTPUT):
            nano += nano // _OVER
        yield (
            one.day.isoformat(), one.model, "support", "message", _TYPES[word], _dollars(nano),
            "token",
        )  # fmt: skip


def _lines(
    story: Story, provider: str, first: date, last: date
) -> Iterator[tuple[Traced, str, int, int]]:
    """Class, tokens and nano-dollars of each model's day; together they are what was counted."""
    rates = RateTable(story.project.pk)
    for one in sorted(
        traced(story.project.pk, provider, first, last), key=lambda row: (row.day, row.model)
    ):
        prices = rates.of(provider, one.model, one.day)
        if prices is None or not one.cost:
            continue
        nano = {
            word: round(number * prices.get(word, 0))
            for word, number in one.tokens.items()
            if number
        }
        dearest = max(nano, key=lambda word: nano[word])
        nano[dearest] += one.cost - sum(nano.values())
        for word, amount in nano.items():
            yield one, word, one.tokens[word], amount


def _dollars(nano: int) -> str:
    return f"{Decimal(nano) / NANO:.9f}"


def _written(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    out = StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()
