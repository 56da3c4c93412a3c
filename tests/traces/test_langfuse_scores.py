"""Scores by Langfuse's addresses: written by one or many, read in three shapes, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, Scope
from accounts.public_writes import forget_clients
from audit.models import AuditEntry
from tests.factories import Key, make_key
from tests.traces.langfuse import basic, exchanges
from traces.models import Score

pytestmark = pytest.mark.django_db

SCORES = "/api/public/scores"


@pytest.fixture
def http(client: Client, key: Key) -> Client:
    client.defaults["HTTP_AUTHORIZATION"] = basic(key)["Authorization"]
    return client


@pytest.fixture(name="client")
def plain_client() -> Client:
    return Client()


def post(client: Client, body: Any, **headers: str) -> Any:
    return client.post(SCORES, body, content_type="application/json", headers=headers or None)


def three(http: Client) -> None:
    body = [
        {"id": "n", "name": "grade", "value": 0.5, "traceId": "t", "observationId": "s"},
        {"id": "b", "name": "ok", "value": 1, "dataType": "BOOLEAN", "traceId": "t",
         "environment": "staging", "metadata": {"a": 1}, "comment": "yes", "queueId": "q"},
        {"id": "c", "name": "verdict", "value": "good", "sessionId": "s-1", "source": "EVAL"},
    ]  # fmt: skip
    answer = post(http, body)
    assert (answer.status_code, answer.json()) == (202, {"message": "Accepted"})


@pytest.mark.parametrize(
    "name", ["langfuse-python-5.0.4-prompts-scores", "langfuse-python-5.0.4-dataset-experiment"]
)
def test_recorded_arrays_are_accepted(http: Client, name: str) -> None:
    recorded = exchanges(name, SCORES)
    assert recorded
    for one in recorded:
        answer = post(http, one["request"])
        assert (answer.status_code, answer.json()) == (one["status"], one["response"])
    sent = [score for one in recorded for score in one["request"]]
    assert Score.objects.count() == len({score["id"] for score in sent})
    runs = {score["datasetRunId"] for score in sent if score.get("datasetRunId")}
    assert set(Score.objects.exclude(run_id=None).values_list("run_id", flat=True)) == runs


def test_one_score_is_answered_with_its_id(http: Client) -> None:
    answer = post(http, {"id": "x", "name": "grade", "value": 1, "traceId": "t"})
    assert (answer.status_code, answer.json()) == (200, {"id": "x"})
    assert post(http, {"name": "grade", "value": 1, "traceId": "t"}).json()["id"]
    refused = post(http, {"name": "grade", "value": None, "traceId": "t"})
    assert (refused.status_code, set(refused.json())) == (400, {"message", "error"})


def test_of_an_array_the_good_ones_are_stored(http: Client) -> None:
    good = {"id": "x", "name": "grade", "value": 1, "traceId": "t"}
    answer = post(http, [good, {"name": "grade"}, {"name": "grade", "value": 1}])
    assert answer.status_code == 207
    document = answer.json()
    assert (document["accepted"], document["rejected"], len(document["errors"])) == (1, 2, 2)
    assert [score.id for score in Score.objects.all()] == ["x"]


def test_they_are_read_in_the_shape_of_each_version(http: Client) -> None:
    three(http)
    v2 = {score["id"]: score for score in http.get("/api/public/v2/scores").json()["data"]}
    assert [(v2[i]["dataType"], v2[i]["value"], v2[i].get("stringValue")) for i in "nbc"] == [
        ("NUMERIC", 0.5, None), ("BOOLEAN", 1.0, "True"), ("CATEGORICAL", 0.0, "good")
    ]  # fmt: skip
    assert (v2["c"]["source"], v2["c"]["sessionId"], v2["n"]["observationId"]) == (
        "EVAL",
        "s-1",
        "s",
    )
    assert (v2["b"]["queueId"], v2["b"]["metadata"]) == ("q", {"a": 1})
    v1 = http.get(SCORES).json()["data"]
    assert {score["id"] for score in v1} == {"n", "b"}  # v1 knows those of traces alone
    assert all("trace" in score for score in v1)
    v3 = {score["id"]: score for score in http.get("/api/public/v3/scores").json()["data"]}
    assert [v3[i]["value"] for i in "nbc"] == [0.5, True, "good"]
    assert v3["n"]["subject"] == {"kind": "observation", "id": "s", "traceId": "t"}
    assert v3["c"]["subject"] == {"kind": "session", "id": "s-1"}
    assert http.get(f"{SCORES}/n").json() == {k: v for k, v in v2["n"].items() if k != "trace"}


NARROWED = {
    "/api/public/v2/scores?name=grade": "n",
    "/api/public/v2/scores?value=0.4&operator=>": "bn",
    "/api/public/v2/scores?dataType=CATEGORICAL": "c",
    "/api/public/v2/scores?scoreIds=b,c": "bc",
    "/api/public/v2/scores?environment=default": "cn",
    "/api/public/v2/scores?userId=nobody": "",
    "/api/public/v3/scores?dataType=NUMERIC&valueMax=0.5": "n",
    "/api/public/v3/scores?dataType=boolean&value=true": "b",
    "/api/public/v3/scores?traceId=t&observationId=s": "n",
    "/api/public/v3/scores?source=eval": "c",
}


@pytest.mark.parametrize("address", NARROWED)
def test_lists_are_narrowed(http: Client, address: str) -> None:
    three(http)
    found = http.get(address).json()["data"]
    assert sorted(score["id"] for score in found) == list(NARROWED[address])


@pytest.mark.parametrize(
    "query", ["v3/scores?value=1", "v3/scores?cursor=x", "v3/scores?fields=all", "v2/scores?page=0",
              "v2/scores?fromTimestamp=soon", "v3/scores?dataType=WORD"]
)  # fmt: skip
def test_what_cannot_be_answered_is_said(http: Client, query: str) -> None:
    answer = http.get(f"/api/public/{query}")
    assert (answer.status_code, set(answer.json())) == (400, {"message", "error"})


def test_pages_and_cursors_miss_none(http: Client) -> None:
    post(http, [{"id": f"{n:02}", "name": "g", "value": n, "traceId": "t"} for n in range(7)])
    pages = [http.get(f"/api/public/v2/scores?limit=3&page={n}").json() for n in (1, 2, 3)]
    assert pages[0]["meta"] == {"page": 1, "limit": 3, "totalItems": 7, "totalPages": 3}
    assert len({score["id"] for page in pages for score in page["data"]}) == 7
    seen, cursor = [], ""
    while True:
        page = http.get(f"/api/public/v3/scores?limit=3&cursor={cursor}").json()
        seen += [score["id"] for score in page["data"]]
        cursor = page["meta"].get("cursor")
        if not cursor:
            break
    assert (len(seen), len(set(seen))) == (7, 7)


def test_deleting_leaves_an_entry(http: Client) -> None:
    three(http)
    assert http.delete(f"{SCORES}/n").status_code == 202
    assert http.delete(f"{SCORES}/n").status_code == 404
    assert AuditEntry.objects.filter(action="score.deleted").count() == 1


def test_scopes_and_pages(client: Client, project: Project, key: Key) -> None:
    body = {"name": "g", "value": 1, "traceId": "t"}
    reader = make_key(project, scopes=[Scope.READ.value])
    assert post(client, body, **basic(reader)).status_code == 403
    forget_clients()
    page = post(client, body, Authorization=f"Bearer {key.public}", Origin="https://shop.example")
    assert (page.status_code, page["Access-Control-Allow-Origin"]) == (200, "*")
    assert Score.objects.get().source == "user"
    read = client.get(SCORES, headers={"Authorization": f"Bearer {key.public}"})
    assert read.status_code == 401
