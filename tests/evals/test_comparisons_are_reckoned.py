"""What a comparison says is what the gate reckons; words and pictures follow the figures. Pure."""

from __future__ import annotations

import random

import pytest

from evals.deciding.effects import effect_of as gate_effect
from evals.deciding.inputs import Metric, Scores
from evals.pages.matrix import Part, marked, starts_of
from evals.pages.pairing import own_mean, paired
from evals.pages.runs import short_model
from evals.pages.wording import (
    between,
    change,
    letters,
    relative,
    score,
    text_of,
    text_of_json,
    title_of,
)
from evals.queries.measures import Measure
from evals.queries.outcomes import Item, Outcomes, Scored, Totals


def outcomes(means: dict[str, float | None], cluster: str = "", bar: float = 0.5) -> Outcomes:
    items = {
        key: Item(
            key, place, "", cluster and f"{cluster}{place // 3}", False, 1, 1, 0, 0,
            {"s": Scored(mean, int(mean >= bar) if mean is not None else 0, mean is not None)},
        )
        for place, (key, mean) in enumerate(means.items())
    }  # fmt: skip
    return Outcomes(items, Totals())


@pytest.mark.parametrize("items", [12, 29, 30, 200])
@pytest.mark.parametrize("cluster", ["", "talk"])
@pytest.mark.parametrize("grid", [2, 101])
def test_a_comparison_reckons_as_the_gate(items: int, cluster: str, grid: int) -> None:
    chance = random.Random(f"{items}{cluster}{grid}")
    old, new = (
        {f"i{at:03}": chance.randrange(grid) / (grid - 1) for at in range(items)} for _ in range(2)
    )
    base, run = outcomes(old, cluster), outcomes(new, cluster)
    here = paired(base, run, Measure("s", is_binary=grid == 2))

    def scores(means: dict[str, float]) -> Scores:
        names = tuple(base.items[key].cluster for key in means)
        return Scores(
            tuple(means), tuple((one,) for one in means.values()), names, ("",) * len(means)
        )

    there = gate_effect(Metric(name="s", role="primary", old=scores(old), new=scores(new)))
    assert here.effect == there.interval
    assert here.is_small == there.is_small
    assert here.detectable == pytest.approx(there.mde)
    assert here.improved == set(there.improved)
    assert here.regressed == set(there.regressed)
    if grid == 2 and not cluster:
        assert here.p == pytest.approx(there.p)


def test_lower_is_better_where_the_score_says_so() -> None:
    base, run = outcomes({"a": 9.0, "b": 7.0, "c": 8.0}), outcomes({"a": 3.0, "b": 2.0, "c": 8.0})
    found = paired(base, run, Measure("s", is_higher_better=False))
    assert (found.improved, found.regressed, found.same) == ({"a", "b"}, frozenset(), 1)


def test_items_without_a_value_are_in_no_difference() -> None:
    base, run = outcomes({"a": 0.9, "b": None, "c": 0.4}), outcomes({"a": 0.2, "b": 0.9})
    found = paired(base, run, Measure("s", bar=0.5))
    assert (found.items, found.to_fail) == (1, {"a"})
    assert found.reading == "none"  # one item has no range
    assert paired(base, outcomes({}), Measure("s")).items == 0
    assert own_mean(base, "s").items == 2
    assert own_mean(base, "other").mean is None


def test_figures_are_written_for_people() -> None:
    assert [score(one) for one in (0.834, -0.001, 14.25, 1240.2, None)] == [
        "0.83", "0.00", "14.2", "1,240", "–",
    ]  # fmt: skip
    assert [change(one) for one in (0.08, -0.031, 0.001)] == ["+0.08", "−0.03", "0.00"]
    assert between(-0.02, 0.06) == "−0.02 to +0.06"
    assert [relative(one) for one in (0.12, -0.7, 0.001, None)] == ["+12%", "−70%", "0%", "–"]
    assert title_of("refusal_accuracy") == "Refusal accuracy"
    assert letters(["faithfulness", "helpful", "fluency", "2nd"]) == {
        "faithfulness": "F", "helpful": "H", "fluency": "Fl", "2nd": "2",
    }  # fmt: skip
    assert short_model("anthropic/claude-haiku-4-5-20251001") == "claude-haiku-4-5"
    assert short_model("gpt-4o-mini") == "gpt-4o-mini"


def test_items_and_answers_are_told_as_text() -> None:
    assert text_of({"question": "Where?", "id": 7}) == "Where?"
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Where?"}]
    assert text_of({"messages": messages}) == "Where?"
    assert text_of([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]) == "a\nb"
    assert text_of({"a": 1, "b": 2}) == '{"a": 1, "b": 2}'
    assert text_of_json('{"question": "Where') == '{"question": "Where'  # cut off
    assert text_of(None) == ""


def test_what_a_judge_quotes_is_marked() -> None:
    assert marked("It is on Monday. On Monday!", ["on Monday", "  ", "no such words"]) == (
        Part("It is "), Part("on Monday", True), Part(". On Monday!"),
    )  # fmt: skip
    assert marked("", ["x y"]) == (Part(""),)


def test_long_answers_that_begin_alike_are_shown_from_where_they_differ() -> None:
    same = "I checked with the courier, who says that the parcel left the hub this morning. " * 2
    base, other = same + "It comes on Monday.", same + "It comes for free."
    starts = starts_of([base, other, base, "Short."])
    assert starts[2:] == [0, 0]
    assert starts[0] == starts[1] > 100
    assert "It comes for free." in other[starts[1] :]
    assert starts_of(["", "a"]) == [0, 0]
    assert starts_of([same]) == [0]
