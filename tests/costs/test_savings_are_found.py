"""Advice on seeded traffic: what was built in is found with its amount, and nothing else is."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from costs.saving.advice import DOLLAR, Advice, Rates, Spend, share_range
from costs.saving.facts import Facts, Key, facts_of
from costs.saving.looking import all_of, look
from costs.saving.texts import cacheable, common_prefix
from costs.saving.watching import Call, Watch

DEAR: Rates = {"input": Fraction(2500), "cache read": Fraction(1250), "output": Fraction(10_000)}
CHEAP: Rates = {"input": Fraction(150), "cache read": Fraction(75), "output": Fraction(600)}
RATES = {"gpt-4o": DEAR, "gpt-4o-mini": CHEAP}
SYSTEM = "\n".join(f"Rule {n}: answer in the words of the handbook, part {n}." for n in range(200))
MONTH = 30


def rates(provider: str, model: str) -> Rates | None:
    return RATES.get(model)


def cost_of(model: str, into: int, cached: int, out: int) -> int:
    price = RATES[model]
    return int((into - cached) * price["input"] + cached * price["cache read"]
               + out * price["output"])  # fmt: skip


def made(
    n: int, text: str, *, into: int = 800, cached: int = 0, out: int = 400, model: str = "gpt-4o",
    feature: str = "chat", apart: float = 30,
) -> Call:  # fmt: skip
    cost = cost_of(model, into, cached, out)
    trace = f"{feature}-{model}-{n}"
    return Call(n * apart, trace, feature, model, "", "openai", cost, into, cached, 0, out, text)


def days_of(calls: list[list[Call]]) -> tuple[list[dict[Key, Facts]], dict[Key, Spend]]:
    """Each day's facts, as JSON keeps them, and a month of such days."""
    found = []
    for number, day in enumerate(calls):
        watch = Watch(seed=number)
        for call in sorted(day, key=lambda one: one.at):
            watch.see(call)
        found.append({key: facts_of(one.document()) for key, one in watch.finish().items()})
    spend: dict[Key, Spend] = {}
    for key in {key for day in found for key in day}:
        facts = [day[key] for day in found if key in day]
        spend[key] = Spend(*(
            sum(getattr(one, name) for one in facts) * MONTH // len(calls)
            for name in ("cost", "calls", "into")
        ))  # fmt: skip
    return found, spend


def plain(chance: Random, number: int, **said: object) -> list[Call]:
    return [made(n, f"{chance.random()} asks {n}", **said) for n in range(number)]  # type: ignore[arg-type]


def advice(
    calls: list[list[Call]], scores: dict[str, dict[str, float]] | None = None
) -> dict[str, Advice]:
    days, spend = days_of(calls)
    return {one.kind: one for one in look(days, spend, rates, scores or {})}


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_found_where_nothing_was_built_in(seed: int) -> None:
    chance = Random(seed)
    assert advice([plain(chance, 300) for _ in range(5)]) == {}


@pytest.mark.parametrize("seed", range(5))
def test_repeats_are_found_with_what_they_cost(seed: int) -> None:
    chance = Random(seed)
    days, truth = [], 0
    for _ in range(6):
        day = plain(chance, 300)
        again = [n for n in range(300) if chance.random() < 0.2]
        day += [made(1000 + n, day[n].text) for n in again]
        truth += len(again) * cost_of("gpt-4o", 800, 0, 400)
        days.append(day)
    found = advice(days)
    assert set(found) == {"repeats"}
    (one,) = found.values()
    assert one.amount == pytest.approx(truth * 5, rel=0.01)
    assert one.low <= truth * 5 <= one.high
    assert one.traces
    assert not any("asks" in text for text in one.evidence), "of texts only hashes are kept"


def test_what_begins_alike_should_be_read_from_the_cache() -> None:
    chance = Random(1)
    days = [
        [made(n, f"{SYSTEM}\n{chance.random()}", into=3000) for n in range(200)] for _ in range(4)
    ]
    found = advice(days)
    assert set(found) == {"prefix"}
    one = found["prefix"]
    whole = 199 * 4 * (3000 - 100) * 1250 * MONTH // 4
    assert one.low < one.amount <= one.high <= whole * 1.1
    assert one.amount == pytest.approx(whole * 0.7, rel=0.1)
    well = [[made(n, f"{SYSTEM}\n{chance.random()}", into=3000, cached=2816) for n in range(200)]]
    assert advice(well) == {}, "what is read from the cache already"
    rare = [[made(n, f"{SYSTEM}\n{n}", into=3000, apart=400) for n in range(200)]]
    assert advice(rare) == {}, "no cache lives as long as that"
    short = [[made(n, f"{SYSTEM[:2000]}\n{n}", into=900) for n in range(200)]]
    assert advice(short) == {}, "providers cache no beginning under 1,024 tokens"


