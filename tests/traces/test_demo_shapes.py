"""Each shape has the property that it is there for, and decodes without a cut but the one meant."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.traces.demo import NOW_NS, TODAY, decoded, records, shape
from traces.demo.scenarios import NAMES, SHAPES, Chosen
from traces.demo.shapes import DEPTH, FAN_OUT, PAYLOAD_CHARACTERS
from traces.ingest.canonical.represent import content_document, read_content
from traces.ingest.record import Kind, Level
from traces.ingest.wire.limits import DEFAULT


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "big-payload"])
def test_a_shape_is_taken_whole(name: str) -> None:
    found = shape(name)
    assert found
    assert not [one.cuts for one in found if one.cuts]
    assert len({one.trace_id for one in found}) == 1


def test_days_are_taken_whole() -> None:
    found = records(Chosen(TODAY, days=30, scale=0.1).posts(NOW_NS))
    assert {one.cuts[0]["where"] for one in found if one.cuts} == {
        "attributes.gen_ai.input.messages"
    }
    assert sum(bool(one.cuts) for one in found) == 1  # the big payload


def test_the_deep_chain_is_one_below_the_other() -> None:
    parents = {one.span_id: one.parent_span_id for one in shape("deep-chain")}
    depth, at = 0, next(iter(set(parents) - set(parents.values())))
    while at is not None:
        depth, at = depth + 1, parents[at]
    assert depth == len(parents) == DEPTH


def test_the_wide_fan_out_has_its_children_side_by_side() -> None:
    found = shape("wide-fan-out")
    root = next(one for one in found if one.parent_span_id is None)
    below = Counter(one.parent_span_id for one in found)
    assert (len(found), below[root.span_id]) == (FAN_OUT, FAN_OUT - 1)
    assert sum(one.level == Level.ERROR for one in found) == 3


def test_the_big_payload_is_cut_and_marked() -> None:
    call = next(one for one in shape("big-payload") if one.kind == Kind.GENERATION)
    (cut,) = call.cuts
    assert cut["was"] > PAYLOAD_CHARACTERS > cut["limit"] == DEFAULT.text


def test_the_unpriced_model_hears_sound() -> None:
    (call,) = [one for one in shape("unpriced-model") if one.model == "voxscribe-2"]
    assert call.in_audio
    assert call.in_audio > 0


def test_the_error_cascade_reaches_the_root() -> None:
    found = shape("error-cascade")
    failed = [one for one in found if one.level == Level.ERROR]
    root = next(one for one in found if one.parent_span_id is None)
    assert root.error_type == "RetriesExhausted"
    assert len(failed) == 6 * 4 + 1
    assert any(event["name"] == "exception" for one in failed for event in one.events)


def test_what_is_still_running_has_no_end() -> None:
    found = shape("still-running")
    assert [one.name for one in found if one.end_ns is None] == [
        "cases.export_nightly",
        "summarise_batch",
    ]
    assert all((one.start_ns or 0) < NOW_NS for one in found)


def test_the_late_parent_comes_in_a_later_request() -> None:
    first, last = [decoded(post).records for post in Chosen(TODAY, "late-parent").posts(NOW_NS)]
    assert [one.parent_span_id for one in last] == [None]
    assert {one.parent_span_id for one in first} == {last[0].span_id}


def test_the_lost_parent_never_comes() -> None:
    found = shape("lost-parent")
    assert {one.parent_span_id for one in found}.isdisjoint({one.span_id for one in found} | {None})


def test_messages_show_every_form() -> None:
    contents = [read_content(content_document(one)) for one in shape("messages")]
    kinds = {
        part["type"]
        for content in contents
        for side in ("input", "output")
        if isinstance(content.get(side), list)
        for message in content[side]
        for part in message["parts"]
    }
    assert kinds >= {
        "text",
        "reasoning",
        "tool_call",
        "tool_call_response",
        "image",
        "audio",
        "file",
    }


def test_every_scenario_has_a_name() -> None:
    assert ("support-agent", *SHAPES) == NAMES
