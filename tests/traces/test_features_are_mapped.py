"""A span's feature: what it says itself, else what the project's rules give, else its service."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from accounts.models import Project
from audit.models import AuditEntry
from features.mapper import MAPPER, rules_of
from features.mapping import Condition
from features.queries.rules import mapping_state
from features.services.rules import NewRule, set_rules
from tests.features.making import make_feature
from tests.traces.otlp_build import request, span
from tests.traces.recordings import JSON, PROTOBUF
from tests.traces.stored import connect, fetch, open_store
from traces.digest import queue
from traces.ingest.pipeline import Dialect, prepare
from traces.services import mapping, remap
from traces.services.mapping import follow_rules
from traces.services.remap import remap_spans
from traces.services.rollups import compare_figures
from traces.services.settling import settle_traces

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FEATURES = "select span_id, feature from span order by trace_id, span_id"
CALL = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5"}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settled and followed without waiting for it."""
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(mapping, "BEGIN_AFTER", timedelta(0))


def rule(feature: str, field: str, value: str, op: str = "equals", key: str = "") -> NewRule:
    return NewRule(feature, [Condition(field, op, value, key)])


def send(project: Project, body: bytes, kind: str, dialect: Dialect = Dialect.OTLP) -> None:
    prepared = prepare(
        body, encoding="", content_type=kind, dialect=dialect, project_id=project.pk,
        rules=MAPPER.table(project.pk),
    )  # fmt: skip
    with open_store() as store:
        store.write(prepared.spans)


def send_otlp(project: Project, *spans: Any, **resource: Any) -> None:
    said = {"service.name": "support-api"} | resource
    send(project, request(*spans, resource=said).SerializeToString(), PROTOBUF)


def child(name: str, number: int, said: dict[str, Any] | None = None) -> Any:
    parent = bytes(range(1, 9)) if number else b""
    identity = bytes([*range(1, 8), 8 + number])
    start = time.time_ns() - 60_000_000_000
    return span(
        {**CALL, **(said or {})}, name=name, span_id=identity, parent_span_id=parent,
        start_time_unix_nano=start, end_time_unix_nano=start + 1_000_000_000,
    )  # fmt: skip


def features_of_spans() -> list[str | None]:
    return [feature for _, feature in fetch(FEATURES)]


def assert_figures_are_those_of_the_spans() -> None:
    """By feature: of calls, of traces; and the comparison with the spans finds nothing."""
    assert not any(found.wrong or found.missed for found in compare_figures())
    calls = "select coalesce(feature, '') f, count(*) from span group by 1 order by 1"
    rolled = "select feature, sum(spans) from usage_hour group by 1 having sum(spans) <> 0"
    assert fetch(calls) == fetch(f"{rolled} order by 1")
    traces = "select coalesce(feature, '') f, count(*) from trace group by 1 order by 1"
    rolled = "select feature, sum(traces) from trace_hour group by 1 having sum(traces) <> 0"
    assert fetch(traces) == fetch(f"{rolled} order by 1")


def test_what_the_span_says_then_a_rule_then_the_service(project: Project) -> None:
    make_feature(project, "kb-search")
    set_rules(project, [rule("kb-search", "span", "kb.", "prefix")], actor=None)
    send_otlp(
        project, child("kb.answer", 0), child("kb.embed", 1, {"roadworthy.feature": "own"}),
        child("other", 2), child("kb.said like it", 3, {"roadworthy.feature": "support-api"}),
    )  # fmt: skip
    assert features_of_spans() == ["kb-search", "own", "support-api", "support-api"]
    settle_traces()
    assert features_of_spans() == ["kb-search", "own", "support-api", "support-api"]


@pytest.mark.parametrize(
    ("given", "feature"),
    [
        (rule("f", "service.name", "support-api"), "f"),
        (rule("f", "environment", "staging"), "f"),
        (rule("f", "model", "gpt", "prefix"), "f"),
        (rule("f", "attribute", "true", key="tenant.big"), "f"),
        (rule("f", "attribute", "7", key="tenant.size"), "f"),
        (rule("f", "attribute", "eu", key="region"), "f"),
        (rule("f", "trace", "kb.answer"), "f"),
        (rule("f", "prompt", "kb-answer"), "support-api"),
    ],
)
def test_what_a_rule_can_look_at(project: Project, given: NewRule, feature: str) -> None:
    make_feature(project, "f")
    set_rules(project, [given], actor=None)
    said = {"tenant.big": True, "tenant.size": 7}
    send_otlp(
        project, child("kb.answer", 0, said),
        **{"deployment.environment.name": "staging", "region": "eu"},
    )  # fmt: skip
    assert features_of_spans() == [feature]


