"""What real clients sent becomes the canonical values, span by span."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.traces.recorded_logs import attach_logs
from tests.traces.recordings import NAMES, bodies, decoded, described, expected_spans, judged
from traces.ingest.canonical.represent import content_document, previews, read_content

FORMS = [(name, suffix) for name in NAMES for suffix in ("pb", "json") if bodies(name, suffix)]


def spans_of(name: str, suffix: str) -> dict[str, dict[str, Any]]:
    records = [record for request in decoded(name, suffix) for record in request.records]
    attach_logs(name, records)
    verdicts = judged(records)
    return {record.span_id: described(record, verdicts[record.span_id]) for record in records}


@pytest.mark.parametrize(("name", "suffix"), FORMS)
def test_every_value_of_every_span_is_as_expected(name: str, suffix: str) -> None:
    assert spans_of(name, suffix) == expected_spans(name)


def test_all_recordings_are_there_in_both_forms() -> None:
    assert len(NAMES) >= 19
    only_json = {"otel-sdk-1.45.2-genai-current-otlpjson"}
    assert {name for name in NAMES if (name, "pb") not in FORMS} == only_json


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
