"""How far a judge agrees with people, and when it may decide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Project, User
from evals.models import Calibration
from evals.queries.calibration import calibration_of, may_gate
from evals.services.calibrating import calibrate, calibrate_due, mark_due
from tests.evals.labelled import TABLE, calibrated, hold, make_judge, say

pytestmark = pytest.mark.django_db


def test_a_judge_that_agrees_may_gate(project: Project, bob: User) -> None:
    judge = make_judge(project)
    calibrated(judge, bob, TABLE)
    row = calibrate(judge.pk)
    assert (row.state, row.labels, row.human_kappa) == ("usable", 130, None)
    assert row.kappa == pytest.approx(0.8646, abs=1e-4)
    assert row.low is not None
    assert row.high is not None
    assert row.low < row.kappa < row.high
    assert row.figures["classes"] == ["faithful", "partly", "unfaithful"]
    assert row.figures["confusion"] == [[59, 5, 1], [5, 22, 3], [1, 4, 30]]
    assert (row.figures["agree"], row.figures["rarer"]) == (111, 35)
    assert row.figures["passes"] == [[91, 4], [5, 30]]
    assert row.figures["bias"]["value"] == pytest.approx(1 / 130)
    worst = row.figures["disagreements"][0]
    assert (worst["off"], len(row.figures["disagreements"])) == (2.0, 19)
    assert may_gate(judge) == (
        True,
        "Usable as a gate. κ 0.86 with 130 labels, 8 days old; the bar is 0.60.",
    )


def test_few_labels_say_little(project: Project, bob: User) -> None:
    judge = make_judge(project)
    assert may_gate(judge) == (
        False,
        "No labels. Nobody has said yet how they would score its answers.",
    )
    calibrated(judge, bob, [("faithful", "faithful", 20), ("unfaithful", "unfaithful", 9)])
    calibrate(judge.pk)
    assert may_gate(judge)[1] == (
        "Too few labels. 29 labels are too few to say; kappa is shown from 30 on."
    )
    hold(judge, "one-more", "faithful", bob)
    say(judge, "one-more", "faithful")
    calibrate(judge.pk)
    assert may_gate(judge) == (False, "Too few labels. κ 1.00 with 30 labels; a gate needs 100.")


def test_the_rarer_class_must_be_seen_too(project: Project, bob: User) -> None:
    judge = make_judge(project)
    calibrated(judge, bob, [("faithful", "faithful", 95), ("unfaithful", "unfaithful", 10)])
    calibrate(judge.pk)
    may, why = may_gate(judge)
    assert not may
    assert "only 10 of the rarer class; a gate needs 30" in why


def test_below_its_bar_a_judge_informs(project: Project, bob: User) -> None:
    judge = make_judge(project)
    calibrated(
        judge, bob,
        [("faithful", "faithful", 60), ("faithful", "unfaithful", 20),
         ("unfaithful", "faithful", 20), ("unfaithful", "unfaithful", 20)],
    )  # fmt: skip
    row = calibrate(judge.pk)
    assert row.state == "advisory"
    assert may_gate(judge)[1].startswith("Informs, does not gate. κ 0.25 with 120 labels")


def test_old_labels_grow_stale(project: Project, bob: User) -> None:
    judge = make_judge(project)
    calibrated(judge, bob, TABLE, at=timezone.now() - timedelta(days=91))
    calibrate(judge.pk)
    may, why = may_gate(judge)
    assert not may
    assert why.endswith("91 days old; the bar is 0.60. After 90 days people must look again.")


def test_what_is_no_model_needs_no_labels(project: Project) -> None:
    assert may_gate(make_judge(project, "exact", kind="code"))[0]


def test_another_version_begins_without_verdicts(project: Project, bob: User) -> None:
    calibrated(make_judge(project), bob, TABLE)
    newer = make_judge(project, number=2)
    calibrate(newer.pk)
    assert may_gate(newer) == (
        False,
        "No labels. 130 labelled answers wait for this version's verdict.",
    )


def test_two_people_are_the_ceiling(project: Project, bob: User, alice: User) -> None:
    judge = make_judge(project)
    calibrated(judge, bob, TABLE[:1] + TABLE[8:])
    for number in range(1, 31):
        hold(judge, f"answer-{number:04}", "faithful", alice)
    for number in range(60, 70):
        hold(judge, f"answer-{number:04}", "unfaithful" if number > 61 else "partly", alice)
    row = calibrate(judge.pk)
    assert row.human_kappa == pytest.approx(0.9643, abs=1e-4)
    assert row.figures["people_each"] == 2


def test_only_what_is_due_is_reckoned(project: Project, bob: User) -> None:
    judge = make_judge(project)
    calibrated(judge, bob, TABLE)
    mark_due([judge.pk])
    assert calibrate_due() == [judge]
    assert calibrate_due() == []
    assert calibration_of(judge).labels == 130
    assert Calibration.objects.get().reckoned_at is not None
