"""Retrieval against judged documents, agents against expected tools; nothing known is undefined."""

from __future__ import annotations

from typing import Any

import pytest

from evals.evaluating.subject import Document, ToolUse
from tests.evals.judging import judged, spec

RANKED = tuple(Document(name) for name in ("a", "b", "a", "c"))


@pytest.mark.parametrize(
    ("check", "config", "expected", "num"),
    [
        ("precision", {"k": 5}, ["a", "c"], 2 / 5),
        ("recall", {"k": 2}, ["a", "c"], 1 / 2),
        ("mrr", {}, {"b": 1}, 1 / 2),
        ("ndcg", {"k": 10}, {"a": 1}, 1.0),
        ("success", {"k": 1}, {"relevant": ["c"]}, 0.0),
        ("ap", {}, [{"id": "c", "grade": 2}], 1 / 3),
        ("judged", {"k": 3}, {"a": 0, "b": 1}, 2 / 3),
        ("recall", {"path": "qrels.ids"}, {"qrels": {"ids": ["a"]}}, 1.0),
        ("recall", {}, {"z": 0}, 0.0),
        ("recall", {}, None, None),
        ("recall", {}, "a", None),
    ],
)
def test_rank_metrics(check: str, config: dict[str, Any], expected: Any, num: float | None) -> None:
    found = judged(spec("retrieval", check=check, **config), "", expected, documents=RANKED)
    assert found.num == (None if num is None else pytest.approx(num))
    assert not found.error


def test_judgements_may_stand_in_metadata_and_documents_must_be_known() -> None:
    recall = spec("retrieval", check="recall", judged_in="metadata", path="relevant")
    metadata = {"relevant": ["a"]}
    assert judged(recall, metadata=metadata, documents=RANKED).num == 1.0
    assert judged(recall, metadata=metadata, documents=()).num == 0.0
    assert judged(recall, metadata=metadata).num is None


CALLS = (
    ToolUse("find", '{"id": 7, "more": 1}'),
    ToolUse("find", {"id": 8}),
    ToolUse("mail", {"to": "x"}, failed=True),
)


@pytest.mark.parametrize(
    ("check", "expected", "num"),
    [
        ("tool_precision", {"tools": ["find", "pay"]}, 1 / 3),
        ("tool_recall", {"tools": ["find", "pay"]}, 1 / 2),
        ("tool_recall", ["find", "find"], 1.0),
        ("tool_recall", {"tools": []}, None),
        ("tool_precision", None, None),
        ("tool_arguments", {"tools": [{"name": "find", "arguments": {"id": 8}}]}, 1.0),
        ("tool_arguments", {"tools": [{"name": "find", "arguments": {"id": 9}}]}, 0.0),
        ("tool_arguments", {"tools": ["find"]}, None),
        ("tool_success", None, 2 / 3),
        ("steps", None, 4.0),
    ],
)
def test_tools_by_multiset_with_arguments_apart(
    check: str, expected: Any, num: float | None
) -> None:
    found = judged(spec("agent", check=check), "", expected, tools=CALLS, steps=4)
    assert found.num == (None if num is None else pytest.approx(num))
    assert judged(spec("agent", check=check), "", expected).num is None


def test_a_run_is_resolved_when_it_is_complete_and_no_person_was_needed() -> None:
    completion, resolution = (
        spec("agent", check="task_completion"),
        spec("agent", check="resolution"),
    )
    run = {"completed": True, "escalated": True}
    assert judged(completion, metadata=run).passed is True
    assert judged(resolution, metadata=run).passed is False
    assert judged(resolution, '{"completed": "yes"}').passed is True
    assert judged(completion, "done").num is None
