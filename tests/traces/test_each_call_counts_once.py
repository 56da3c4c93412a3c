"""Which of a trace's spans count, rule by rule."""

from __future__ import annotations

from typing import Any

from traces.digest.calls import Call, better, same_response
from traces.digest.counting import count_once
from traces.ingest.record import Kind

MS = 1_000_000


def tokens(given: int, answered: int, cached: int | None = None) -> tuple[int | None, ...]:
    return (given - (cached or 0), cached, None, None, answered, None, None)


def call(span_id: str, parent: str | None = None, **fields: Any) -> Call:
    known: dict[str, Any] = {
        "kind": Kind.GENERATION,
        "start": 0,
        "end": 100 * MS,
        "scope": "app",
        "model": "m",
        "tokens": tokens(120, 30),
        **fields,
    }
    return Call(span_id, parent, **known)


NO_USAGE: dict[str, Any] = {"tokens": (None,) * 7}


def counted(*calls: Call) -> str:
    return "".join(sorted(span_id for span_id, v in count_once(calls).items() if v.counts))


def test_only_calls_of_a_model_count() -> None:
    agent = call("a", kind=Kind.AGENT, has_usage=True, **NO_USAGE)
    verdicts = count_once([agent, call("b", "a"), call("c", "a", kind=Kind.TOOL, **NO_USAGE)])
    assert (verdicts["b"].counts, verdicts["a"].counts, verdicts["c"].counts) == (
        True,
        False,
        False,
    )
    assert "agent" in verdicts["a"].reason
    assert verdicts["c"].reason == ""


def test_a_span_that_repeats_the_sum_below_it_does_not_count() -> None:
    outer = call("a", tokens=tokens(240, 60))
    verdicts = count_once([outer, call("b", "a"), call("c", "b", kind=Kind.TOOL), call("d", "a")])
    assert verdicts["a"].reason == "Its usage is that of the calls below it"
    assert verdicts["a"].instead in ("b", "d")
    assert counted(call("a", tokens=tokens(999, 60)), call("b", "a"), call("d", "a")) == "abd"


def test_the_nearest_usage_below_is_meant_through_spans_without() -> None:
    between = call("b", "a", kind=Kind.CHAIN, **NO_USAGE)
    assert counted(call("a"), between, call("c", "b")) == "c"
    assert counted(call("a"), call("b", "a"), call("c", "b")) == "c"


def test_an_outer_embedding_without_usage_is_no_call() -> None:
    outer = call("a", kind=Kind.EMBEDDING, **NO_USAGE)
    assert counted(outer, call("b", "a", kind=Kind.EMBEDDING, tokens=tokens(18, 0))) == "b"
    assert counted(outer) == "a"


def test_a_failed_call_is_one_though_two_instrumentations_tell_it() -> None:
    outer = call("a", scope="told", has_content=True, **NO_USAGE)
    inner = call("b", "a", scope="vendor", start=MS, end=99 * MS, **NO_USAGE)
    verdicts = count_once([outer, inner])
    assert (verdicts["a"].counts, verdicts["a"].instead) == (False, "b")
    between = call("s", "a", kind=Kind.SPAN, **NO_USAGE)
    again = call("c", "s", scope="vendor", start=MS, end=99 * MS, **NO_USAGE)
    assert counted(outer, inner, between, again) == "bc"  # it was tried twice
    third = call("d", "b", scope="wire", start=2 * MS, end=9 * MS, **NO_USAGE)
    assert counted(outer, inner, third) == "d"
    # Langfuse's handler for langchain and its wrapper of OpenAI's client are one scope.
    assert counted(outer, call("b", "a", scope="told", **NO_USAGE)) == "b"


def test_calls_without_usage_that_are_not_the_same_all_count() -> None:
    outer = call("a", scope="told", **NO_USAGE)
    assert counted(outer, call("b", "a", scope="v", model="n", **NO_USAGE)) == "ab"
    assert counted(outer, call("b", "a", scope="v", kind=Kind.EMBEDDING, **NO_USAGE)) == "ab"
    assert counted(outer, call("b", scope="v", **NO_USAGE)) == "ab"
    assert counted(call("a"), call("b", "a", scope="v", **NO_USAGE)) == "ab"


def test_of_two_instrumentations_the_one_with_content_counts() -> None:
    vendor = call("a", "r", scope="com.anthropic.sdk.python", start=2 * MS, end=90 * MS)
    told = call("b", "r", scope="traceloop", has_content=True, tokens=tokens(120, 30, cached=64))
    verdicts = count_once([vendor, told, call("r", kind=Kind.SPAN, **NO_USAGE)])
    assert verdicts["b"].counts
    assert verdicts["a"].instead == "b"


def test_equal_calls_of_one_scope_or_one_after_the_other_all_count() -> None:
    assert counted(call("a"), call("b")) == "ab"
    later = call("b", scope="other", start=101 * MS, end=200 * MS)
    assert counted(call("a"), later) == "ab"
    half = call("b", scope="other", start=50 * MS, end=150 * MS)
    assert counted(call("a"), half) == "ab"
    assert counted(call("a", model="gpt-4o"), call("b", scope="other", model="claude")) == "ab"
    assert counted(call("a", response_id="x"), call("b", scope="o", response_id="y")) == "ab"


def test_calls_at_the_same_time_keep_their_number() -> None:
    pairs = [call(f"i{n}", scope="told", has_content=True) for n in range(3)]
    vendor = [call(f"v{n}", scope="vendor") for n in range(3)]
    assert counted(*pairs, *vendor) == "i0i1i2"
    nested = [call(f"v{n}", f"i{n}", scope="vendor") for n in range(3)]
    assert counted(*pairs, *nested) == "v0v1v2"


def test_a_streamed_answer_as_a_log_record_is_its_request() -> None:
    first = call("a", "r", end=2 * MS, **NO_USAGE)
    log = call("b", "r", start=90 * MS, end=90 * MS, is_log=True, has_content=True)
    verdicts = count_once([first, log])
    assert (verdicts["a"].counts, verdicts["a"].instead) == (False, "b")
    vendor = call("c", "a", scope="vendor", start=MS, end=80 * MS)
    assert counted(first, log, vendor) == "b"
    assert counted(call("a", "r", end=2 * MS), log) == "ab"


def test_a_shared_response_is_one_call_also_across_traces() -> None:
    one = call("a", response_id="msg_1", has_content=True)
    other = call("b", response_id="msg_1", scope="vendor", start=MS, end=99 * MS)
    assert same_response(one, other)
    assert better(one, other) == better(other, one) == one
    assert not same_response(one, call("c", response_id="msg_1"))
    assert not same_response(one, call("c", scope="o", response_id="msg_1", tokens=tokens(1, 1)))
    unmetered = call("c", scope="o", response_id="msg_1", **NO_USAGE)
    assert counted(one, unmetered) == "a"


def test_a_missing_parent_and_a_circle_end_the_way_up() -> None:
    assert counted(call("a", "gone"), call("b", "c"), call("c", "b", tokens=tokens(9, 9))) != ""
    assert counted(call("a", "a")) == "a"
