"""What real clients sent becomes the canonical values, span by span."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.traces.recordings import MAPPED, NAMES, decoded, described, expected_spans
from traces.ingest.represent import content_document, previews, read_content

# This client's messages stand in log records, which are another request.
IN_LOGS = ("tool_calls_requested", "has_input", "has_output", "input_text", "output_text")


def spans_of(name: str, suffix: str) -> dict[str, dict[str, Any]]:
    return {
        record.span_id: described(record)
        for request in decoded(name, suffix)
        for record in request.records
    }


@pytest.mark.parametrize("suffix", ["pb", "json"])
@pytest.mark.parametrize("name", MAPPED)
def test_every_value_of_every_span_is_as_expected(name: str, suffix: str) -> None:
    assert spans_of(name, suffix) == expected_spans(name)


def test_a_client_that_sends_json_itself_maps_alike() -> None:
    name = "otel-sdk-1.45.2-genai-current-otlpjson"
    assert spans_of(name, "json") == expected_spans(name)


@pytest.mark.parametrize("suffix", ["pb", "json"])
def test_the_old_names_map_to_all_but_what_stands_in_logs(suffix: str) -> None:
    name = "otel-openai-v2-2.4b0-legacy-events"
    found, expected = spans_of(name, suffix), expected_spans(name)
    for span in [*found.values(), *expected.values()]:
        for key in IN_LOGS:
            del span[key]
    assert found == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_recording_is_kept_whole_in_both_forms(name: str) -> None:
    from_json = decoded(name, "json")
    for request in from_json:
        assert request.rejected == []
        for record in request.records:
            assert record.cuts == []
            previews(record)
            described(record)
            document = content_document(record)
            assert orjson.loads(orjson.dumps(document)) == document
            assert read_content(document).get("attributes", {}) == record.attributes
    kept = {record.span_id for request in from_json for record in request.records}
    assert kept == set(expected_spans(name))
    from_protobuf = decoded(name, "pb")
    if from_protobuf:
        assert [r.records for r in from_protobuf] == [r.records for r in from_json]


@pytest.mark.parametrize("name", NAMES)
def test_usage_is_counted_only_on_spans_that_call_a_model(name: str) -> None:
    for request in decoded(name, "json"):
        for record in request.records:
            if not record.usage_counts:
                assert described(record)["tokens"] is None
                assert record.usage
