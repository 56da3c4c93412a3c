"""Rules give a feature to spans that name none: the first that fits, all of its conditions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Project, User
from audit.models import AuditEntry
from features.mapper import MAPPER
from features.mapping import MOST_RULES, Condition, Rule, RuleTable
from features.queries.rules import list_rules, mapping_state
from features.services.errors import BadRule, NothingToDo
from features.services.rules import NewRule, set_rules, stop_following
from tests.features.making import make_feature

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
BY_MODEL = Rule(
    "a", (Condition("model", "prefix", "gpt-"), Condition("environment", "equals", "ci"))
)
BY_TENANT = Rule("b", (Condition("attribute", "equals", "true", "tenant.big"),))
BY_ANY_MODEL = Rule("c", (Condition("model", "prefix", "gpt"),))


@pytest.mark.parametrize(
    ("said", "feature"),
    [
        ({"model": "gpt-5", "environment": "ci"}, "a"),
        ({"model": "gpt-5", "environment": "CI"}, "c"),
        ({"model": "gpt-5"}, "c"),
        ({"model": "Gpt-5", "environment": "ci"}, None),
        ({"tenant.big": "true", "model": "gpt-5"}, "b"),
        ({"tenant.big": "True"}, None),
        ({}, None),
    ],
)
def test_the_first_that_fits_wins(said: dict[str, str], feature: str | None) -> None:
    table = RuleTable((BY_MODEL, BY_TENANT, BY_ANY_MODEL))
    assert table.places == (("model", ""), ("environment", ""), ("attribute", "tenant.big"))
    values = tuple(said.get(key or field) for field, key in table.places)
    for _ in range(2):  # remembered the second time
        assert table.feature_of(values) == feature


def test_rules_are_set_as_a_whole(project: Project, alice: User) -> None:
    make_feature(project, "kb-search")
    make_feature(project, "refund-agent")
    rule = NewRule("kb-search", [Condition("service.name", "equals", "support-api")])
    set_rules(project, [rule], actor=alice)
    other = NewRule("refund-agent", [Condition("span", "prefix", "refund")])
    set_rules(project, [other, rule], actor=alice)
    assert [(row.place, row.feature.name) for row in list_rules(project)] == [
        (1, "refund-agent"), (2, "kb-search"),
    ]  # fmt: skip
    assert [one.feature for one in MAPPER.table(project.pk).rules] == ["refund-agent", "kb-search"]
    set_rules(project, [other, rule], actor=alice)  # says nothing new
    entries = AuditEntry.objects.filter(action="mapping_rules.set")
    assert [len(entry.details["after"]) for entry in entries.order_by("pk")] == [1, 2]
    assert mapping_state(project).revision == 2
    set_rules(project, [], actor=alice)
    assert not list_rules(project).exists()


@pytest.mark.parametrize(
    ("conditions", "text"),
    [
        ([], "needs a condition"),
        ([Condition("color", "equals", "red")], "'color' is none of"),
        ([Condition("span", "like", "x")], "'like' is none of"),
        ([Condition("span", "equals", "\0")], "Say what the span name must be"),
        ([Condition("attribute", "equals", "x")], "says which"),
        ([Condition("span", "equals", "x", "key")], "has a key"),
        ([Condition("span", "equals", "x" * 501)], "at most 500"),
        ([Condition("span", "equals", "x")] * 11, "at most 10"),
    ],
)
def test_odd_rules_are_refused(project: Project, conditions: list[Any], text: str) -> None:
    make_feature(project)
    with pytest.raises(BadRule, match=text) as refused:
        set_rules(project, [NewRule("refund-agent", conditions)], actor=None)
    assert refused.value.place == 1


def test_rules_lead_to_registered_features_and_are_not_endless(project: Project) -> None:
    with pytest.raises(BadRule, match="register it first"):
        set_rules(project, [NewRule("nobody", [BY_ANY_MODEL.conditions[0]])], actor=None)
    rule = NewRule("refund-agent", BY_ANY_MODEL.conditions)
    with pytest.raises(BadRule, match="at most 200"):
        set_rules(project, [rule] * (MOST_RULES + 1), actor=None)


def test_stored_spans_can_be_let_go(project: Project, alice: User) -> None:
    make_feature(project)
    rule = NewRule("refund-agent", BY_ANY_MODEL.conditions)
    with pytest.raises(NothingToDo):
        stop_following(project, actor=alice)
    set_rules(project, [rule], actor=alice, since=SINCE)
    state = mapping_state(project)
    assert (state.due_since, state.due_number) == (SINCE, 1)
    stop_following(project, actor=alice)
    assert mapping_state(project).due_since is None
