"""Of several prices the most specific holds; other currencies have a fixed rate; batch its part."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pricing.base_table import provider_id
from pricing.card import Card, CostSource, Priced, Tier, Unpriced
from pricing.price import Call, price, settle
from pricing.pricer import Pricer
from pricing.project_table import OwnPrice, ProjectTable
from pricing.services.prices import set_price
from pricing.terms import Terms, micros, own_price, price_of

NOON = micros(datetime(2026, 11, 20, 12, tzinfo=UTC))
ONE = (1_000_000, None, None, None, 0, None, None)


def own(reference: str, pattern: str, provider: str = "", **more) -> OwnPrice:
    tiers = (Tier(0, {"in_uncached": Decimal(reference), "out_text": Decimal(0)}),)
    return OwnPrice(reference, provider, pattern, 0, None, tiers, **more)


def held(table: ProjectTable, provider: str | None, model: str, requested: str | None = None):
    card = table.card(provider, model, requested, NOON)
    assert isinstance(card, Card), card
    return card.reference


def test_the_most_specific_holds():
    table = ProjectTable(
        [
            own("1", "*"),
            own("2", "gpt-*"),
            own("3", "gpt-4*", "azure"),
            own("4", "gpt-4o"),
            own("5", "gpt-4o", "azure"),
        ]
    )
    assert held(table, "openai", "llama") == "1"
    assert held(table, "openai", "gpt-5") == "2"
    assert held(table, "openai", "gpt-4.1") == "2"
    assert held(table, "azure.ai.openai", "GPT-4.1") == "3"
    assert held(table, "openai", "gpt-4o") == "4"
    assert held(table, "azure", "gpt-4o") == "5"


def test_the_project_goes_before_the_base_table_and_the_answer_before_the_request():
    table = ProjectTable([own("7", "fast")])
    assert held(table, "openai", "gpt-4o", "fast") == "7"
    assert held(table, "openai", "gpt-4o", "other").startswith("genai-prices")


def test_what_is_simulated_costs_exactly_nothing_unless_the_project_says_otherwise():
    for counts in (ONE, (None,) * 7):  # also where it failed before anything was counted
        found = price(Call("simulated", "simulated", NOON, counts), ProjectTable())
        assert isinstance(found, Priced)
        assert found.cost_nano == 0
    assert held(ProjectTable([own("7", "simulated*")]), "simulated", "simulated") == "7"
    assert isinstance(ProjectTable().card("openai", "simulated", None, NOON), Unpriced)


def test_a_price_holds_from_its_first_instant_to_before_its_last():
    tiers = (Tier(0, {"in_uncached": Decimal(1), "out_text": Decimal(1)}),)
    table = ProjectTable([OwnPrice("1", "", "ours", NOON, NOON + 10, tiers)])
    found = [isinstance(table.card(None, "ours", None, NOON + at), Card) for at in (-1, 0, 9, 10)]
    assert found == [False, True, True, False]


def test_another_currency_is_turned_at_the_fixed_rate():
    stated = price_of(
        Terms("ours", {"in_uncached": Decimal("0.30"), "out_text": Decimal(1)},
              currency="EUR", usd_per_unit=Decimal("1.0842"), per_call=Decimal("0.01"))
    )  # fmt: skip
    found = price(Call(None, "ours", NOON, ONE), ProjectTable([own_price(stated)]))
    assert isinstance(found, Priced)
    assert found.usd == Decimal("0.30") * Decimal("1.0842") + Decimal("0.010842")
    assert found.cost_nano == 336_102_000


def test_batch_calls_cost_their_part():
    table = ProjectTable([own("2", "ours", batch_factor=Decimal("0.5"))])
    for service, nano in (("", 2), ("batch", 1), ("flex", 2)):
        found = price(Call(None, "ours", NOON, ONE, service=service), table)
        assert isinstance(found, Priced)
        assert found.cost_nano == nano * 10**9


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        ("openai.responses", "openai"),
        ("azure.ai.openai", "azure"),
        ("az.ai.openai", "azure"),
        ("gcp.vertex_ai", "google"),
        ("google.generative-ai", "google"),
        ("aws.bedrock", "aws"),
        ("x_ai", "x-ai"),
        ("groq.chat", "groq"),
        ("ollama", None),
        ("", None),
    ],
)
def test_providers_are_known_by_the_names_senders_use(sent, known):
    assert provider_id(sent) == known


OURS = 36_000  # µ$ 36
PROJECT, TABLE, GIVEN = CostSource.PROJECT, CostSource.TABLE, CostSource.GIVEN


@pytest.mark.parametrize(
    ("ours", "source", "given", "counts"),
    [
        (OURS, TABLE, None, (OURS, TABLE)),
        (OURS, TABLE, {"total": 3.6e-05}, (OURS, TABLE)),
        (OURS, TABLE, {"total": "0.0000361"}, (OURS, TABLE)),  # 0.3 % apart
        (OURS, TABLE, {"total": 2.64e-05}, (26_400, GIVEN)),  # cached tokens it did not tell
        (OURS, PROJECT, {"total": 2.64e-05}, (OURS, PROJECT)),
        (OURS, TABLE, {"total": 0}, (OURS, TABLE)),  # a library that does not know the model
        (1_400, TABLE, {"total": "0.000001"}, (1_400, TABLE)),  # the same in six decimals
        (1_600, TABLE, {"total": "0.000001"}, (1_000, GIVEN)),
        (None, None, {"total": 0.5}, (500_000_000, GIVEN)),
        (None, None, {"input": 0.25, "output": 0.25}, (500_000_000, GIVEN)),
        (None, None, None, (None, None)),
        (0, TABLE, {"total": 0.5}, (500_000_000, GIVEN)),
    ],
)
def test_which_cost_counts(ours, source, given, counts):
    assert settle(ours, source, given) == counts


def test_a_process_hears_of_new_prices(project):
    pricer = Pricer()
    assert pricer.recall(project.pk) is None
    before = pricer.table(project.pk)
    assert pricer.recall(project.pk) is before
    pricer.forget()
    assert pricer.recall(project.pk) is None
    assert pricer.table(project.pk) is before  # nothing changed, so it keeps what it remembers
    set_price(project, Terms("ours", {"in_uncached": Decimal(1)}), actor=None)
    pricer.forget()
    assert [own.pattern for own in pricer.table(project.pk).prices] == ["ours"]
