"""What stands in the way of a label's move, case by case; no database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from prompts.rules.blockers import blockers, needed_approvals
from prompts.rules.facts import CheckFact, Facts, Person, RequiredOwners, Settings, Verdict
from prompts.rules.history import Step, stood_before
from prompts.rules.names import fault_of_label, fault_of_name

JUN, TOM, EVE = Person(1, "Jun", True), Person(2, "Tom", True), Person(3, "Eve", False)
ADA = Person(7, "Ada", True)
READY = Facts(
    label="production",
    status="approved",
    version=15,
    base=14,
    serving=14,
    settings=Settings(is_protected=True),
    author_pks=frozenset({9}),
    reviewers=3,
    verdicts=(Verdict(JUN, True, True), Verdict(TOM, True, True)),
)


def test_nothing_stands_in_the_way_of_an_approved_change() -> None:
    assert blockers(READY) == []


NO = Verdict(TOM, False, True)
PASSED = CheckFact("gate", "pass")
CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("draft", {"status": "draft"}, "draft", "open it for review"),
    ("ended", {"status": "rolled_back"}, "ended", "rolled back"),
    ("archived", {"is_archived": True}, "archived", "v15"),
    ("the label moved", {"serving": 16}, "moved", "Production is on v16 now"),
    ("another rollout", {"other_rollout": "A rollout of review #3 runs."}, "other_rollout", "#3"),
    (
        "a refusal",
        {"verdicts": (*READY.verdicts[:1], Verdict(ADA, True, True), NO)},
        "changes_requested",
        "Tom",
    ),
    ("no approval", {"verdicts": ()}, "approvals", "2 approvals needed above 10 % of traffic, 0"),
    ("one of two", {"verdicts": (Verdict(JUN, True, True),)}, "approvals", "1 given"),
    (
        "an approval of an older version",
        {"verdicts": (Verdict(JUN, True, False), Verdict(TOM, True, True))},
        "approvals",
        "1 given",
    ),
    (
        "an approval that was dropped",
        {"verdicts": (replace(READY.verdicts[0], dropped="v15 came"), READY.verdicts[1])},
        "approvals",
        "1 given",
    ),
    (
        "an approval of somebody who may no longer review",
        {"verdicts": (Verdict(EVE, True, True), READY.verdicts[1])},
        "approvals",
        "1 given",
    ),
    ("an approval of an author", {"author_pks": frozenset({1, 9})}, "approvals", "1 given"),
    (
        "no owner of the folder among them",
        {"owners": RequiredOwners("support", (ADA,))},
        "owner",
        "the folder support must approve: Ada",
    ),
    ("a check is missing", {"checks": (CheckFact("gate", ""),)}, "check", "has not reported"),
    ("a check runs", {"checks": (CheckFact("gate", "pending"),)}, "check", "still running"),
    ("a check failed", {"checks": (CheckFact("gate", "fail"),)}, "check", "gate failed"),
    ("a check broke", {"checks": (CheckFact("gate", "error"),)}, "check", "broke off"),
    (
        "a check is inconclusive",
        {"checks": (CheckFact("gate", "inconclusive"),)},
        "check",
        "inconclusive",
    ),
    ("a check is old", {"checks": (replace(PASSED, is_old=True),)}, "check", "168 hours"),
    (
        "threads are open where they must not be",
        {"open_threads": 2, "settings": Settings(True, resolve_threads=True)},
        "threads",
        "2 threads must be resolved",
    ),
]


@pytest.mark.parametrize(
    ("change", "code", "words"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_each_unmet_rule_says_so(change: dict[str, Any], code: str, words: str) -> None:
    found = blockers(replace(READY, **change))
    assert [blocker.code for blocker in found] == [code]
    assert words in found[0].text


def test_what_is_met_in_another_way_blocks_nothing() -> None:
    owners = RequiredOwners("", (ADA,), deputies=(JUN,))
    assert blockers(replace(READY, owners=owners)) == []
    failed = replace(READY, checks=(CheckFact("gate", "fail"),), is_overridden=True)
    assert blockers(failed) == []
    assert blockers(replace(READY, checks=(PASSED,))) == []
    assert blockers(replace(READY, open_threads=5)) == []


def test_a_free_label_needs_no_review_but_stays_what_it_was() -> None:
    free = replace(READY, settings=Settings(False), verdicts=(NO,))
    assert blockers(free) == []
    assert [b.code for b in blockers(replace(free, serving=3))] == ["moved"]


@pytest.mark.parametrize(
    ("share", "reviewers", "wide", "needed"),
    [
        (10, 5, None, 1),
        (10.01, 5, None, 2),
        (100, 1, None, 1),  # one person alone can review: their word is all there can be
        (100, 0, None, 1),  # and where nobody can, somebody must be found
        (100, 1, 2, 2),  # unless the project insists
        (100, 9, 3, 3),
    ],
)
def test_wide_shares_need_more_approvals(
    share: float, reviewers: int, wide: int | None, needed: int
) -> None:
    facts = replace(READY, reviewers=reviewers, settings=Settings(True, wide_approvals=wide))
    assert needed_approvals(facts, share) == needed


@pytest.mark.parametrize(
    ("history", "standing", "before"),
    [
        ([("set", 1)], 1, []),
        ([("set", 1), ("review", 2)], 2, [1]),
        ([("set", 1), ("review", 2), ("review", 3), ("rollback", 2)], 2, [1]),
        ([("set", 1), ("review", 2), ("rollback", 1), ("review", 3)], 3, [1]),
        ([("set", 1), ("review", 2), ("rollback", 1), ("undo", 2)], 2, [1]),
        ([("set", 1), ("review", 2), ("set", 1)], 1, [2]),
        ([("set", 1), ("removed", None), ("set", 2)], 2, []),
    ],
)
def test_a_rollback_leads_back_and_never_forward(
    history: list[tuple[str, int | None]], standing: int, before: list[int]
) -> None:
    assert stood_before([Step(cause, to) for cause, to in history], standing) == before


@pytest.mark.parametrize("name", ["a", "folder/weather sys", "ünïcode/😀", "v2-prompt", "a.b@3"])
def test_names_that_can_be(name: str) -> None:
    assert fault_of_name(name) == ""


@pytest.mark.parametrize(
    "name",
    ["", " ", "/a", "a/", "a//b", "a/../b", "a|b", "a\nb", "x/test", "new", "a/ b", "n" * 256],
)
def test_names_that_cannot_be(name: str) -> None:
    assert fault_of_name(name)


@pytest.mark.parametrize("label", ["production", "eu-1.x_y", "1"])
def test_labels_that_can_be(label: str) -> None:
    assert fault_of_label(label) == ""


@pytest.mark.parametrize("label", ["latest", "Production", "-a", "a b", ""])
def test_labels_that_cannot_be(label: str) -> None:
    assert fault_of_label(label)
