"""What live texts are about: a drift on two days, told once, by words or by vectors."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Project
from bench.drift_texts import OLD, Traffic
from evals.models import Dataset, DatasetItem, TextDay, TextDrift, TextReference, TextWatch
from evals.queries.texts import examples_of
from evals.services.text_days import compare_next, plan_days
from evals.services.text_drifts import DriftClosed, close_drift, propose_items
from evals.services.text_watches import (
    BadWatch,
    WantedWatch,
    change_watch,
    create_watch,
    delete_watch,
    wanted_of,
)
from tests.evals.making import item, make_dataset
from tests.evals.texting import TODAY, asked, day_of, look, month, watched
from traces.services.deletion import delete_traces

pytestmark = pytest.mark.django_db


def said(watch: TextWatch) -> list[str]:
    return list(watch.days.order_by("day", "side").values_list("said", flat=True))


def test_new_topics_are_a_drift_on_the_second_day_told_once(project: Project) -> None:
    month(project, 0.2, old=2, many=500)
    watch = watched(project)
    look(watch, 3)
    assert said(watch) == ["same", "once", "drift"]
    drift = TextDrift.objects.get()
    assert (drift.side, drift.since, drift.state) == ("input", day_of(2), "open")
    row = drift.day
    assert (row.n, row.way, row.successive) == (500, "pieces", 2)
    assert row.p is not None
    assert row.p <= 0.01
    shown = examples_of(row)
    assert 5 <= len(shown) <= 10
    news = {word for words in Traffic(4).words[OLD:] for word in words}
    assert sum(bool(news & set(one.text.split())) for one in shown) >= 4


def test_the_same_topics_are_none(project: Project) -> None:
    month(project, 0.0)
    watch = watched(project)
    look(watch, 2)
    assert said(watch) == ["same", "same"]
    assert not TextDrift.objects.exists()


def test_few_texts_have_no_verdict_and_a_quiet_feature_gathers(project: Project) -> None:
    traffic = Traffic(7)
    for ago in range(4, 0, -1):
        asked(project, ago, traffic.texts(traffic.topics(45, 0.0)))
    watch = watched(project)
    look(watch, 4)
    assert set(said(watch)) == {"too few texts"}
    assert set(watch.days.values_list("state", flat=True)) == {"short"}


def test_a_day_may_be_looked_at_twice_and_what_was_missed_is_made_up_for(project: Project) -> None:
    month(project, 0.0, new=1)
    watch = watched(project, outputs=True)
    TextWatch.objects.filter(pk=watch.pk).update(created_at=TODAY - timedelta(days=30))
    assert plan_days(TODAY) == 14  # a week, both sides
    assert plan_days(TODAY) == 0
    while compare_next(TODAY):
        pass
    assert not TextDay.objects.filter(state="due").exists()
    assert TextDay.objects.count() == 14
    assert not compare_next(TODAY)


def test_closed_as_the_new_normal_it_is_the_reference(project: Project) -> None:
    month(project)
    watch = watched(project)
    look(watch, 2)
    drift = TextDrift.objects.get()
    close_drift(drift, actor=None, is_new_normal=True, note="A campaign.")
    with pytest.raises(DriftClosed):
        close_drift(drift, actor=None, is_new_normal=False)
    reference = TextReference.objects.get()
    assert {one[:2] for one in reference.trace_ids} == {"d2", "d1"}
    assert len(reference.trace_ids) == 480


def test_deleted_traces_are_in_no_reference_and_no_example(project: Project) -> None:
    month(project)
    watch = watched(project)
    look(watch, 2)
    drift = TextDrift.objects.get()
    delete_traces(project.pk, drift.day.examples[:3])
    assert len(examples_of(drift.day)) == len(drift.day.examples) - 3


def test_examples_become_drafts_of_a_dataset(project: Project) -> None:
    month(project)
    look(watched(project), 2)
    drift = TextDrift.objects.get()
    dataset: Dataset = make_dataset(project, "golden", item("one"))
    ids = [*drift.day.examples[:3], "no-example"]
    assert propose_items(drift, dataset, ids, actor=None) == 3
    assert propose_items(drift, dataset, ids, actor=None) == 0
    drafts = DatasetItem.objects.filter(dataset=dataset, source_trace_id__in=ids)
    assert {one.revisions.get().is_draft for one in drafts} == {True}


def test_a_watch_is_made_changed_and_removed_in_words(project: Project) -> None:
    watch = watched(project)
    for wanted, where in (
        (WantedWatch("support"), "feature"),
        (WantedWatch(""), "feature"),
        (WantedWatch("x\0"), "feature"),
        (WantedWatch("a", inputs=False, outputs=False), "inputs"),
        (WantedWatch("a", method="magic"), "method"),
        (WantedWatch("a", method="local"), "method"),
        (WantedWatch("a", method="provider"), "model"),
        (WantedWatch("a", method="provider", model="m"), "provider"),
    ):
        with pytest.raises(BadWatch) as refused:
            create_watch(project, wanted, actor=None)
        assert refused.value.where == where
    changed = change_watch(watch, WantedWatch("support", is_enabled=False), actor=None)
    assert wanted_of(changed).is_enabled is False
    assert plan_days(TODAY + timedelta(days=2)) == 0
    delete_watch(changed, actor=None)
    assert not TextWatch.objects.exists()
