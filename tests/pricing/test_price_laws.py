"""What holds for every card and every call: exact sums, monotone, independent of order."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pricing.card import TOKEN_CLASSES, Card, CostSource, Priced, Tier
from traces.ingest import record

amounts = st.decimals(min_value=0, max_value=1000, places=10, allow_nan=False)
number = st.integers(min_value=0, max_value=2**31 - 1)
EXTRA = ("in_cache_write_1h", "in_cached_audio", "in_image", "out_image")
prices = st.fixed_dictionaries(
    {"in_uncached": amounts, "out_text": amounts},
    optional=dict.fromkeys((*TOKEN_CLASSES[1:4], *TOKEN_CLASSES[5:], *EXTRA), amounts),
)
counts_of = st.tuples(*[number] * 7)
details_of = st.dictionaries(st.sampled_from([*EXTRA, "in_own", "out_own"]), number)


def card_of(*tiers: Tier, per_call: Decimal = Decimal(0)) -> Card:
    return Card(tiers, source=CostSource.PROJECT, reference="1", per_call=per_call)


@given(prices, counts_of, details_of, amounts)
def test_the_classes_sum_up_to_the_total_before_it_is_rounded(stated, counts, details, per_call):
    card = card_of(Tier(0, stated), per_call=per_call)
    found = card.priced(counts, details)
    assert isinstance(found, Priced)
    exact = Fraction(per_call)
    for amount in found.amounts:
        assert Fraction(amount.usd) == amount.count * Fraction(amount.per_million) / 1_000_000
        exact += Fraction(amount.usd)
    assert Fraction(found.usd) == exact
    assert found.cost_nano == round(exact * 10**9)  # Python rounds fractions half to even
    assert sum(amount.count for amount in found.amounts) == sum(counts)


@given(prices, counts_of, details_of)
def test_the_order_of_prices_and_details_changes_nothing(stated, counts, details):
    card = card_of(Tier(0, stated))
    turned = card_of(Tier(0, dict(reversed(stated.items()))))
    assert card.nano(counts, details) == turned.nano(counts, dict(reversed(details.items())))


@given(prices, counts_of, st.integers(min_value=0, max_value=6), number)
def test_more_tokens_never_cost_less(stated, counts, place, more):
    card = card_of(Tier(0, stated))
    larger = list(counts)
    larger[place] += more
    assert (card.nano(tuple(larger)) or 0) >= (card.nano(counts) or 0)


@given(prices, counts_of)
def test_a_tier_charges_the_whole_call(stated, counts):
    doubled = {name: price * 2 for name, price in stated.items()}
    card = card_of(Tier(0, stated), Tier(200_000, doubled))
    above = sum(counts[:4]) > 200_000
    assert card.nano(counts) == card_of(Tier(0, doubled if above else stated)).nano(counts)


def test_half_a_nano_dollar_goes_to_the_even_side():
    # A price of 0.0005 USD per million is half a nano-dollar a token.
    card = card_of(Tier(0, {"in_uncached": Decimal("0.0005"), "out_text": Decimal(0)}))
    one, three, five = (card.nano((count, None, None, None, 0, None, None)) for count in (1, 3, 5))
    assert (one, three, five) == (0, 2, 2)
    assert int(Decimal("2.5").to_integral_value(ROUND_HALF_EVEN)) == 2


def test_a_free_model_costs_nothing_even_without_counts():
    card = card_of(Tier(0, {"in_uncached": Decimal(0), "out_text": Decimal(0)}))
    assert card.nano((None,) * 7) == 0


def test_a_price_for_each_call_needs_no_tokens():
    card = card_of(per_call=Decimal("0.002"))
    assert card.nano((None,) * 7, generates=False) == 2_000_000


def test_the_classes_are_those_of_the_spans():
    assert TOKEN_CLASSES == record.TOKEN_CLASSES
