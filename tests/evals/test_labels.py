"""Labels by people: the last word counts, wherever it was said."""

from __future__ import annotations

import pytest

from accounts.models import Project, User
from audit.models import AuditEntry
from evals.models import Calibration, HumanLabel
from evals.services.labels import (
    About,
    BadLabel,
    drop_label,
    keep_label,
    label,
    take_back,
    take_scores,
)
from tests.evals.labelled import make_judge
from traces.feedback.given import Terms
from traces.models import Score, ScoreDefinition
from traces.services.annotations import Verdict, give_verdicts
from traces.services.score_definitions import define_score
from traces.services.scores import delete_score

pytestmark = pytest.mark.django_db


def define_boolean(project: Project, name: str) -> ScoreDefinition:
    return define_score(project, Terms(name, data_type="boolean"), actor=None)


def test_the_last_word_of_a_person_counts(project: Project, bob: User, alice: User) -> None:
    make_judge(project)
    about = About("t1")
    label(project, "faithfulness", "faithful", about, actor=bob)
    label(project, "faithfulness", "partly", about, actor=bob, reason="Leaves out the fee")
    label(project, "faithfulness", "unfaithful", about, actor=alice)
    mine = HumanLabel.objects.get(author=bob)
    assert (mine.label, mine.num, mine.passed, mine.reason) == (
        "partly", 0.5, True, "Leaves out the fee",
    )  # fmt: skip
    assert HumanLabel.objects.count() == 2
    score = Score.objects.get(id=mine.score_id)
    assert (score.label, score.source, score.author) == ("partly", "human", bob.email)
    entry = AuditEntry.objects.filter(action="label.given").order_by("-pk")[1]
    assert (entry.details["value"], entry.details["before"]) == ("partly", "faithful")


def test_a_value_outside_the_scale_is_refused_in_words(project: Project, bob: User) -> None:
    make_judge(project)
    make_judge(project, "clarity", data_type="number", minimum=1, maximum=5, bar=4, categories=[])
    with pytest.raises(BadLabel, match="Choose one of faithful, partly, unfaithful"):
        label(project, "faithfulness", "fine", About("t1"), actor=bob)
    with pytest.raises(BadLabel, match="from 1 to 5"):
        label(project, "clarity", 7.0, About("t1"), actor=bob)
    with pytest.raises(BadLabel):
        label(project, "clarity", "4", About("t1"), actor=bob)
    with pytest.raises(BadLabel, match="NUL"):
        label(project, "other\0", 1.0, About("t1"), actor=bob)
    assert not HumanLabel.objects.exists()


def test_a_label_asks_for_the_calibrations_of_its_judge(project: Project, bob: User) -> None:
    old, new = make_judge(project), make_judge(project, number=2)
    given = label(project, "faithfulness", "partly", About("t1"), actor=bob)
    due = Calibration.objects.filter(is_due=True).values_list("version_id", flat=True)
    assert set(due) == {old.pk, new.pk}
    Calibration.objects.update(is_due=False)
    drop_label(given, actor=bob)
    assert Calibration.objects.filter(is_due=True).count() == 2
    given.refresh_from_db()
    assert given.is_dropped
    assert given.settled_by == bob
    keep_label(given, actor=bob)
    assert not HumanLabel.objects.get().is_dropped


def test_a_label_taken_back_leaves_no_score(project: Project, bob: User) -> None:
    make_judge(project)
    given = label(project, "faithfulness", "partly", About("t1"), actor=bob)
    take_back(given, actor=bob)
    assert not HumanLabel.objects.exists()
    assert not Score.objects.exists()


def test_scores_given_on_the_trace_page_are_labels(project: Project, bob: User) -> None:
    make_judge(project, "helpful", data_type="boolean", bar=1, categories=[], values=[])
    definition = define_boolean(project, "helpful")
    give_verdicts(project, "t1", [Verdict(definition, True, "Yes indeed")], actor=bob)
    assert take_scores(project, "helpful") == 1
    assert take_scores(project, "helpful") == 0
    taken = HumanLabel.objects.get()
    assert (taken.author, taken.num, taken.passed, taken.reason) == (bob, 1.0, True, "Yes indeed")
    # Given in the queue afterwards, it is the same label and the same score.
    label(project, "helpful", False, About("t1"), actor=bob)
    assert HumanLabel.objects.get().num == 0.0
    assert Score.objects.get().num == 0.0
    delete_score(project, Score.objects.get().id, actor=bob)
    assert not HumanLabel.objects.exists()


def test_scores_of_other_names_are_none(project: Project, bob: User) -> None:
    definition = define_boolean(project, "unrelated")
    give_verdicts(project, "t1", [Verdict(definition, True)], actor=bob)
    assert take_scores(project, "helpful") == 0
