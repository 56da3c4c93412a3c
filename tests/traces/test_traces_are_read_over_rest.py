"""REST reads of traces and spans, to keys and to people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, Scope
from accounts.verification import forget
from tests.factories import Key, make_key
from tests.traces.recordings import NAMES, bodies, expected_spans
from tests.traces.seeing import call, many, span, store
from traces.ingest.record import Kind, Level
from traces.ingest.wire.decode import decode_otlp
from traces.ingest.wire.limits import Limits

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_keys() -> Iterator[None]:
    forget()
    yield
    forget()


def get(key: Key, address: str, **parameters: Any) -> Any:
    response = Client().get(f"/api/v1/{address}", parameters, headers=key.headers)
    assert response.status_code == 200, response.content
    return response.json()


def test_a_list_is_paged_by_its_cursor(project: Project, key: Key) -> None:
    expected = many(project, 7)
    seen, cursor = [], ""
    while True:
        page = get(key, "traces", limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [trace["trace_id"] for trace in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == expected


def test_a_trace_says_what_it_knows(project: Project, key: Key) -> None:
    store(project, call("t", cost="0.0123", user_id="u1", tags=["beta"]), span("plain"))
    trace = get(key, "traces/t")
    assert trace["cost_usd"] == "0.0123"
    assert trace["tokens"] == {"input_total": 100, "output_total": 20, "total": 120}
    assert (trace["models"], trace["tags"], trace["user_id"]) == (["gpt-4o"], ["beta"], "u1")
    assert trace["url"] == "/p/support/traces/t/"
    plain = get(key, "traces/plain")
    assert (plain["cost_usd"], plain["tokens"], plain["status"]) == (None, None, "ok")


def test_spans_keep_their_nanoseconds(project: Project, key: Key) -> None:
    record = call("t", "s", at=0.25)
    record.start_ns = (record.start_ns or 0) + 123
    record.end_ns = (record.end_ns or 0) + 456
    store(project, record)
    (whole,) = get(key, "traces/t/spans")["data"]
    assert (whole["start"], whole["end"]) == (record.start_ns, record.end_ns)
    assert whole["start_time"].endswith("123Z")
    (bare,) = get(key, "traces/t/spans", content="0")["data"]
    assert bare["start"] == record.start_ns // 1000 * 1000
    assert "attributes" not in bare
    assert get(key, "traces/t/spans/s") == whole


@pytest.mark.parametrize("wild", ["a/b", "ä ?#%", "spans", "..", "a+b&c=d"])
def test_ids_may_hold_anything(project: Project, key: Key, wild: str) -> None:
    from urllib.parse import quote

    store(project, call(wild, wild))
    at = f"traces/{quote(wild, safe='')}"
    assert get(key, at)["trace_id"] == wild
    assert len(get(key, f"{at}/spans")["data"]) == 1
    assert get(key, f"{at}/spans/{quote(wild, safe='')}")["span_id"] == wild


@pytest.mark.parametrize(
    ("parameters", "where"),
    [
        ({"colour": "red"}, "colour"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"status": "fine"}, "status"),
        ({"since": "yesterday"}, "since"),
        ({"min_cost_usd": "much"}, "min_cost_usd"),
        ({"cursor": "abc"}, "cursor"),
        ({"since": "2026-11-20T00:00:00Z", "until": "2026-11-19T00:00:00Z"}, "until"),
        ({"name": "a\0b"}, "name"),
    ],
)
def test_a_bad_parameter_is_named(
    project: Project, key: Key, parameters: dict[str, str], where: str
) -> None:
    response = Client().get("/api/v1/traces", parameters, headers=key.headers)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["where"] == where


def test_who_may_not_read(project: Project, key: Key, stranger_client: Client) -> None:
    store(project, call("t", "s"))
    elsewhere = make_key(Project.objects.get(slug="elsewhere"))
    blind = make_key(project, scopes=[Scope.INGEST.value])
    for address in ("traces", "traces/t", "traces/t/spans", "traces/t/spans/s"):
        assert Client().get(f"/api/v1/{address}").status_code == 401
        assert Client().get(f"/api/v1/{address}", headers=blind.headers).status_code == 403
        assert stranger_client.get(f"/api/v1/{address}?project=support").status_code == 404
        answer = Client().get(f"/api/v1/{address}", headers=elsewhere.headers)
        assert answer.status_code == (200 if address == "traces" else 404)
        assert b'"t"' not in answer.content


def test_a_member_reads_by_the_session_of_the_pages(
    project: Project, member_client: Client
) -> None:
    store(project, call("t", "s"))
    assert member_client.get("/api/v1/traces/t?project=support").json()["trace_id"] == "t"
    refused = member_client.get("/api/v1/traces/t")
    assert (refused.status_code, refused.json()["errors"][0]["where"]) == (400, "project")


def test_a_failed_span_and_a_repeated_usage(project: Project, key: Key) -> None:
    agent = span("t", "a", kind=Kind.AGENT, usage_counts=False, usage={"gen_ai.usage.input": 9})
    failed = call(
        "t", "b", parent_span_id="a", level=Level.ERROR, error_type="Timeout", in_uncached=None,
        out_text=None,
    )  # fmt: skip
    store(project, agent, failed)
    first, second = get(key, "traces/t/spans")["data"]
    assert first["aggregated_tokens_not_counted"] is True
    assert first["tokens"] is None
    assert (second["level"], second["error_type"]) == ("ERROR", "Timeout")
    assert second["aggregated_tokens_not_counted"] is False


EXACT = (
    "trace_id", "span_id", "parent_span_id", "name", "kind", "model", "model_requested", "provider",
    "level", "user_id", "session_id", "tags", "prompt_name", "prompt_version", "environment",
    "release", "version", "start", "end", "scope", "tool", "has_input", "has_output",
    "aggregated_tokens_not_counted", "tool_calls_requested", "cost_given",
)  # fmt: skip
# What these recordings need another intake or another span of the trace for.
NOT_SEEN_HERE = {
    "otel-openai-v2-2.4b0-legacy-events": {"has_input", "has_output", "tool_calls_requested"},
    "traceloop-anthropic-0.62.4-native-sdk-spans": {"aggregated_tokens_not_counted", "tokens"},
}


@pytest.mark.parametrize("name", NAMES)
def test_recorded_clients_are_read_back_as_expected(project: Project, key: Key, name: str) -> None:
    requests = [
        decode_otlp(body, "application/json", limits=Limits()) for body in bodies(name, "json")
    ]
    records = [record for request in requests for record in request.records]
    store(project, *records)
    expected = expected_spans(name)
    for trace_id in {wanted["trace_id"] for wanted in expected.values()}:
        for found in get(key, f"traces/{trace_id}/spans")["data"]:
            wanted = expected[found["span_id"]]
            for field in EXACT:
                if field in NOT_SEEN_HERE.get(name, ()):
                    continue
                assert found[field] == wanted[field], (field, wanted["name"])
            if "tokens" in NOT_SEEN_HERE.get(name, ()):
                continue
            if wanted["tokens"] is None:
                assert found["tokens"] is None
            else:
                assert wanted["tokens"].items() <= found["tokens"].items()
            assert [d["id"] for d in found["documents"] or []] == [
                d["id"] for d in wanted["documents"] or []
            ]
