"""What a span costs as its page tells it: amounts by token class, and whose cost counts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kit.figures import percent
from pricing.card import EXACT, Amount, Card, CostSource, Priced, Unpriced, class_of
from pricing.price import disagree, given_cost, settle
from traces.ingest.costing import MOST_COST_NANO
from traces.ingest.record import COUNTING_KINDS, TOKEN_CLASSES, Kind, Level
from traces.models import Span

# Class of tokens, its word, and its series of the chart (the same colour on every page).
_CLASSES = {
    "out_text": ("Output", 1),
    "out_reasoning": ("Reasoning", 5),
    "out_audio": ("Audio output", 6),
    "in_uncached": ("Input, not cached", 2),
    "in_cache_write": ("Cache write", 3),
    "in_cached": ("Cache read", 7),
    "in_audio": ("Audio input", 4),
}
_NANO = Decimal(1).scaleb(-9)
_LEAST_PLACES = 4
_LEAST_WIDTH = 0.3  # percent: a class that is there is seen


@dataclass(slots=True)
class Row:
    """One class of tokens. Texts are for people; `share` is of the cost, else of the tokens."""

    word: str
    series: int
    count: int
    share: float
    price: str = ""
    as_word: str = ""  # the class whose price it has, where that is another
    amount: str = ""
    x: str = ""
    width: str = ""


@dataclass(slots=True)
class Told:
    """All that the tab Cost says. Money in whole nano-dollars."""

    rows: list[Row] = field(default_factory=list)
    total_tokens: int = 0
    ours: int | None = None
    ours_text: str = ""
    given: int | None = None
    per_call: str = ""
    rounding: str = ""  # what rounding added, where it did
    tier_above: int = 0
    source: CostSource | None = None  # of the price
    reference: str = ""
    since: Any = None
    service: str = ""
    why_not: str = ""  # why nothing could be computed
    parts: list[tuple[str, str]] = field(default_factory=list)  # of the given cost
    rule: str = ""
    difference: str = ""
    disagrees: bool = False
    outdated: str = ""  # what it would cost by the prices of now
    adds_nothing: bool = False

    @property
    def given_text(self) -> str:
        """The cost that the sender gave, exactly."""
        return _money(self.given)


def tell(
    span: Span,
    content: Mapping[str, Any],
    card: Card | Unpriced,
    *,
    since: Any = None,
    service: str = "",
) -> Told:
    """The cost of a span; `card` are the prices for it as they stand now.

    `since` is the first day of these prices, where it is known.
    """
    failed = span.level == Level.ERROR
    sent = content.get("cost_given")
    sent = sent if isinstance(sent, dict) else None
    told = Told(given=given_cost(sent, failed=failed), service=service)
    told.parts = [
        (name.capitalize(), f"${amount}") for name, amount in sorted((sent or {}).items())
    ]
    counts = tuple(getattr(span, name) for name in TOKEN_CLASSES)
    told.total_tokens = sum(count or 0 for count in counts)
    if span.counts:
        _compute(told, span, counts, content.get("token_details"), card, since)
    source = told.source if told.ours is not None else None
    now, _ = settle(told.ours, source, sent, failed=failed)
    if now is not None and now > MOST_COST_NANO:
        now = None
    if span.counts and span.cost_nano is not None and now != span.cost_nano:
        told.outdated = _money(now) if now is not None else "unpriced"
    told.adds_nothing = not span.counts and span.kind in (*COUNTING_KINDS, Kind.AGENT, Kind.CHAIN)
    if told.given is not None:
        _compare(told, span, sent)
    return told


def _compute(
    told: Told,
    span: Span,
    counts: tuple[int | None, ...],
    details: Any,
    card: Card | Unpriced,
    since: Any,
) -> None:
    """Amounts by class and their sum; the classes alone where there is no price."""
    details = details if isinstance(details, dict) else None
    priced: Priced | Unpriced = card  # type: ignore[assignment]
    if isinstance(card, Card):
        told.source, told.reference = card.source, card.reference
        told.since = since or card.since
        priced = card.priced(counts, details, generates=span.kind == Kind.GENERATION)  # type: ignore[arg-type]
    if isinstance(priced, Unpriced):
        told.why_not = priced.reason
        told.rows = [
            Row(*_CLASSES[name], count, count / told.total_tokens)
            for name in _CLASSES
            if (count := getattr(span, name))
        ]
    else:
        _amounts(told, priced)
    x = 0.0
    for row in told.rows:
        row.x, row.width = f"{x:.2f}%", f"{max(row.share * 100 - 0.4, _LEAST_WIDTH):.2f}%"
        x += row.share * 100


def _amounts(told: Told, priced: Priced) -> None:
    whole = Decimal(priced.cost_nano) * _NANO
    places = max([_LEAST_PLACES, *map(_places, [whole, priced.per_call])])
    places = max([places, *(_places(amount.usd) for amount in priced.amounts)])
    order = list(_CLASSES)
    sum_of = priced.usd - priced.per_call
    for amount in sorted(priced.amounts, key=lambda one: order.index(class_of(one.name))):
        word, series = _CLASSES[class_of(amount.name)]
        share = amount.usd / sum_of if sum_of else Decimal(amount.count) / told.total_tokens
        told.rows.append(
            Row(
                _word(amount, word),
                series,
                amount.count,
                float(share),
                price=f"${_padded(amount.per_million, 2)} / M",
                as_word=""
                if amount.by == amount.name
                else _CLASSES[class_of(amount.by)][0].split(",")[0].lower(),
                amount=f"${_padded(amount.usd, places)}",
            )
        )
    told.ours = priced.cost_nano
    told.ours_text = f"${_padded(whole, places)}"
    told.per_call = f"${_padded(priced.per_call, places)}" if priced.per_call else ""
    told.tier_above = priced.tier_above
    if rest := EXACT.subtract(whole, priced.usd):
        told.rounding = f"{'+' if rest > 0 else '−'}${_padded(abs(rest), places)}"


def _word(amount: Amount, word: str) -> str:
    """`Cache write, 1h` for the part `in_cache_write_1h`."""
    part = amount.name.removeprefix(class_of(amount.name)).strip("_").replace("_", " ")
    return f"{word}, {part}" if part else word


def _compare(told: Told, span: Span, sent: Mapping[str, Any] | None) -> None:
    """Say which of the costs counts and why."""
    given = told.given or 0
    if told.ours is not None:
        told.disagrees = disagree(told.ours, given, sent)
        apart = given - told.ours
        share = f" ({percent(Decimal(abs(apart)) / told.ours)})" if told.ours else ""
        told.difference = f"{'+' if apart > 0 else '−'}{_money(abs(apart))}{share}" if apart else ""
    if span.cost_source == CostSource.PROJECT:
        told.rule = (
            "The price of the project counts, whatever the sender gave: it says what you pay."
        )
    elif span.cost_source == CostSource.TABLE and given == 0:
        told.rule = (
            "The computed cost counts. Against counted tokens a zero says nothing: libraries send "
            "it for models they do not know."
        )
    elif span.cost_source == CostSource.TABLE:
        told.rule = (
            "The computed cost counts, because it is exact: the given one agrees within 1 % or "
            "within the digits it was written with."
        )
    elif span.cost_source == CostSource.GIVEN and told.disagrees:
        told.rule = (
            "They disagree by more than 1 %, so the given cost counts: the sender knows what "
            "tokens do not tell, such as a discount or the fee of a tool."
        )
    elif span.cost_source == CostSource.GIVEN:
        told.rule = "Nothing could be computed, so the given cost counts."


def _money(nano: int | None) -> str:
    return "–" if nano is None else f"${_padded(Decimal(nano) * _NANO, _LEAST_PLACES)}"


def _places(amount: Decimal) -> int:
    """Decimals that `amount` needs."""
    exponent = EXACT.normalize(amount).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _padded(amount: Decimal, places: int) -> str:
    """Exact, with at least so many decimals."""
    return f"{amount:,.{max(places, _places(amount))}f}"
