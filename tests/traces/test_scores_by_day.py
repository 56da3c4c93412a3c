"""Figures of scores by day are what scores and their traces say, whatever happened to them."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Project
from tests.traces.stored import connect, fetch, open_store, rows, span
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.feedback.given import GivenScore
from traces.models import Score
from traces.rollups.scores import compare_scores, count_noted, fold_scores, forget_scores
from traces.services.deletion import delete_traces
from traces.services.rollups import compare_figures, fold_figures
from traces.services.scores import delete_score, record_scores

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = "day, environment, feature, name, source, label, prompts, models"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)


def settle_and_count() -> None:
    with connect() as link:
        settle_what_is_due(link)
        count_noted(link)


def summed(columns: str = f"{KEY}, sum(n), sum(total), sum(squares)") -> list[tuple[Any, ...]]:
    group = f"group by {KEY} having sum(n) <> 0 order by {KEY}" if KEY in columns else ""
    return fetch(f"select {columns} from score_day {group}")


def from_scores(project: Project) -> list[tuple[Any, ...]]:
    """The same by the plainest way: a trace once for a key, by the mean."""
    return fetch(
        f"""select {KEY}, count(*), sum(coalesce(mean, 0)), sum(coalesce(mean * mean, 0)) from (
          select coalesce((t.start_time at time zone 'UTC')::date, (s.at at time zone 'UTC')::date)
            as day, coalesce(t.environment, '') as environment, coalesce(t.feature, '') as feature,
            s.name, s.source, coalesce(s.label, '') as label,
            case when t.trace_id is null then '{{}}' else array(select substr(f, 3)
              from unnest(t.facets) f where f like 'p:%%' order by 1) end as prompts,
            case when t.trace_id is null then '{{}}' else array(select substr(f, 3)
              from unnest(t.facets) f where f like 'm:%%' order by 1) end as models,
            s.trace_id, avg(s.num)::numeric as mean
          from score s left join trace t using (project_id, trace_id)
          where s.project_id = %s group by 1, 2, 3, 4, 5, 6, 7, 8, 9) g
        group by {KEY} order by {KEY}""",
        project.pk,
    )


def any_score(chance: random.Random) -> GivenScore:
    value: Any = chance.choice((0.1, 0.25, 1 / 3, 7.0))
    return GivenScore(
        chance.choice(("faithful", "polite")),
        value,
        id=f"s{chance.randrange(8)}",
        trace_id=f"t{chance.randrange(4)}",
        source=chance.choice(("judge", "user")),
        at=NOON + timedelta(hours=chance.randrange(20)),
    )


@pytest.mark.parametrize("seed", range(6))
def test_they_are_those_of_the_scores_after_anything(project: Project, seed: int) -> None:
    chance = random.Random(seed)
    with open_store() as store:
        for _ in range(8):
            act = chance.randrange(6)
            if act < 2:
                made = [
                    span(
                        f"a{chance.randrange(3)}",
                        f"t{chance.randrange(4)}",
                        at=chance.choice((0, 43_100, 43_300)),
                        feature=chance.choice((None, "refunds", "search")),
                        model=chance.choice((None, "gpt-4o", "m")),
                        prompt_name=chance.choice((None, "answer/er")),
                        prompt_version="3",
                    )
                    for _ in range(3)
                ]
                store.write(rows(*made, project_id=project.pk))
            elif act < 4:
                record_scores(project.pk, [any_score(chance) for _ in range(4)])
            elif act == 4:
                delete_score(project, f"s{chance.randrange(8)}", actor=None)
            else:
                delete_traces(project.pk, [f"t{chance.randrange(4)}"])
            if chance.random() < 0.5:
                settle_and_count()
    record_scores(project.pk, [any_score(chance)])
    settle_and_count()
    assert summed() == from_scores(project) != []
    with connect() as link:
        fold_scores(link)
        for off in range(-1, 3):
            assert compare_scores(link, DAY + timedelta(days=off)) == (0, 0)
    assert summed() == from_scores(project)
    assert fetch("select count(*) from score_day where fresh") == [(0,)]


def test_a_score_of_a_span_is_of_its_prompt_and_model(project: Project) -> None:
    with open_store() as store:
        made = (
            span("a", "t", model="big", prompt_name="answer", prompt_version="3"),
            span("b", "t", model="small", prompt_name="route", prompt_version="1"),
        )
        store.write(rows(*made, project_id=project.pk))
    record_scores(project.pk, [GivenScore("x", 1, id="1", trace_id="t", span_id="b")])
    record_scores(project.pk, [GivenScore("x", 0, id="2", trace_id="t")])
    settle_and_count()
    assert sorted(summed("prompts, models, n, total::int"), reverse=True) == [
        (["route/1"], ["small"], 1, 1),
        (["answer/3", "route/1"], ["big", "small"], 1, 0),
    ]


def test_a_judged_share_is_weighted_thumbs_are_told_and_words_counted(project: Project) -> None:
    about = {"evaluator": 4, "rule": "r", "share": "0.25"}
    given = [
        GivenScore("f", 0.5, id="1", trace_id="a", source="judge", metadata=about),
        GivenScore("t", -1, id="2", trace_id="a", source="user"),
        GivenScore("t", True, id="3", trace_id="b", source="user"),
        GivenScore("w", "polite", id="4", trace_id="a"),
        GivenScore("w", "x" * 41, id="5", trace_id="b"),
    ]
    record_scores(project.pk, given[:1], author="Roadworthy")
    record_scores(project.pk, [GivenScore("g", 1, id="6", trace_id="a", metadata=about)])
    record_scores(project.pk, given[1:], author="pk-1")
    settle_and_count()
    columns = "name, label, evaluator, sum(weight)::int, sum(weight_squares)::int, sum(total)::text"
    found = fetch(
        f"select {columns}, sum(thumbs)::int, sum(down)::int from score_day "
        "group by name, label, evaluator order by 1, 2, 3"
    )
    assert [(*row[:5], float(row[5]), *row[6:]) for row in found] == [
        ("f", "", "4", 4, 16, 2.0, 0, 0),
        ("g", "", "", 1, 1, 1.0, 0, 0),  # a sender's word is no share of ours
        ("t", "", "", 2, 2, 0.0, 2, 1),
        ("w", "", "", 1, 1, 0.0, 0, 0),
        ("w", "polite", "", 1, 1, 0.0, 0, 0),
    ]


def test_a_session_scored_as_a_whole_is_of_its_newest_trace(project: Project) -> None:
    record_scores(project.pk, [GivenScore("t", 1, session_id="s", source="user", at=NOON)])
    with open_store() as store:
        made = (
            span("a", "t1", session_id="s", feature="old"),
            span("b", "t2", session_id="s", feature="new", at=60),
        )
        store.write(rows(*made, project_id=project.pk))
    settle_and_count()
    assert summed("day, feature, n") == [(DAY, "new", 1)]


def test_figures_outlive_the_scores_and_faults_are_repaired(project: Project) -> None:
    with open_store() as store:
        store.write(rows(span("a", "t", feature="f"), project_id=project.pk))
    at = datetime.now(UTC) - timedelta(hours=1)
    record_scores(project.pk, [GivenScore("x", 1, id="1", trace_id="t", at=NOON)])
    record_scores(project.pk, [GivenScore("x", 1, id="2", trace_id="u", at=at)])
    settle_and_count()
    with connect() as link:
        link.execute("update score_day set n = 7 where feature = 'f'")
        Score.objects.filter(id="1").update(num=0.5)
        assert compare_scores(link, DAY) == (1, 1)
        count_noted(link)
        assert compare_scores(link, DAY) == (0, 0)
        (sums,) = fetch("select sum(n)::int, sum(total)::float from score_day where feature = 'f'")
        assert sums == (1, 0.5)
        link.execute("delete from score_queue")
        Score.objects.filter(id="2").update(num=0.25)
    assert sum(one.missed for one in compare_figures(seconds=0)) >= 1
    fold_figures()
    assert fetch("select sum(total)::float from score_day where feature = ''") == [(0.25,)]
    with connect() as link:
        forget_scores(link, NOON + timedelta(days=1))
    assert fetch("select count(*) from score_counted where feature = 'f'") == [(0,)]
    assert fetch("select sum(n)::int from score_day where feature = 'f'") == [(1,)]
