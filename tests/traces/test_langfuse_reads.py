"""Traces, observations and sessions by Langfuse's addresses: pages, cursors, filters, refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.authentication import key_wait_seconds
from accounts.models import Project, Scope
from accounts.verification import Bearer
from tests.factories import Key, make_key
from tests.traces.langfuse import basic, exchanges
from tests.traces.seeing import call, span, store
from traces.ingest.record import Kind, Level

pytestmark = pytest.mark.django_db

BASE = "/api/public"


@pytest.fixture
def http(key: Key) -> Client:
    return Client(headers=basic(key))


@pytest.fixture
def five(project: Project) -> Project:
    """Five traces of two sessions, the newest first; the first has an agent, a call and a tool."""
    store(
        project,
        span("t0", "a", name="resolve", kind=Kind.AGENT, lasts=8, session_id="s-0", user_id="u"),
        call("t0", "b", parent_span_id="a", at=1, cost=0.02, input="Where?", output="Here.",
             prompt_name="p", prompt_version="3", in_cached=40, ttft_us=1500, environment="ci"),
        span("t0", "c", parent_span_id="a", at=3, kind=Kind.TOOL, name="look", level=Level.ERROR),
    )  # fmt: skip
    for n in range(1, 5):
        store(project, call(f"t{n}", f"r{n}", ago=60 + n, session_id=f"s-{n % 2}", tags=[f"g{n}"]))
    return project


def read(http: Client, address: str, **query: Any) -> Any:
    answer = http.get(f"{BASE}/{address}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def ids(answer: Any) -> list[str]:
    return [row["id"] for row in answer["data"]]


def test_recorded_reads_of_an_empty_project(http: Client, project: Project) -> None:
    for one in exchanges("langfuse-python-5.0.4-read"):
        if "/metrics" in one["path"]:  # not served
            continue
        answer = http.get(one["path"])
        assert answer.status_code == 200
        assert answer.json().keys() == one["response"].keys()
    [known] = read(http, "projects")["data"]
    assert (known["id"], known["name"]) == (str(project.pk), "Support")
    assert known["organization"]["name"] == project.organization.name


@pytest.mark.parametrize("address", ["traces", "observations", "sessions"])
def test_pages_miss_none_and_say_how_many(http: Client, five: Project, address: str) -> None:
    whole = read(http, address)
    total = {"traces": 5, "observations": 7, "sessions": 2}[address]
    assert whole["meta"] == {"page": 1, "limit": 50, "totalItems": total, "totalPages": 1}
    paged = [read(http, address, limit=2, page=page) for page in range(1, 6)]
    assert [one for page in paged for one in ids(page)] == ids(whole)
    assert {page["meta"]["totalPages"] for page in paged} == {(total + 1) // 2}
    assert read(http, address, limit=2, page=99)["data"] == []


def test_a_trace_is_read_whole(http: Client, five: Project) -> None:
    trace = read(http, "traces/t0")
    named = ("id", "name", "userId", "sessionId", "latency", "totalCost", "public", "environment")
    assert [trace[name] for name in named] == [
        "t0", "resolve", "u", "s-0", 8.0, 0.02, False, "ci"
    ]  # fmt: skip
    assert trace["htmlPath"] == f"/project/{five.pk}/traces/t0"
    spans = {one["id"]: one for one in trace["observations"]}
    answer = spans["b"]
    assert (answer["type"], answer["input"], answer["output"]) == ("GENERATION", "Where?", "Here.")
    assert answer["usageDetails"] == {
        "input": 100, "input_cached_tokens": 40, "output": 20, "total": 160
    }  # fmt: skip
    assert (answer["usage"]["input"], answer["usage"]["total"]) == (140, 160)
    assert (answer["promptName"], answer["promptVersion"]) == ("p", 3)
    assert (answer["timeToFirstToken"], answer["parentObservationId"]) == (0.0015, "a")
    assert (answer["totalCost"], answer["costDetails"]) == (0.02, {"total": 0.02})
    assert (spans["c"]["level"], spans["c"]["type"]) == ("ERROR", "TOOL")
    assert read(http, "observations/b")["id"] == "b"
    assert read(http, "traces/t0", fields="core")["observations"] == []


NARROWED = {
    "traces?userId=u": ["t0"],
    "traces?tags=g1&tags=g2": [],
    "traces?tags=g2": ["t2"],
    "traces?sessionId=s-1&orderBy=timestamp.asc": ["t3", "t1"],
    "traces?environment=ci": ["t0"],
    "traces?environment=default&limit=1": ["t1"],
    "traces?toTimestamp=2020-01-01T00:00:00Z": [],
    "observations?type=TOOL": ["c"],
    "observations?level=ERROR": ["c"],
    "observations?traceId=t0&parentObservationId=a": ["c", "b"],
    "observations?traceId=t0&name=resolve": ["a"],
    "v2/observations?isRootObservation=true&traceId=t0": ["a"],
    "v2/observations?parentObservationId=&traceId=t0": ["a"],
}


@pytest.mark.parametrize("address", NARROWED)
def test_lists_are_narrowed(http: Client, five: Project, address: str) -> None:
    assert ids(http.get(f"{BASE}/{address}").json()) == NARROWED[address]


CONDITIONS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("v2/observations", {"type": "string", "column": "name", "operator": "contains",
                         "value": "oo"}, ["c"]),
    ("v2/observations", {"type": "stringOptions", "column": "type", "operator": "any of",
                         "value": ["TOOL", "AGENT"]}, ["c", "a"]),
    ("v2/observations", {"type": "number", "column": "totalCost", "operator": ">",
                         "value": 0.01}, ["b"]),
    ("v2/observations", {"type": "null", "column": "promptName", "operator": "is not null"}, ["b"]),
    ("traces", {"type": "arrayOptions", "column": "tags", "operator": "any of",
                "value": ["g1", "g2"]}, ["t1", "t2"]),
    ("traces", {"type": "datetime", "column": "timestamp", "operator": "<",
                "value": "2020-01-01T00:00:00Z"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("address", "condition", "found"), CONDITIONS)
def test_a_filter_is_json(
    http: Client, five: Project, address: str, condition: dict[str, Any], found: list[str]
) -> None:
    assert ids(read(http, address, filter=json.dumps([condition]))) == found


def test_a_cursor_goes_on_where_the_page_ended(http: Client, five: Project) -> None:
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3, "fields": "core,io,metadata"}
    while True:
        page = read(http, "v2/observations", **query)
        seen += ids(page)
        assert all(
            row["projectId"] and "input" in row and "name" not in row for row in page["data"]
        )
        if not (cursor := page["meta"].get("cursor")):
            break
        query["cursor"] = cursor
    assert (len(seen), len(set(seen))) == (7, 7)


def test_a_session_has_its_traces(http: Client, five: Project) -> None:
    session = read(http, "sessions/s-0")
    assert [trace["id"] for trace in session["traces"]] == ["t4", "t2", "t0"]
    assert (session["environment"], session["projectId"]) == ("ci", str(five.pk))


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("traces/none", 404), ("observations/none", 404), ("sessions/none", 404),
        ("v2/prompts/none", 404), ("traces?page=x", 400), ("traces?orderBy=size.up", 400),
        ("traces?fields=all", 400), ("v2/observations?cursor=x", 400), ("traces?version=1", 400),
        ("v2/observations?filter=x", 400), ("v2/observations?filter=[7]", 400),
        ("v2/observations?parseIoAsJson=true", 400), ("observations?fromStartTime=soon", 400),
        ("traces/%00", 404), ("traces?name=%00", 400),
    ],
)  # fmt: skip
def test_refusals_are_what_clients_read(http: Client, address: str, status: int) -> None:
    answer = http.get(f"{BASE}/{address}")
    assert (answer.status_code, set(answer.json())) == (status, {"message", "error"})


def test_keys_open_what_their_scopes_say(project: Project, settings: Any) -> None:
    writer = make_key(project, scopes=[Scope.INGEST.value])
    http = Client(headers=basic(writer))
    assert http.get(f"{BASE}/projects").status_code == 200  # any key may ask whose it is
    assert http.get(f"{BASE}/traces").status_code == 403
    settings.API_REQUESTS_PER_MINUTE = settings.WEB_PROCESSES
    bearer = Bearer(writer.stored.pk, project.pk, "", 1, "", frozenset(), None)
    while not key_wait_seconds(bearer):
        pass
    busy = http.get(f"{BASE}/projects")
    assert (busy.status_code, int(busy["Retry-After"]) > 0) == (429, True)


def test_links_of_the_sdks_lead_to_our_pages(owner_client: Client, five: Project) -> None:
    for address, page in (
        ("traces/t0", "/p/support/traces/t0/"),
        ("sessions/s 0", "/p/support/traces/?session=s+0&t=400d"),
        ("datasets/x/runs/y", "/p/support/experiments/"),
    ):
        answer = owner_client.get(f"/project/{five.pk}/{address}")
        assert (answer.status_code, answer["Location"]) == (302, page)
        assert owner_client.get(page).status_code == 200
