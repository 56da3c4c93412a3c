"""What an evaluator sees of a stored trace: answer, documents, tools, steps, time and cost."""

from __future__ import annotations

import pytest

from accounts.models import Project
from evals.evaluating.subject import ToolUse
from evals.queries.subjects import subject_of_trace
from tests.traces.seeing import store
from tests.traces.stored import span
from traces.ingest.record import Kind, Level

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_trace_of_an_agent_is_seen_with_all_it_did(project: Project) -> None:
    found = [{"id": "d1", "content": "One.", "score": 0.9}, {"id": "d2", "content": "Two."}]
    again = [{"id": "d2", "content": "Two."}, {"id": "d3", "content": "Three."}]
    store(
        project,
        span("root", kind=Kind.AGENT, input="Where?", lasts=5, metadata={"completed": True}),
        span("r1", at=0.1, kind=Kind.RETRIEVER, parent_span_id="root", documents=found),
        span("r2", at=0.2, kind=Kind.RETRIEVER, parent_span_id="root", documents=again),
        span(
            "tool", at=0.3, kind=Kind.TOOL, name="find", parent_span_id="root", level=Level.ERROR,
            tool={"name": "orders.find", "arguments": {"id": 7}, "result": "timeout"},
        ),
        span("llm", at=1, parent_span_id="root", input="Where?", output="Here.", out_text=3),
    )  # fmt: skip
    subject = subject_of_trace(project, "t1")
    assert subject is not None
    assert (subject.output, subject.steps, subject.duration_ms) == ("Here.", 2, 5000.0)
    assert [one.id for one in subject.documents or ()] == ["d1", "d2", "d3"]
    assert subject.documents is not None
    assert subject.documents[0].score == 0.9
    use = ToolUse("orders.find", {"id": 7}, "timeout", failed=True)
    assert subject.tools == (use,)
    assert subject.metadata["completed"] is True
    of_call = subject_of_trace(project, "t1", "llm")
    assert of_call is not None
    assert (of_call.output, of_call.tools, of_call.steps, of_call.output_tokens) == (
        "Here.", None, 1, 3
    )  # fmt: skip


def test_a_reranker_says_what_the_model_was_shown(project: Project) -> None:
    store(
        project,
        span("root", kind=Kind.CHAIN, input="Q", output="A", lasts=5),
        span("r1", at=0.1, kind=Kind.RETRIEVER, documents=[{"id": "d1"}, {"id": "d2"}]),
        span("r2", at=0.2, kind=Kind.RERANKER, documents=[{"id": "d2", "text": "Two."}]),
    )
    subject = subject_of_trace(project, "t1")
    assert subject is not None
    assert [(one.id, one.text) for one in subject.documents or ()] == [("d2", "Two.")]
    assert subject.tools is None


def test_what_is_not_there_is_none(project: Project) -> None:
    store(project, span("root", input="Q", output="A"))
    assert subject_of_trace(project, "nothing") is None
    assert subject_of_trace(project, "t1", "nothing") is None
    plain = subject_of_trace(project, "t1")
    assert plain is not None
    assert (plain.documents, plain.tools) == (None, None)
