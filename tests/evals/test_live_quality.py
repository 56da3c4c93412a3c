"""Live scores by day: lanes, rates, what changed, then and now, traces around a change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Project, Role
from evals.models import Evaluator, EvaluatorVersion
from evals.queries.live import live_of
from evals.queries.live_changes import changes_of
from evals.statistics.weighted import Weighted
from features.models import Feature, Target
from prompts.models import Label, LabelMove
from tests.evals.live import scored, thumbs, today
from tests.evals.scheduling import scheduled, version_of, written
from tests.evals.test_quality_pages import BASE, signed_in, text
from tests.traces.seeing import span, store
from traces.feedback.given import GivenScore
from traces.ingest.record import Kind
from traces.models import ScoreDefinition, Trace
from traces.queries.score_figures import ScoreScope
from traces.query.compiling import HIDDEN_ENVIRONMENT
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(project: Project) -> Client:
    return signed_in(project, "alice@x.test", Role.OWNER)


def scope(project: Project, days: int = 30, **more: Any) -> ScoreScope:
    return ScoreScope(project.pk, today() - timedelta(days=days - 1), today(), **more)


def lane(site: Client, name: str, query: str = "") -> Any:
    lanes = site.get(f"{BASE}{query}").context["live"].lanes
    return next(one for one in lanes if one.series.name == name)


def test_a_score_has_a_lane_with_its_interval_and_its_bar(project: Project, site: Client) -> None:
    ScoreDefinition.objects.create(project=project, name="faithful", data_type="number", bar=0.85)
    scored(project, "faithful", [0.9] * 15 + [0.8] * 7)
    found = lane(site, "faithful")
    assert (found.value, found.change, found.bar, found.tone) == ("0.80", "−0.10", "0.85", "bad")
    assert found.ends == "0.79 to 0.81"
    assert len(found.lines) == len(found.ribbons) == len(found.bands) == 1
    said = text(site.get(BASE))
    assert "Faithful of live traffic is below its bar." in said
    assert "0 of 1" in said
    assert "score.faithful%3C0.85" in said


def test_the_bar_is_the_features_target_where_one_is_chosen(project: Project, site: Client) -> None:
    feature = Feature.objects.create(project=project, name="refunds")
    Target.objects.create(
        feature=feature, number=1, metric="faithful", bar=0.7, state=Target.State.APPROVED,
        bar_direction="at_least",
    )  # fmt: skip
    scored(project, "faithful", [0.8] * 10)
    assert lane(site, "faithful").bar == ""
    found = lane(site, "faithful", "?feature=refunds")
    assert (found.bar, found.tone) == ("0.70", "")
    assert ">target</a> 0.70" in text(site.get(f"{BASE}?feature=refunds"))


def test_gaps_stay_gaps_and_another_judge_breaks_the_line(project: Project, site: Client) -> None:
    scored(project, "faithful", [0.9] * 5 + [None] * 2 + [0.9] * 5, ago=6, evaluator="2")
    scored(project, "faithful", [0.8] * 6, evaluator="3")
    found = lane(site, "faithful")
    assert len(found.lines) == 3
    assert found.change == ""  # two judges do not compare
    said = text(site.get(BASE))
    assert "Judge of faithful changed" in said
    assert "v2 to v3: the line breaks" in said


def test_shares_have_wilsons_interval_and_samples_their_weight(project: Project) -> None:
    scored(project, "ok", [0.0], data_type="boolean", n=10)
    (series,) = live_of(project, scope(project)).series
    ends = series.days[0].sums.interval(is_share=True)
    assert ends is not None
    assert (ends.low, round(ends.high, 3)) == (0.0, 0.278)
    judged = Weighted(10, 10, 10, 9, 9).plus(Weighted(1, 10, 100, 0, 0))  # one of a tenth
    assert judged.mean == 0.45
    assert round(judged.effective, 2) == 3.64


def test_words_count_by_their_bar_and_rates_are_told(project: Project, site: Client) -> None:
    ScoreDefinition.objects.create(
        project=project, name="hallucination", data_type="category", passing=["grounded"],
        categories=["grounded", "invented"],
    )  # fmt: skip
    for label, n in (("grounded", 90), ("invented", 10)):
        scored(project, "hallucination", [0.0], data_type="category", label=label, n=n)
    scored(project, "refused", [0.25], data_type="boolean", n=100)
    scored(project, "topic", [0.0], data_type="category", label="billing")
    thumbs(project, [0.1, 0.2])
    context = site.get(BASE).context["live"]
    assert {one.title: one.value for one in context.rates} == {
        "Hallucinated": "10%", "Refused": "25%", "Thumbs down": "15%",
    }  # fmt: skip
    assert context.unread == ["topic"]
    values = {one.series.name: one.value for one in context.lanes}
    assert values == {"hallucination": "90%", "refused": "25%", "thumbs down": "15%"}
    said = text(site.get(BASE))
    assert "5.5% to 17.4%" in said
    assert "feedback%3Adown" in said


def test_words_of_an_evaluator_have_its_values(project: Project) -> None:
    evaluator = Evaluator.objects.create(project=project, name="tone", kind="judge")
    evaluator.current = EvaluatorVersion.objects.create(
        evaluator=evaluator, number=1, data_type="category", categories=["good", "bad"],
        values=[1.0, 0.5], bar=0.9, content_hash="x", author_label="a",
    )  # fmt: skip
    evaluator.save()
    for label in ("good", "bad", "never heard of"):
        scored(project, "tone", [0.0], data_type="category", label=label, n=10)
    (series,) = live_of(project, scope(project)).series
    assert (series.n, series.days[0].sums.mean, series.meaning.bar) == (20, 0.75, 0.9)


def test_scores_are_narrowed_and_strange_filters_find_nothing(
    project: Project, site: Client
) -> None:
    scored(project, "a", [0.5], feature="refunds", prompts=["answer/3"], models=["m"])
    scored(project, "b", [0.5], feature="search", prompts=["answer/12", "find/1"])
    scored(project, "hidden", [0.5], environment=HIDDEN_ENVIRONMENT)
    names = lambda query: [one.title for one in site.get(BASE + query).context["live"].lanes]  # noqa: E731
    assert names("") == ["A", "B"]
    assert names("?feature=search") == ["B"]
    assert names("?prompt=answer/3") == ["A"]
    assert names("?prompt=answer/") == ["A", "B"]
    assert names("?model=m") == ["A"]
    assert site.get(BASE).context["live"].choices.prompts == ["answer/3", "answer/12", "find/1"]
    assert "No score of these days is of feature nothing" in text(
        site.get(f"{BASE}?feature=nothing")
    )
    for odd in ("%00", "x" * 5000, "%F0%9F%98%80", "'%22<b>", "%ED%A0%80"):
        text(site.get(f"{BASE}?feature={odd}&prompt={odd}&model={odd}&days={odd}&launch={odd}"))


def test_moves_models_and_releases_are_change_points(project: Project, site: Client) -> None:
    version = version_of(project)
    label = Label.objects.create(prompt=version.prompt, name="production", version=version)
    LabelMove.objects.create(
        prompt=version.prompt, label=label.name, to_version=version, by_label="a", cause="review"
    )
    scored(project, "a", [0.5] * 20, prompts=["answers/1"])
    LabelMove.objects.update(at=timezone.now() - timedelta(days=5))
    (found,) = changes_of(project, scope(project), [], ["answers"])
    assert (found.kind, found.name, found.after) == ("prompt", "answers", "1")
    assert changes_of(project, scope(project), [], ["others"]) == []
    said = text(site.get(BASE))
    assert "/prompts/answers/v/1/" in said
    assert "quality/around/?day=" in said


def test_launch_week_stands_beside_the_last_one(project: Project, site: Client) -> None:
    scored(project, "a", [0.9] * 10 + [0.9] * 20 + [0.8] * 10, prompts=["answers/1"])
    scored(project, "j", [0.9] * 20, ago=20, evaluator="1")
    scored(project, "j", [0.9] * 20, evaluator="2")
    assert "Choose a day above" in text(site.get(f"{BASE}?days=60"))
    chosen = (today() - timedelta(days=39)).isoformat()
    rows = {one.title: one for one in site.get(f"{BASE}?launch={chosen}").context["live"].compared}
    assert (rows["A"].then, rows["A"].now, rows["A"].change) == ("0.90", "0.80", "−0.10")
    assert (rows["A"].ends, rows["A"].tone) == ("−0.11 to −0.09", "bad")
    assert rows["J"].note == "judged by v1 then, v2 now"
    version = version_of(project)
    LabelMove.objects.create(
        prompt=version.prompt, label="production", to_version=version, by_label="a", cause="review"
    )
    LabelMove.objects.update(at=timezone.now() - timedelta(days=39))
    assert "launch week, from" in text(site.get(BASE))


def test_traces_before_and_after_a_change(project: Project, site: Client) -> None:
    for place, days in enumerate((3, 2, 1, 0)):
        trace = f"t{place}"
        store(project, span(trace, "a", feature="refunds"))
        Trace.objects.filter(trace_id=trace).update(
            start_time=timezone.now() - timedelta(days=days)
        )
        at = timezone.now() - timedelta(days=days)
        record_scores(
            project.pk,
            [GivenScore("a", 0.9 - place * 0.2, trace_id=trace, source="judge", at=at, id=trace)],
        )
    scored(project, "a", [0.9, 0.7, 0.5, 0.3])
    day = (today() - timedelta(days=1)).isoformat()
    around = site.get(f"{BASE}around/?day={day}").context["around"]
    assert [one.example.trace.trace_id for one in around.before.shown] == ["t1", "t0"]
    assert [one.value for one in around.after.shown] == ["0.30", "0.50"]
    said = text(site.get(f"{BASE}around/?day={day}&score=judge:a"))
    assert "/traces/t3/" in said
    assert "−0.40 after" in said
    assert "No score of these two weeks" in text(site.get(f"{BASE}around/?day=2001-01-01"))
    for odd in ("", "yesterday", "9999-01-01", "2026-02-30"):
        text(site.get(f"{BASE}around/?day={odd}"), 404)
    piece = text(site.get(f"{BASE}around/?day={day}", headers={"HX-Request": "true"}))
    assert piece.lstrip().startswith('<div class="scroll" id="body"')


def test_latency_by_model_and_prompt_version(project: Project, site: Client) -> None:
    store(
        project,
        span(
            "t1",
            "a",
            kind=Kind.GENERATION,
            lasts=1,
            model="m-1",
            prompt_name="answer",
            prompt_version="3",
        ),
        span("t2", "b", kind=Kind.GENERATION, lasts=4, model="m-2"),
    )
    said = text(site.get(f"{BASE}latency/?days=365"))
    assert "m-1" in said
    assert "answer" in said
    assert "<title>" in said
    assert "m-1" not in text(site.get(f"{BASE}latency/?days=365&model=m-2"))
    piece = text(site.get(f"{BASE}latency/", headers={"HX-Request": "true"}))
    assert piece.lstrip().startswith('<section class="card q-la"')


def test_queries_do_not_grow_with_scores_and_days(
    project: Project, site: Client, django_assert_max_num_queries: Any
) -> None:
    written(scheduled(project, ""), *[0.9] * 10)
    for name in "abcdefghijklmnop":
        scored(project, name, [0.5] * 80, prompts=["answers/1"], models=["m"])
    with django_assert_max_num_queries(26):
        context = site.get(f"{BASE}?days=90").context
    assert (len(context["live"].lanes), context["live"].hidden) == (14, 2)
    assert len(site.get(f"{BASE}?days=90&scores=all").context["live"].lanes) == 16
    assert context["groups"][-1].probes


def test_a_year_of_lanes_is_no_heavy_page(project: Project, site: Client) -> None:
    for name in "abcdefgh":
        scored(project, name, [0.5, 0.6] * 182)
    said = text(site.get(f"{BASE}?days=365"))
    assert len(site.get(f"{BASE}?days=365").context["live"].lanes[0].rows) <= 125
    assert len(said) < 300_000
