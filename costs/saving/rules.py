"""Repeats and prefixes: what an exact cache would save, and what the provider's cache should."""

from __future__ import annotations

from fractions import Fraction

from costs.saving.advice import (
    LEAST_CALLS,
    PREFIX,
    REPEATS,
    Advice,
    Rates,
    Seen,
    share_range,
)
from costs.saving.texts import LEAST_CACHED

LEAST_HIT = Fraction(1, 2)
HIT = Fraction(7, 10)  # of what could be read from the cache; providers promise none
LEAST_MISSED = Fraction(1, 20)  # of input tokens


def repeats(seen: Seen) -> Advice | None:
    """What an exact cache would save: the cost of the second and later of the same requests."""
    total = seen.total
    if total.calls < LEAST_CALLS or not total.repeat_cost:
        return None
    share, low, high = share_range([(one.repeat_cost, one.cost) for one in seen.days])
    cost = seen.spend.cost
    evidence = [
        f"{total.repeats:,} of {total.calls:,} calls that were read asked what had been asked "
        f"before on that day: {percent(Fraction(total.repeats, total.calls))} of the calls, "
        f"{percent(share)} of their cost",
    ]
    evidence += [
        f"one request came {one.times:,} times ({one.digest[:8]})" for one in total.top[:3]
    ]
    return Advice(
        REPEATS, *seen.key, int(cost * share), int(cost * low), int(cost * high), True, evidence,
        [
            "The same is: the same model, messages, tools and parameters, to the letter.",
            "An answer is kept for a day. Look at the traces whether an answer must be new each "
            "time.",
        ],
        [one.trace for one in total.top],
    )  # fmt: skip


def prefix(seen: Seen, rates: Rates | None) -> Advice | None:
    """What the provider's cache would save if every shared beginning were read from it."""
    total = seen.total
    if rates is None or total.followed < LEAST_CALLS or not total.into:
        return None
    saved = rates.get("input", Fraction(0)) - rates.get("cache read", Fraction(0))
    if saved <= 0:
        return None
    scale = Fraction(seen.spend.into, total.into)
    begun, anywhere = total.missed * saved, total.unshared * saved
    premium = _premium(seen, rates)
    if Fraction(max(total.missed, total.unshared), total.into) < LEAST_MISSED:
        return None
    high = int(max(begun, anywhere) * scale - premium * scale)
    low = int(begun * LEAST_HIT * scale - premium * scale)
    # What needs the prompt to be put in another order counts by half until it was done.
    amount = int(((begun + max(begun, anywhere)) / 2 * HIT - premium) * scale)
    if amount <= 0:
        return None
    expected = Fraction(total.cached + total.missed, total.into)
    evidence = [
        f"{percent(Fraction(total.cached, total.into))} of the input tokens were read from the "
        f"cache; {percent(expected)} could be, because they begin as a call of the last five "
        "minutes did",
        f"{total.followed:,} of {total.calls:,} calls that were read came within five minutes of "
        "one before",
    ]
    if total.unshared > total.missed * 5 / 4:
        better = Fraction(total.cached + total.unshared, total.into)
        evidence.append(
            f"{percent(better)} would be the same if what changes from call to call stood last"
        )
    assumptions = [
        f"Providers cache beginnings of at least {LEAST_CACHED:,} tokens, in blocks; seven in ten "
        "that could are found there, five at the low end.",
        "Anthropic caches what is marked with cache_control; OpenAI without being asked, where "
        "calls with one beginning follow each other.",
    ]
    if premium:
        assumptions.append("What writing to the cache costs more is taken off.")
    return Advice(
        PREFIX, *seen.key, amount, max(0, low), max(high, amount), True, evidence, assumptions,
        total.poorly_cached,
    )  # fmt: skip


def _premium(seen: Seen, rates: Rates) -> Fraction:
    """What it costs more to write the beginnings that nobody wrote yet."""
    total = seen.total
    dearer = rates.get("cache write", Fraction(0)) - rates.get("input", Fraction(0))
    if dearer <= 0 or not total.followed:
        return Fraction(0)
    mean = Fraction(total.prefix, total.followed)
    return max(Fraction(0), total.first * mean - total.written) * dearer


def percent(share: Fraction) -> str:
    """`12.3%`."""
    return f"{float(share):.1%}"
