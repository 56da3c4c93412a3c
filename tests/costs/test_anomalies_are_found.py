"""Spend that nobody expected is found soon, and quiet spend is left alone; of the trial a slice."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from bench.cost_anomalies import broken, seconds_of, together, trial
from bench.spend_series import KINDS, made_series
from costs.detection.calendar import Expected
from costs.detection.detector import Rule, detect
from costs.detection.episodes import Type, episodes
from costs.detection.series import BadSeries, Series, series_of
from costs.detection.settings import DAILY, HOURLY, Grain
from costs.engines.anomaly import answer
from kit.cases import BadCase


@pytest.mark.parametrize("grain", [HOURLY, DAILY], ids=lambda grain: grain.name)
def test_the_bounds_hold_for_a_slice(grain: Grain) -> None:
    scores = trial(grain, 4, 11)
    found = together(scores.values()).figures()
    assert found["recall"] >= 0.88, found
    assert found["precision"] >= 0.85, found
    assert [one for one in broken(grain.name, scores) if "is found after" in one] == []


def test_a_bucket_is_judged_by_its_past_alone() -> None:
    for kind in ("several", "missing", "sparse spike", "unit cost", "growth"):
        for grain in (HOURLY, DAILY):
            series, _ = made_series(kind, grain, 3)
            whole = [(one.place, one.rule) for one in detect(series).alerts]
            cut = len(series) * 3 // 4 // grain.day * grain.day
            part = Series(grain, series.start, series.cost[:cut], series.requests[:cut])
            assert [(one.place, one.rule) for one in detect(part).alerts] == [
                one for one in whole if one[0] < cut
            ], (kind, grain.name)


@pytest.mark.parametrize(
    ("kind", "grain", "expected"),
    [
        ("spike", HOURLY, Type.SPIKE),
        ("level shift", DAILY, Type.LEVEL),
        ("leak", HOURLY, Type.LEAK),
        ("leak", DAILY, Type.LEAK),
        ("outage", HOURLY, Type.DROP),
        ("unit cost", HOURLY, Type.UNIT_COST),
        ("unit cost", DAILY, Type.UNIT_COST),
    ],
)
def test_an_episode_has_its_type_and_its_money(kind: str, grain: Grain, expected: Type) -> None:
    right = 0
    for seed in range(8):
        series, labels = made_series(kind, grain, seed)
        label = labels[0]
        near = [
            one for one in episodes(series, detect(series))
            if one.first >= label.first and one.since <= label.last
        ]  # fmt: skip
        if not near:
            continue
        first = max(near, key=lambda one: abs(one.excess))
        right += first.type == expected
        assert abs(first.since - label.first) <= (
            5 * grain.day if kind == "leak" else grain.day * 2
        )
        assert (first.excess < 0) == (expected == Type.DROP)
    assert right >= 6


EMPTY = {"grain": "daily", "rows": []}


def _hours(days: int) -> Series:
    place = np.arange(days * 24)
    cost = (
        10
        + 5 * np.sin(place / 24 * 2 * np.pi)
        + np.random.default_rng(1).normal(0, 0.3, place.size)
    )
    return Series(HOURLY, datetime(2026, 1, 5), cost, np.round(cost * 10))  # noqa: DTZ001


def test_too_little_history_is_learning_and_says_nothing() -> None:
    found = detect(_hours(13))
    assert found.is_learning
    assert found.alerts == []


def test_what_was_planned_is_expected_and_what_was_said_to_be_normal_too() -> None:
    series = _hours(40)
    series.cost[30 * 24 : 30 * 24 + 6] *= 6
    assert {one.place for one in detect(series).alerts} >= {30 * 24 + 2}
    planned = [Expected(30 * 24, 30 * 24 + 8, float("inf"))]
    assert detect(series, planned=planned).alerts == []
    shifted = _hours(60)
    shifted.cost[35 * 24 :] *= 3
    said = detect(shifted, normal_since=[35 * 24])
    alone = detect(shifted)
    assert max(one.place for one in said.alerts) < max(one.place for one in alone.alerts)
    assert alone.accepted, "after fourteen days it is the new normal by itself"
    assert max(one.place for one in alone.alerts) < 51 * 24


def test_a_job_of_every_month_becomes_expected() -> None:
    series, _ = made_series("monthly", DAILY, 2)
    firsts = [place for place in range(len(series)) if series.at(place).day == 1]
    alerted = {one.place for one in detect(series).alerts}
    assert not alerted & set(firsts[2:])


def test_hours_without_data_are_unknown_and_told_apart() -> None:
    series = _hours(40)
    series.cost[33 * 24 : 33 * 24 + 7] = np.nan
    found = detect(series)
    assert found.alerts == []
    (told,) = episodes(series, found)
    assert (told.type, told.since, told.last) == (Type.NO_DATA, 33 * 24, 33 * 24 + 6)
    assert told.first == 33 * 24 + 2


def test_a_series_that_never_spent_says_nothing() -> None:
    zeros = np.zeros(60)
    found = detect(Series(DAILY, datetime(2026, 1, 5), zeros, zeros))  # noqa: DTZ001
    assert found.is_learning
    assert found.alerts == []
    rule = detect(made_series("sparse spike", DAILY, 4)[0])
    assert {one.rule for one in rule.alerts} == {Rule.SPARSE}


def test_rows_that_make_no_series_are_refused_in_words() -> None:
    at = datetime(2026, 1, 5)  # noqa: DTZ001
    for rows, why in (
        ([(at, 1.0, 1.0), (at, 1.0, 1.0)], "twice"),
        ([(at, 1.0, 1.0), (at + timedelta(minutes=5), 1.0, 1.0)], "step"),
        ([(at, -1.0, 1.0)], "less than nothing"),
        ([], "at least one row"),
        ([(at, 1.0, 1.0), (at + timedelta(days=90_000), 1.0, 1.0)], "at most"),
    ):
        with pytest.raises(BadSeries, match=why):
            series_of(rows, HOURLY)


def test_the_command_answers_series_and_gives_times_back_as_they_came() -> None:
    series, labels = made_series("spike", HOURLY, 1)
    rows = [
        [series.at(place).isoformat(sep=" "), cost, asked]
        for place, (cost, asked) in enumerate(zip(series.cost, series.requests, strict=True))
    ]
    rows[5] = [rows[5][0], None, None]
    del rows[9]
    done = subprocess.run(
        [f"{sys.exec_prefix}/bin/roadworthy", "engine", "cost-anomaly"],
        input=json.dumps({"a": {"grain": "hourly", "rows": rows}, "b": EMPTY}),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["b"] == []
    assert set(told["a"]) & {
        series.at(labels[0].first + step).isoformat(sep=" ") for step in range(3)
    }


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ([], "object of series"),
        ({"a": {"grain": "weekly", "rows": []}}, "grain"),
        ({"a": {"grain": "hourly", "rows": 3}}, "list"),
        ({"a": {"grain": "hourly", "rows": [["yesterday", 1, 1]]}}, "ISO 8601"),
        ({"a": {"grain": "hourly", "rows": [["2026-01-05", "much", 1]]}}, "no amount"),
        ({"a": {"grain": "hourly", "rows": [["2026-01-05"]]}}, "Row 1"),
        (
            {"a": {"grain": "hourly", "rows": [["2026-01-05", 1], ["2026-01-06T00:00Z", 1]]}},
            "Row 2 has one and row 1 has none",
        ),
        ({"a": {"grain": ["hourly"], "rows": []}}, "grain"),
        ({"a": {"grain": "hourly", "rows": [["2026-01-05", 10**400]]}}, "Row 1: 1000"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(document: object, why: str) -> None:
    with pytest.raises(BadCase, match=why):
        answer(document)


def test_nights_without_traffic_do_not_make_days_look_wild() -> None:
    told = {}
    for kind in ("clean", "level shift"):
        alerts = 0
        for seed in range(3):
            series, _ = made_series(kind, HOURLY, seed)
            is_night = np.arange(len(series)) % 24 < 6
            cost = np.where(is_night, 0.0, series.cost)
            quiet = Series(HOURLY, series.start, cost, np.where(is_night, 0.0, series.requests))
            alerts += bool(detect(quiet).alerts)
        told[kind] = alerts
    assert told == {"clean": 0, "level shift": 3}


def test_a_bucket_that_did_not_arrive_may_alert() -> None:
    series, labels = made_series("level shift", HOURLY, 1)
    rows = [
        [series.at(one).isoformat(sep=" "), float(series.cost[one]), float(series.requests[one])]
        for one in range(len(series))
        if one % 6 != 5 or one < labels[0].first  # a level is looked at every six hours
    ]
    told = answer({"a": {"grain": "hourly", "rows": rows}})["a"]
    assert {series.at(labels[0].first + one).isoformat(sep=" ") for one in range(72)} & set(told)


def test_days_are_those_of_their_text_where_clocks_change() -> None:
    first, summer = date(2026, 3, 1), date(2026, 3, 29)
    dates = [first + timedelta(days=one) for one in range(60)]
    days = [f"{one}T00:00:00+0{1 if one <= summer else 2}:00" for one in dates]
    rows = [
        [day, 1000.0 if place == 50 else 10.0 + place % 7, 50] for place, day in enumerate(days)
    ]
    assert days[50] in answer({"a": {"grain": "daily", "rows": rows}})["a"]


def test_ten_thousand_hours_are_read_in_a_moment() -> None:
    assert seconds_of(2000) < seconds_of(1000) * 4, "time grows with the length, not its square"
    assert len(KINDS) == 16
