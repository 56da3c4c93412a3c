"""When a rule fires: the pure decision, for now and for the past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as some

from alerts.rules.deciding import (
    Condition,
    Figure,
    Look,
    Reading,
    Standing,
    Terms,
    Verdict,
    episodes,
    judge,
    replay,
    step,
)  # fmt: skip
from alerts.rules.whose import whose
from alerts.rules.windows import DAY, Baseline, Frame, end_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ABOVE = Terms(Condition.ABOVE, Fraction(5, 100), least=10, clear_after=3 * MINUTE)


def figure(value: float | None, count: int = 100) -> Figure:
    return Figure(None if value is None else Fraction(str(value)), count)


def looks(*values: float | None, count: int = 100) -> list[Look]:
    return [
        Look(NOON + place * MINUTE, (Reading(figure(value, count)),))
        for place, value in enumerate(values)
    ]


def fired(terms: Terms, found: list[Look]) -> list[tuple[int, int | None]]:
    """Minutes at which it fired and was over."""
    return [
        ((one.since - NOON) // MINUTE, (one.until - NOON) // MINUTE if one.until else None)
        for one in episodes(terms, replay(terms, found))
    ]


def test_the_bar_itself_is_no_breach() -> None:
    for part, verdict in ((5, Verdict.FINE), (6, Verdict.BREACH), (4, Verdict.FINE)):
        reading = Reading(Figure(Fraction(part, 100), 100))
        assert judge(ABOVE, reading) == (verdict, Fraction(1, 20))
    below = Terms(Condition.BELOW, Fraction(9, 10))
    assert judge(below, Reading(figure(0.9)))[0] is Verdict.FINE
    assert judge(below, Reading(figure(0.89)))[0] is Verdict.BREACH


def test_it_fires_at_once_and_is_over_after_the_stated_time() -> None:
    assert fired(ABOVE, looks(0.01, 0.09, 0.01, 0.01, 0.01, 0.01)) == [(1, 5)]
    assert fired(ABOVE, looks(0.09, 0.01, 0.01, 0.09, 0.01, 0.01, 0.01, 0.01)) == [(0, 7)]
    assert fired(ABOVE, looks(0.09, 0.09)) == [(0, None)]


def test_unknown_neither_fires_nor_ends() -> None:
    assert judge(ABOVE, Reading(figure(0.5, 9)))[0] is Verdict.UNKNOWN
    assert judge(ABOVE, Reading(figure(None, 0)))[0] is Verdict.UNKNOWN
    assert fired(ABOVE, looks(None, None)) == []
    assert fired(ABOVE, looks(0.09, *[None] * 20)) == [(0, None)]
    # The time since it was fine goes on, but only a fine window ends it.
    assert fired(ABOVE, looks(0.09, 0.01, None, None, None, 0.01)) == [(0, 5)]


def test_some_of_several_windows() -> None:
    terms = Terms(Condition.ABOVE, Fraction(5), breaches=2, windows=3)

    def look(*values: float) -> Look:
        return Look(NOON, tuple(Reading(figure(value)) for value in values))

    assert step(terms, Standing(), look(9, 1, 1)).has_fired is False
    assert step(terms, Standing(), look(1, 9, 9)).has_fired is True
    firing = Standing(is_firing=True, since=NOON)
    assert step(terms, firing, look(1, 9, 9)).is_over is False
    assert step(terms, firing, look(1, 9, 1)).is_over is True


def test_a_change_is_measured_against_the_median_of_before() -> None:
    rises = Terms(Condition.RISES, Fraction(1, 2), is_percent=True, least=10)
    before = tuple(map(figure, (10, 12, 1000)))
    assert judge(rises, Reading(figure(18), before)) == (Verdict.FINE, Fraction(18))
    assert judge(rises, Reading(figure(18.1), before))[0] is Verdict.BREACH
    falls = Terms(Condition.FALLS, Fraction(3))
    assert judge(falls, Reading(figure(8.9), before)) == (Verdict.BREACH, Fraction(9))
    few = (figure(10, 3), figure(None, 0), figure(12))
    assert judge(rises, Reading(figure(99), few))[0] is Verdict.UNKNOWN
    assert judge(rises, Reading(figure(99), ()))[0] is Verdict.UNKNOWN
    assert judge(rises, Reading(figure(99), (figure(0),)))[0] is Verdict.UNKNOWN


def test_silence_is_news_only_where_something_came_before() -> None:
    silent = Terms(Condition.SILENT)
    nothing, something = (
        Reading(Figure(Fraction(0), 0, True)),
        Reading(Figure(Fraction(3), 3, True)),
    )
    quiet = [Look(NOON + place * MINUTE, (nothing,)) for place in range(3)]
    assert fired(silent, quiet) == []
    assert fired(silent, [Look(NOON - MINUTE, (something,)), *quiet]) == [(0, None)]
    back = Look(NOON + 3 * MINUTE, (something,))
    assert fired(silent, [Look(NOON - MINUTE, (something,)), *quiet, back]) == [(0, 3)]


@given(some.lists(some.sampled_from([0.01, 0.09, None]), max_size=60), some.integers(0, 59))
def test_the_past_in_pieces_is_the_past_in_one(values: list[float | None], cut: int) -> None:
    found = looks(*values)
    whole = list(replay(ABOVE, found))
    first = list(replay(ABOVE, found[:cut]))
    now = first[-1].standing if first else None
    assert whole == first + list(replay(ABOVE, found[cut:], now))
    is_firing = False
    for one in whole:
        assert one.has_fired is (one.standing.is_firing and not is_firing)
        assert one.is_over is (is_firing and not one.standing.is_firing)
        assert not (one.has_fired and one.verdict is not Verdict.BREACH)
        is_firing = one.standing.is_firing


def test_windows_end_before_what_is_on_its_way() -> None:
    assert end_of(NOON + timedelta(seconds=59)) == NOON - 2 * MINUTE
    frame = Frame(60, 2, Baseline.WEEK)
    newest, older = frame.windows_at(NOON)
    assert newest == [
        (NOON - 60 * MINUTE, NOON), (NOON - 7 * DAY - 60 * MINUTE, NOON - 7 * DAY)
    ]  # fmt: skip
    assert older[0] == (NOON - 120 * MINUTE, NOON - 60 * MINUTE)
    [[(since, _)]] = Frame(360).windows_at(NOON + 17 * MINUTE)
    assert since == NOON - timedelta(hours=6)
    assert len(Frame(60, 1, Baseline.MEDIAN, 5).windows_at(NOON)[0]) == 6
    assert [Frame(one).every // MINUTE for one in (5, 60, 360, 1440)] == [1, 1, 6, 24]


def test_errors_are_the_providers_where_others_hold_and_several_features_fail() -> None:
    rows = [("openai", "a", 50, 20), ("openai", "b", 40, 9), ("mistral", "a", 60, 0)]
    assert whose(rows).origin == "provider"
    assert "Calls of openai fail in 2 features." in whose(rows).sentence
    assert whose([*rows, ("openai", "c", 50, 0)]).origin == ""
    ours = [("openai", "a", 50, 20), ("openai", "b", 40, 0)]
    assert whose(ours, "a").origin == whose(ours).origin == "us"
    assert whose(ours, "b").origin == ""
    assert whose([("openai", "a", 50, 4)]).origin == ""
    assert whose([]).origin == ""
