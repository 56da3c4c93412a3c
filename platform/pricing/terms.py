"""The terms of a price as people and programs state them: checked, turned for the table. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from kit.errors import DomainError
from pricing.base_table import provider_id
from pricing.card import EXACT, TOKEN_CLASSES, Tier
from pricing.models import Price
from pricing.project_table import OwnPrice

# Classes that are columns of their own; every other class stands in `extra`.
COLUMNS = (*TOKEN_CLASSES, "in_cache_write_1h")
MOST_USD = Decimal(10) ** 9  # a million tokens for more is a wrong unit
MOST_TIERS = 5
MOST_EXTRA = 20
PLACES = 10
_CLASS = re.compile(r"^(in|out)_[a-z0-9_]{1,40}\Z")
_CURRENCY = re.compile(r"^[A-Z]{3}\Z")
MICRO = 1_000_000


class BadPrice(DomainError):
    """The terms make no price; `where` names the field."""

    def __init__(self, where: str, detail: str) -> None:
        super().__init__(detail)
        self.where = where


@dataclass(frozen=True)
class Terms:
    """What a project pays: see `Price` for the meaning of each."""

    pattern: str
    prices: Mapping[str, Decimal] = field(default_factory=dict)  # class -> per million tokens
    provider: str = ""
    tiers: tuple[Tier, ...] = ()  # those above the first
    per_call: Decimal = Decimal(0)
    batch_factor: Decimal | None = None
    currency: str = "USD"
    usd_per_unit: Decimal = Decimal(1)
    valid_from: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    valid_to: datetime | None = None
    note: str = ""


def checked(terms: Terms) -> Terms:
    """The same, tidied. Raises: BadPrice."""
    pattern = terms.pattern.strip().lower()
    if not pattern or len(pattern) > 200 or "\0" in pattern:
        raise BadPrice("model", "Name a model, or the beginning of names with * at its end.")
    if "*" in pattern[:-1]:
        raise BadPrice("model", "A * may stand at the end only: it matches what begins so.")
    provider = terms.provider.strip().lower()
    if len(provider) > 100 or "\0" in provider:
        raise BadPrice("provider", "A provider has at most 100 characters.")
    if not terms.prices and not terms.per_call:
        raise BadPrice("prices", "State at least one price; 0 is one, for a model of your own.")
    if len(terms.prices) > len(COLUMNS) + MOST_EXTRA:
        raise BadPrice("prices", f"At most {MOST_EXTRA} classes of your own.")
    _check_prices(terms.prices, "prices")
    _check_amount(terms.per_call, "per_call")
    _check_tiers(terms.tiers)
    if terms.batch_factor is not None and not 0 <= terms.batch_factor <= 10:
        raise BadPrice("batch_factor", "The part of the price that batch calls cost, 0.5 for half.")
    currency = terms.currency.strip().upper()
    if not _CURRENCY.match(currency):
        raise BadPrice("currency", "Three letters, such as USD or EUR.")
    if not 0 < terms.usd_per_unit <= MOST_USD or _places(terms.usd_per_unit) > 9:
        raise BadPrice("usd_per_unit", "Above 0, with at most 9 decimals.")
    if currency == "USD" and terms.usd_per_unit != 1:
        raise BadPrice("usd_per_unit", "A dollar is one dollar: leave the rate at 1.")
    if terms.valid_to is not None and terms.valid_to <= terms.valid_from:
        raise BadPrice("valid_to", "The end must be after the beginning.")
    note = terms.note.strip()[:500].replace("\0", "")
    return replace(terms, pattern=pattern, provider=provider, currency=currency, note=note)


def _check_prices(prices: Mapping[str, Decimal], where: str) -> None:
    for name, amount in prices.items():
        if name not in COLUMNS and not _CLASS.match(name):
            raise BadPrice(f"{where}.{name}", "A class begins with in_ or out_.")
        _check_amount(amount, f"{where}.{name}")


def _check_amount(amount: Decimal, where: str) -> None:
    if not amount.is_finite() or not 0 <= amount <= MOST_USD or _places(amount) > PLACES:
        raise BadPrice(where, f"From 0 to {MOST_USD:,}, with at most {PLACES} decimals.")


def _check_tiers(tiers: tuple[Tier, ...]) -> None:
    if len(tiers) > MOST_TIERS:
        raise BadPrice("tiers", f"At most {MOST_TIERS} tiers.")
    if len({tier.above for tier in tiers}) < len(tiers):
        raise BadPrice("tiers", "Two tiers begin at the same number of tokens.")
    for place, tier in enumerate(tiers):
        if not 0 < tier.above < 2**31:
            raise BadPrice(f"tiers[{place}].above", "A number of input tokens above 0.")
        if not tier.prices:
            raise BadPrice(f"tiers[{place}].prices", "State what costs something else there.")
        _check_prices(tier.prices, f"tiers[{place}].prices")


def _places(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def price_of(terms: Terms, **more: Any) -> Price:
    """An unsaved row of checked terms."""
    return Price(
        provider=terms.provider,
        pattern=terms.pattern,
        **{name: terms.prices.get(name) for name in COLUMNS},
        extra={name: str(p) for name, p in terms.prices.items() if name not in COLUMNS},
        tiers=[
            {"above": tier.above, "prices": {name: str(p) for name, p in tier.prices.items()}}
            for tier in sorted(terms.tiers, key=lambda tier: tier.above)
        ],
        per_call=terms.per_call,
        batch_factor=terms.batch_factor,
        currency=terms.currency,
        usd_per_unit=terms.usd_per_unit,
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        note=terms.note,
        **more,
    )


def prices_in(price: Price) -> dict[str, Decimal]:
    """What a row states by class, in its own currency, per million tokens."""
    stated = {name: getattr(price, name) for name in COLUMNS}
    stated |= {name: decimal(text) for name, text in price.extra.items()}
    return {name: amount for name, amount in stated.items() if amount is not None}


def tiers_in(price: Price) -> list[Tier]:
    """The tiers of a row above the first, in its own currency."""
    return [
        Tier(
            int(tier["above"]),
            {
                name: amount
                for name, text in tier["prices"].items()
                if (amount := decimal(text)) is not None
            },
        )
        for tier in price.tiers
    ]


def own_price(price: Price) -> OwnPrice:
    """A row as the table needs it, in USD."""
    rate = price.usd_per_unit
    tiers = [Tier(0, prices_in(price)), *tiers_in(price)]
    return OwnPrice(
        reference=str(price.pk or "new"),
        provider=provider_id(price.provider) or price.provider,
        pattern=price.pattern,
        from_us=micros(price.valid_from),
        to_us=None if price.valid_to is None else micros(price.valid_to),
        tiers=tuple(
            Tier(tier.above, {name: EXACT.multiply(p, rate) for name, p in tier.prices.items()})
            for tier in tiers
        ),
        per_call=EXACT.multiply(price.per_call, rate),
        batch_factor=price.batch_factor,
    )


def micros(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * MICRO + since.microseconds


def decimal(value: Any) -> Decimal | None:
    """A finite number from text, else None."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
