"""A change of a gate says in which respects less is asked, and a target binds what it decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evals.deciding.settings import (
    Asked,
    BadSettings,
    Chosen,
    GuardSetting,
    Settings,
    below,
    bound,
    checked,
    settings_from,
)
from evals.deciding.weakening import weakenings

GATE = Settings(
    dataset="golden",
    dataset_version=7,
    evaluators=(
        Chosen("faithful", 3),
        Chosen("tone", 1, role="guard", margin=0.05),
        Chosen("length", 2, role="advisory"),
    ),
    guards=(GuardSetting("cost", 0.10), GuardSetting("p95_latency", 0.2, limit=5000)),
    feature="refunds",
    margin=0.03,
    bar=0.85,
    repeats=3,
    smallest_sample=100,
    slices=("edge",),
)
TARGET = Asked("refunds", 4, "faithful", 0.85, "at_least", 0.03, 100, ("edge",), 4000)


def test_settings_come_back_from_json() -> None:
    assert settings_from(GATE.told()) == GATE


def test_a_stricter_gate_weakens_nothing() -> None:
    stricter = replace(
        GATE, margin=0.02, bar=0.9, repeats=5, smallest_sample=200, slices=("edge", "messy"),
        guards=(*GATE.guards, GuardSetting("refusals", 0.01, "absolute")),
    )  # fmt: skip
    assert weakenings(GATE, stricter) == []
    assert weakenings(GATE, GATE) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"margin": 0.05}, "The margin grows from 0.03 to 0.05."),
        ({"bar": 0.8}, "The bar of faithful goes from 0.85 to 0.8."),
        ({"bar": None}, "faithful has no bar any more; it was 0.85."),
        ({"repeats": 1}, "Each item is answered 1 instead of 3 times."),
        ({"smallest_sample": 0}, "The smallest sample falls from 100 to 0 items."),
        ({"slices": ()}, "The slice edge need no longer hold by itself."),
        ({"with_held_out": False}, "Held-out items are no longer asked."),
        ({"is_enabled": False}, "The gate is switched off."),
        ({"dataset": "easy", "dataset_version": 1}, "It decides over easy@1 instead of golden@7."),
        ({"feature": ""}, "The target of refunds no longer binds it."),
        ({"model": "small"}, "Answers come from small instead of the version's model."),
        ({"guards": GATE.guards[1:]}, "Cost per answer no longer guards."),
        (
            {"guards": (GuardSetting("cost", 0.5), GATE.guards[1])},
            "The margin of Cost per answer grows from 0.1 to 0.5.",
        ),
        (
            {"guards": (GATE.guards[0], GuardSetting("p95_latency", 0.2))},
            "The limit of p95 latency was 5000 and has none now.",
        ),
        ({"evaluators": GATE.evaluators[:1]}, "tone no longer guards."),
        (
            {"evaluators": (GATE.evaluators[0], Chosen("tone", 1, role="advisory"))},
            "tone only informs; it decided before.",
        ),
        (
            {"evaluators": (Chosen("faithful", 4), *GATE.evaluators[1:])},
            "faithful is scored by v4 instead of v3.",
        ),
        ({"evaluators": (Chosen("tone", 1),)}, "tone decides instead of faithful."),
    ],
)
def test_each_way_to_ask_less_is_a_sentence(change: dict, told: str) -> None:
    assert told in weakenings(GATE, replace(GATE, **change))


def test_items_that_are_lost_are_counted() -> None:
    newer = replace(GATE, dataset_version=8)
    assert weakenings(GATE, newer, lost_items=12) == ["12 items are no longer asked in golden@8."]


def test_a_gate_below_its_target_says_where() -> None:
    assert below(GATE, TARGET) == []
    loose = replace(GATE, margin=0.1, bar=0.5, smallest_sample=10)
    assert len(below(loose, TARGET)) == 3
    other = replace(GATE, evaluators=(Chosen("tone", 1),))
    assert below(other, TARGET) == ["The target is about faithful, the gate decides by tone."]


def test_the_stricter_of_gate_and_target_holds() -> None:
    bare = replace(GATE, bar=None, margin=0.03, smallest_sample=0, slices=())
    asked = bound(bare, replace(TARGET, bar=0.9, margin=0.02))
    assert (asked.bar, asked.margin, asked.smallest_sample) == (0.9, 0.02, 100)
    assert asked.slices == ("edge",)
    assert asked.guards[1].limit == 4000
    assert bound(replace(GATE, bar=0.95), TARGET).bar == 0.95
    assert bound(GATE, None) == GATE


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"evaluators": ()}, "evaluators"),
        ({"evaluators": (Chosen("a", 1), Chosen("b", 1))}, "evaluators"),
        ({"evaluators": (Chosen("a", 1), Chosen("a", 2, role="guard"))}, "evaluators"),
        ({"guards": (GuardSetting("beauty", 0.1),)}, "guards"),
        ({"guards": (GuardSetting("cost", float("nan")),)}, "guards"),
        ({"guards": (GATE.guards[0], GATE.guards[0])}, "guards"),
        ({"margin": -0.1}, "margin"),
        ({"repeats": 0}, "repeats"),
        ({"repeats": 500}, "repeats"),
        ({"bar": float("inf")}, "bar"),
    ],
)
def test_what_no_gate_can_be_is_refused(change: dict, where: str) -> None:
    with pytest.raises(BadSettings) as refused:
        checked(replace(GATE, **change))
    assert refused.value.where == where
