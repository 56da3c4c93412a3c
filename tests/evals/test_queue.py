"""A review queue gives each answer to one person at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import Project, Role, User
from evals.models import HumanLabel, QueueItem
from evals.queries.queue_candidates import of_traces, pick
from evals.queries.queues import counts_for, progress_of
from evals.services.labelling import (
    Given,
    Taken,
    flag,
    offer_again,
    save_labels,
    skip,
    take,
    take_next,
    undo,
)
from evals.services.labels import BadLabel
from evals.services.queues import BadQueue, Wanted, add_items, create_queue
from tests.evals.labelled import make_judge, make_queue, say, states
from tests.factories import make_user
from tests.traces.seeing import call, store
from traces.models import Score

pytestmark = pytest.mark.django_db


def test_two_people_never_hold_the_same_answer(project: Project, bob: User, alice: User) -> None:
    queue = make_queue(project, traces=3)
    first, second = take_next(queue, bob), take_next(queue, alice)
    assert first is not None
    assert second is not None
    assert first.pk != second.pk
    assert take_next(queue, bob) == first  # their own comes again
    with pytest.raises(Taken, match=f"{bob.display_name} has this answer now"):
        take(first, alice)


def test_a_lock_ends_after_15_minutes(project: Project, bob: User, alice: User) -> None:
    queue = make_queue(project, traces=1)
    held = take_next(queue, bob)
    assert held is not None
    assert take_next(queue, alice) is None
    QueueItem.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    assert take_next(queue, alice) == held
    save_labels(held, {"tone": Given("warm")}, actor=alice)
    with pytest.raises(Taken, match=alice.display_name):  # who came back too late
        save_labels(held, {"tone": Given("cold")}, actor=bob)
    assert HumanLabel.objects.get().label == "warm"


def test_an_answer_is_done_when_enough_people_labelled_it(
    project: Project, bob: User, alice: User
) -> None:
    queue = make_queue(project, traces=1, people_each=2)
    item = take_next(queue, bob)
    assert item is not None
    save_labels(item, {"tone": Given("warm", "Says sorry")}, actor=bob, seconds=12.5)
    assert states(queue) == ["open"]
    assert take_next(queue, bob) is None
    again = take_next(queue, alice)
    assert again == item
    save_labels(item, {"tone": Given("warm")}, actor=alice)
    assert states(queue) == ["done"]
    told = progress_of(queue, bob)
    assert (told.done, told.for_me, told.mine, told.shared, told.agreed) == (1, 0, 1, 1, 1)
    label = HumanLabel.objects.get(author=bob)
    assert (label.reason, label.seconds, label.queue_item) == ("Says sorry", 12.5, item)
    assert Score.objects.filter(name="tone", source="human").count() == 2


def test_the_first_score_is_needed(project: Project, bob: User) -> None:
    queue = make_queue(project, traces=1)
    item = take_next(queue, bob)
    assert item is not None
    with pytest.raises(BadLabel, match="tone first"):
        save_labels(item, {}, actor=bob)
    assert states(queue) == ["open"]


def test_skipped_answers_are_for_others(project: Project, bob: User, alice: User) -> None:
    queue = make_queue(project, traces=2)
    item = take_next(queue, bob)
    assert item is not None
    skip(item, actor=bob)
    other = take_next(queue, bob)
    assert other is not None
    assert other != item
    assert counts_for(bob, project) == {queue.pk: 1}
    assert take_next(queue, alice) == item
    assert progress_of(queue, bob).skipped == 1
    assert offer_again(queue, bob) == 1


def test_flagged_answers_are_for_nobody_until_undone(project: Project, bob: User) -> None:
    queue = make_queue(project, traces=1)
    item = take_next(queue, bob)
    assert item is not None
    flag(item, "In Polish", actor=bob)
    assert states(queue) == ["flagged"]
    assert take_next(queue, bob) is None
    assert undo(item, actor=bob) == {}
    assert take_next(queue, bob) == item


def test_undo_takes_the_label_back(project: Project, bob: User) -> None:
    queue = make_queue(project, traces=1)
    item = take_next(queue, bob)
    assert item is not None
    save_labels(item, {"tone": Given("cold", "Curt")}, actor=bob)
    assert undo(item, actor=bob) == {"tone": {"num": None, "label": "cold", "reason": "Curt"}}
    assert states(queue) == ["open"]
    assert not HumanLabel.objects.exists()
    assert not Score.objects.exists()


def test_what_was_answered_is_kept_and_comes_once(project: Project, bob: User) -> None:
    queue = make_queue(project, traces=1)
    item = QueueItem.objects.get()
    assert item.snapshot["output"] == "At depot 0."
    assert item.snapshot["title"] == "Where is parcel 0?"
    again = add_items(queue, of_traces(["trace-00", "unknown"]), actor=bob)
    assert (again.added, again.known, again.missing) == (0, 1, 1)
    assert again.words == "0 answers added, 1 were in the queue already, 1 could not be found."


def test_answers_are_picked_over_the_judges_scores(project: Project, bob: User) -> None:
    judge = make_judge(project)
    words = ["faithful"] * 20 + ["partly"] * 3 + ["unfaithful"] * 2
    store(project, *(call(f"live-{number}") for number in range(len(words))))
    for number, word in enumerate(words):
        say(judge, f"live-{number}", word)
    queue = make_queue(project, judge)
    found = pick(queue, judge.evaluator, "stratified", most=9, seed=1)
    said = [one.judged["label"] for one in found if one.judged]
    assert {word: said.count(word) for word in set(said)} == {
        "faithful": 4, "partly": 3, "unfaithful": 2,
    }  # fmt: skip
    add_items(queue, found, actor=bob, reason="stratified")
    assert len(pick(queue, judge.evaluator, "stratified", most=50, seed=1)) == 16
    near = pick(queue, judge.evaluator, "low_confidence", most=50, seed=1)
    assert near[0].judged is not None
    other = make_judge(project, "clarity", data_type="number", categories=[], values=[], bar=3)
    say_number(other, "live-3", 1.0)
    say_number(other, "live-4", 5.0)
    assert {one.trace_id for one in pick(queue, None, "disagreement", most=9, seed=1)} <= {"live-3"}


def say_number(version, trace_id: str, number: float) -> None:  # type: ignore[no-untyped-def]
    row = say(version, trace_id, "faithful")
    row.label, row.num, row.passed = None, number, number >= 3
    row.save()


def test_thumbs_down_of_users_come_in(project: Project, bob: User) -> None:
    from traces.feedback.given import GivenScore
    from traces.services.scores import record_scores

    record_scores(project.pk, [
        GivenScore("thumbs", False, trace_id="sad", source="user"),
        GivenScore("thumbs", True, trace_id="glad", source="user"),
    ])  # fmt: skip
    queue = make_queue(project)
    assert [one.trace_id for one in pick(queue, None, "thumbs_down", most=9, seed=1)] == ["sad"]


def test_a_queue_that_cannot_stand_is_refused(project: Project, alice: User) -> None:
    make_user("viewer@example.com", organization=project.organization, role=Role.VIEWER)
    make_queue(project, name="Same")
    for wanted, words in (
        (Wanted("Same", fields=[{"name": "x"}]), "exists already"),
        (Wanted(""), "name of at most 200"),
        (Wanted("New"), "one score at least"),
        (Wanted("New", fields=[{"name": "x"}], people_each=9), "From 1 to 5"),
        (Wanted("New", fields=[{"name": "x", "data_type": "category"}]), "two categories"),
    ):
        with pytest.raises(BadQueue, match=words):
            create_queue(project, wanted, actor=alice)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_answers_of_their_own(project: Project) -> None:
    queue = make_queue(project, traces=8)
    people = [
        make_user(f"p{number}@example.com", organization=project.organization, role=Role.ENGINEER)
        for number in range(8)
    ]

    def take_one(person: User) -> int | None:
        item = take_next(queue, person)
        connections.close_all()
        return item.pk if item else None

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take_one, people))
    assert None not in taken
    assert len(set(taken)) == 8