def test_a_trace_gives_its_spans_a_feature_though_the_root_comes_last(project: Project) -> None:
    make_feature(project, "kb-search")
    set_rules(project, [rule("kb-search", "trace", "kb.answer")], actor=None)
    send_otlp(project, child("embed", 1), child("said", 2, {"roadworthy.feature": "own"}))
    settle_traces()
    assert features_of_spans() == ["support-api", "own"]
    send_otlp(project, child("kb.answer", 0))
    settle_traces()
    assert features_of_spans() == ["kb-search", "kb-search", "own"]
    assert_figures_are_those_of_the_spans()


def test_stored_spans_follow_and_figures_stay_right(project: Project) -> None:
    native = {
        "trace_id": "n", "name": "job", "start_time": datetime.now(UTC).isoformat(),
        "spans": [{"id": "n1", "name": "kb.native", "start_time": datetime.now(UTC).isoformat()},
                  {"id": "n2", "name": "kb.said", "feature": "own",
                   "start_time": datetime.now(UTC).isoformat()}],
    }  # fmt: skip
    body = {"type": "span-create", "id": "e", "timestamp": datetime.now(UTC).isoformat(),
            "body": {"id": "z", "traceId": "z", "name": "kb.langfuse",
                     "startTime": datetime.now(UTC).isoformat()}}  # fmt: skip
    send_otlp(project, child("kb.answer", 0), child("other", 1))
    send(project, orjson.dumps(native), JSON, Dialect.NATIVE)
    send(project, orjson.dumps({"batch": [body]}), JSON, Dialect.LANGFUSE)
    settle_traces()
    before = fetch(FEATURES)
    contents = fetch("select span_id, body from span_content order by 1")
    assert [feature for _, feature in before] == ["support-api", "support-api", None, "own", None]

    make_feature(project, "kb-search")
    given = [rule("kb-search", "span", "kb.", "prefix")]
    set_rules(project, given, actor=None, since=LONG_AGO)
    assert follow_rules() == 5
    settle_traces()
    after = ["kb-search", "support-api", "kb-search", "own", "kb-search"]
    assert features_of_spans() == after
    assert_figures_are_those_of_the_spans()
    state = mapping_state(project)
    assert (state.due_since, state.seen, state.changed, state.error) == (None, 5, 3, "")
    assert AuditEntry.objects.get(action="mapping_rules.followed").details["changed"] == 3

    with connect() as link:  # neither a remap nor another look undoes it
        assert remap_spans(link, [project], LONG_AGO).changed == 0
    set_rules(project, given, actor=None, since=LONG_AGO)
    follow_rules()
    assert mapping_state(project).changed == 0
    assert features_of_spans() == after

    set_rules(project, [], actor=None, since=LONG_AGO)  # and back, to the byte
    follow_rules()
    settle_traces()
    assert fetch(FEATURES) == before
    assert fetch("select span_id, body from span_content order by 1") == contents
    assert_figures_are_those_of_the_spans()


def test_it_goes_on_where_it_came_to(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        send_otlp(project, child(f"kb.{number}", number))
    make_feature(project, "kb-search")
    monkeypatch.setattr(remap, "BATCH", 2)
    monkeypatch.setattr(remap, "_NEXT", remap._NEXT.replace("limit 500", "limit 2"))
    set_rules(project, [rule("kb-search", "span", "kb.", "prefix")], actor=None, since=LONG_AGO)
    assert follow_rules(seconds=0) == 2
    assert follow_rules(seconds=0) == 2  # the last one of before, and the next
    assert (mapping_state(project).due_since, mapping_state(project).changed) == (LONG_AGO, 3)
    assert follow_rules() == 4
    assert (mapping_state(project).due_since, mapping_state(project).changed) == (None, 6)
    assert set(features_of_spans()) == {"kb-search"}
    assert follow_rules() == 0


def test_every_process_has_the_rules_within_a_second(project: Project) -> None:
    make_feature(project, "f")
    assert MAPPER.table(project.pk).rules == ()
    set_rules(project, [rule("f", "span", "x")], actor=None)
    assert len(MAPPER.table(project.pk).rules) == 1
    assert rules_of(project.pk).rules == MAPPER.known(project.pk).rules