def test_a_beginning_that_changes_is_told_apart() -> None:
    days = [[made(n, f"At {n} o'clock\n{SYSTEM}", into=3000) for n in range(200)]]
    one = advice(days)["prefix"]
    assert one.low == 0, "as it stands nothing would be read"
    assert any("stood last" in text for text in one.evidence)


def test_long_contexts_count_where_they_are_answered_no_better() -> None:
    chance = Random(3)
    days, scores = [], {}
    for day in range(4):
        calls = []
        for n in range(200):
            long = chance.random() < 0.15
            call = made(n + day * 1000, f"{chance.random()}", into=20_000 if long else 1_500)
            scores[call.trace] = {"helpful": 0.8 + chance.uniform(-0.1, 0.1)}
            calls.append(call)
        days.append(calls)
    one = advice(days, scores)["long"]
    excess = sum(18_500 * 2500 for day in days for call in day if call.into == 20_000)
    assert one.amount == pytest.approx(excess * MONTH / 4, rel=0.2)
    assert one.is_known
    better = {t: {"helpful": 0.8 if s["helpful"] else 0} for t, s in scores.items()}
    for day in days:
        for call in day:
            better[call.trace]["helpful"] = 0.95 if call.into == 20_000 else 0.6
    assert "long" not in advice(days, better), "length that pays is no waste"
    unknown = advice(days)["long"]
    assert (unknown.is_known, unknown.low) == (False, 0)


def test_easy_traffic_moves_where_the_cheaper_model_scores_no_worse() -> None:
    chance = Random(4)
    days, scores = [], {}
    for day in range(3):
        calls = plain(chance, 300, into=400, out=100)
        calls += plain(chance, 60, into=400, out=100, model="gpt-4o-mini")
        calls = [Call(c.at, f"{day}-{c.trace}", *list(vars(c).values())[2:]) for c in calls]
        scores |= {call.trace: {"ok": float(chance.random() < 0.9)} for call in calls}
        days.append(calls)
    found = advice(days, scores)
    assert set(found) == {"easy"}
    one = found["easy"]
    saved = 900 * (cost_of("gpt-4o", 400, 0, 100) - cost_of("gpt-4o-mini", 400, 0, 100))
    assert (one.other, one.is_known) == ("gpt-4o-mini", True)
    assert one.amount == pytest.approx(saved * MONTH / 3, rel=0.05)
    worse = {t: ({"ok": 0.2} if "mini" in t else s) for t, s in scores.items()}
    assert advice(days, worse) == {}
    assert advice(days)["easy"].is_known is False, "an experiment has to tell"


def test_amounts_that_overlap_are_counted_once() -> None:
    key = Key("chat", "gpt-4o", "")
    of = {"evidence": (), "assumptions": (), "traces": (), "is_known": True, "low": 0, "high": 0}
    both = [Advice(kind, *key, 60 * DOLLAR, **of) for kind in ("repeats", "easy")]  # type: ignore[arg-type]
    assert all_of(both, {key: Spend(100 * DOLLAR, 1, 1)}) == 84 * DOLLAR


def test_ranges_and_lengths() -> None:
    assert common_prefix("abcdef", "abcxef") == 3
    assert cacheable(10, "x" * 10, 1_500) == 1_408
    assert cacheable(5, "x" * 10, 1_500) == 0
    share, low, high = share_range([(10, 100)] * 5)
    assert (share, low, high) == (Fraction(1, 10),) * 3
    assert share_range([(10, 100)])[1:] == (Fraction(1, 20), Fraction(3, 20))


def test_chunks_that_no_answer_uses_are_told_by_their_rank() -> None:
    chance, days = Random(5), []
    for day in range(3):
        watch = Watch(day)
        for n in range(60):
            chunks = [" ".join(f"w{chance.random()}" for _ in range(60)) for _ in range(6)]
            call = made(n + 100 * day, "\n".join(chunks), into=6_000)
            watch.see(call)
            watch.retrieved(call.trace, chunks, chunks[chance.randrange(2)] if n % 2 else "No.")
        days.append(watch.finish())
    (key,) = days[0]
    spend = {key: Spend(100 * DOLLAR, 6_000, 36_000_000)}
    found = {one.kind: one for one in look(days, spend, rates, {})}
    one = found["chunks"]
    # Four of six chunks, of nearly all the input: two thirds of 6,000 tokens of 6,000 calls.
    assert one.high == pytest.approx(4_000 * 6_000 * 2_500, rel=0.02)
    assert (one.low, one.is_known) == (0, False)
    assert "from rank 3 on" in one.evidence[0]
