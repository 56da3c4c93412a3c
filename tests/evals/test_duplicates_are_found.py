"""Inputs that say nearly the same are found, quickly, and others are not."""

from __future__ import annotations

import random

import pytest

from accounts.models import Project
from evals.queries.dataset_items import alike, duplicates_at
from evals.values.duplicates import near_duplicates, nearest, text_of
from tests.evals.making import item, make_dataset


def _sentences(count: int) -> list[str]:
    chance = random.Random(7)
    words = ["".join(chance.choices("abcdefghij", k=chance.randint(2, 9))) for _ in range(900)]
    return [" ".join(chance.choices(words, k=60)) for _ in range(count)]


def test_a_changed_word_is_found_among_many() -> None:
    texts = _sentences(400)
    for at in range(40):
        words = texts[at].split()
        words[at] = "another"
        texts[200 + at] = " ".join(words)
    found = near_duplicates(texts)
    assert {(near.first, near.second) for near in found} == {(at, 200 + at) for at in range(40)}


def test_what_all_begin_with_makes_no_duplicates() -> None:
    begin = "You are the support agent of the shop. Never promise a date. "
    assert near_duplicates([begin + text for text in _sentences(300)]) == []


@pytest.mark.parametrize(
    ("one", "other", "is_near"),
    [
        ("Where is my refund?", "where  is MY refund?", True),
        ("Where is my refund for order 1234?", "Where is my refund for order 9876?", False),
        ("", "", False),
        ("hi", "hi", True),
        ("hi", "ho", False),
        (
            "返金はいつですか。注文番号は千二百です。",
            "返金はいつですか。注文番号は千二百です",
            True,
        ),
    ],
)
def test_spaces_and_case_make_no_difference_but_numbers_do(
    one: str, other: str, is_near: bool
) -> None:
    assert bool(near_duplicates([one, "something else", other])) == is_near
    assert bool(nearest(one, [other])) == is_near


def test_many_of_the_same_are_each_paired_with_the_first() -> None:
    found = near_duplicates(["the same question"] * 500 + ["quite another one"])
    assert [(near.first, near.second) for near in found][:2] == [(0, 1), (0, 2)]
    assert len(found) == 499


def test_values_are_compared_without_their_names() -> None:
    assert text_of({"messages": [{"role": "user", "content": "Hi"}], "n": None}) == "user\nHi"


def test_a_dataset_warns_of_its_duplicates(project: Project) -> None:
    question = "How long does a refund to a credit card take in your shop"
    dataset = make_dataset(
        project,
        "golden",
        item({"q": question}, "a"),
        item({"q": question + "?"}, "b", split="held_out"),
        item({"q": question}, "c"),
        item({"q": "Do you ship to Norway?"}, "d"),
    )
    found = duplicates_at(dataset, 1)
    pairs = {(one.first.item.key, one.second.item.key): one.is_exact for one in found}
    assert pairs == {("a", "c"): True, ("a", "b"): False}
    near = alike(dataset, {"q": question + "?"}, but=["c"])
    assert [(one.first.item.key, one.is_exact) for one in near] == [("b", True), ("a", False)]
