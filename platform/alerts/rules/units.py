"""Values of metrics as people write and read them. Pure."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from alerts.rules.metrics import Unit
from kit.figures import UNKNOWN, count, duration, money, percent

# What somebody types, in the smallest unit: percent, milliseconds, dollars.
SCALES: dict[Unit, Decimal] = {
    "count": Decimal(1), "tokens": Decimal(1), "score": Decimal(1), "ratio": Decimal("0.01"),
    "time": Decimal(1000), "money": Decimal(10) ** 9,
}  # fmt: skip
SIGNS: dict[Unit, str] = {
    "count": "", "tokens": "tokens", "score": "", "ratio": "%", "time": "ms", "money": "$",
}  # fmt: skip


def shown(value: Fraction | Decimal | float | None, unit: Unit) -> str:
    """`4.2%`, `2.42 s`, `$6.84`, `1,204`, `0.84`."""
    if value is None:
        return UNKNOWN
    exact = Fraction(value)
    match unit:
        case "ratio":
            return percent(Decimal(exact.numerator) / Decimal(exact.denominator))
        case "time":
            return duration(round(exact))
        case "money":
            return money(round(exact))
        case "score":
            return f"{float(exact):.3f}".rstrip("0").rstrip(".")
    return count(round(exact)) if exact.denominator == 1 or exact > 100 else f"{float(exact):,.1f}"


def typed(value: Decimal, unit: Unit) -> Decimal:
    """What stands in a field for a value in the smallest unit, without zeros at its end."""
    plain = (value / SCALES[unit]).normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral() else plain


def meant(text: Decimal, unit: Unit) -> Decimal:
    """The value in the smallest unit that somebody typed."""
    return text * SCALES[unit]
