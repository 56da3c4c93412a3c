"""Scores over REST, for programs and for people."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, Role, Scope
from accounts.verification import forget
from audit.models import AuditEntry
from tests.factories import Key, make_key, make_user
from traces.models import Score

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture(autouse=True)
def _fresh_keys() -> Iterator[None]:
    forget()
    yield
    forget()


@pytest.fixture
def admin_key(project: Project) -> Key:
    return make_key(project, scopes=list(Scope))


def call(key: Key, method: str, path: str, sent: Any = None) -> tuple[int, Any]:
    address = f"/api/v1/{path}"
    if method in ("get", "delete"):
        response = getattr(Client(), method)(address, sent or {}, headers=key.headers)
    else:
        response = getattr(Client(), method)(address, sent, JSON, headers=key.headers)
    return response.status_code, response.json() if response.content else None


def test_one_and_many_are_given_and_read_back(project: Project, key: Key) -> None:
    one = {"id": "a/b", "trace_id": "t", "name": "helpfulness", "value": 0.62, "comment": "ok"}
    assert call(key, "post", "scores", one) == (200, {"id": "a/b"})
    status, read = call(key, "get", "scores/a%2Fb")
    assert status == 200
    assert {name: read[name] for name in one} == one
    assert (read["author"], read["source"], read["data_type"]) == (key.public, "code", "number")
    several = [{**one, "id": "c", "value": True}, {**one, "id": "d", "value": "polite"}]
    assert call(key, "post", "scores", several)[1] == {"accepted": 2, "ids": ["c", "d"]}
    values = {score["id"]: score["value"] for score in call(key, "get", "scores")[1]["data"]}
    assert values == {"a/b": 0.62, "c": True, "d": "polite"}


def test_every_fault_is_named_and_nothing_is_half_written(project: Project, key: Key) -> None:
    good = {"trace_id": "t", "name": "x", "value": 1}
    sent = [good, {**good, "value": None}, {**good, "colour": 1}, {**good, "name": 3}, 7]
    status, problem = call(key, "post", "scores", sent)
    assert status == 400
    where = [error["where"] for error in problem["errors"]]
    assert where[0] == "[1].value"
    assert [place[:3] for place in where] == ["[1]", "[2]", "[3]", "[4]"]
    status, problem = call(key, "post", "scores", [good, {**good, "source": "oracle"}])
    assert [error["where"] for error in problem["errors"]] == ["[1].source"]
    assert not Score.objects.exists()
    for wrong in ("nonsense", [], "{", {**good, "at": "2026-11-20T12:00:00"}):
        response = Client().post("/api/v1/scores", wrong, JSON, headers=key.headers)
        assert response.status_code == 400, wrong
    assert call(key, "post", "scores", [good] * 1001)[0] == 400
    assert not Score.objects.exists()


def test_bodies_come_compressed_within_the_same_limit(project: Project, key: Key) -> None:
    def sent(body: bytes, encoding: str) -> tuple[int, Any]:
        headers = {**key.headers, "Content-Encoding": encoding}
        response = Client().generic("POST", "/api/v1/scores", body, JSON, headers=headers)
        return response.status_code, response.json()

    one = b'{"id": "z", "trace_id": "t", "name": "helpfulness", "value": 0.5}'
    assert sent(gzip.compress(one), "gzip") == (200, {"id": "z"})
    assert sent(gzip.compress(b" " * 2**24), "gzip")[0] == 413
    status, problem = sent(gzip.compress(one)[:-9], "gzip")
    assert (status, "ends too early" in problem["detail"]) == (400, True)
    status, problem = sent(one, "br")
    assert (status, "'br' is not one of gzip" in problem["detail"]) == (415, True)


def test_lists_are_filtered_and_paged(project: Project, key: Key) -> None:
    at = "2026-11-{:02}T12:00:00Z"
    sent = [
        {"id": f"s{n}", "trace_id": f"t{n % 2}", "name": f"n{n % 3}", "value": n,
         "at": at.format(1 + n // 2), "session_id": "s", "source": "judge" if n == 4 else "code"}
        for n in range(7)
    ]  # fmt: skip
    assert call(key, "post", "scores", sent)[0] == 200

    def ids(**asked: Any) -> list[str]:
        return [score["id"] for score in call(key, "get", "scores", asked)[1]["data"]]

    newest_first = ["s6", "s4", "s5", "s2", "s3", "s0", "s1"]
    assert ids() == newest_first
    assert ids(name="n1") == ["s4", "s1"]
    assert ids(trace_id="t1") == ["s5", "s3", "s1"]
    assert ids(source="judge") == ["s4"]
    assert ids(since=at.format(3)) == ["s6", "s4", "s5"]
    assert ids(until=at.format(2)) == ["s0", "s1"]
    assert ids(session_id="none") == []
    seen, cursor = [], ""
    while cursor is not None:
        page = call(key, "get", "scores", {"limit": 2, "cursor": cursor})[1]
        seen += [score["id"] for score in page["data"]]
        cursor = page["next_cursor"]
    assert seen == newest_first
    assert call(key, "get", "scores", {"colour": "red"})[0] == 400
    assert call(key, "get", "scores", {"cursor": "nonsense"})[0] == 400


def test_a_score_is_deleted_once(project: Project, key: Key) -> None:
    call(key, "post", "scores", {"id": "a", "trace_id": "t", "name": "x", "value": 1})
    assert call(key, "delete", "scores/a") == (204, None)
    assert call(key, "delete", "scores/a")[0] == 404
    assert call(key, "get", "scores/a")[0] == 404
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_kind) == ("score.deleted", "key")


def test_scopes_open_and_shut(project: Project) -> None:
    reader = make_key(project, scopes=[Scope.READ.value])
    writer = make_key(project, scopes=[Scope.INGEST.value])
    one = {"trace_id": "t", "name": "x", "value": 1}
    assert call(reader, "post", "scores", one)[0] == 403
    assert call(writer, "post", "scores", one)[0] == 200
    assert call(writer, "get", "scores")[0] == 403
    assert call(reader, "get", "scores")[0] == 200
    assert call(reader, "delete", "scores/x")[0] == 403
    for key in (reader, writer):
        assert call(key, "post", "score-definitions", {"name": "x"})[0] == 403


def test_a_person_gives_scores_as_a_human(
    project: Project, member_client: Client, stranger_client: Client
) -> None:
    one = {"id": "a", "trace_id": "t", "name": "x", "value": 1}
    address = "/api/v1/scores?project=support"
    assert member_client.post(address, one, JSON).status_code == 200
    assert stranger_client.post(address, one, JSON).status_code == 404
    score = Score.objects.get()
    assert (score.source, score.author) == ("human", "bob@example.com")
    viewer = Client()
    organization = project.organization
    viewer.force_login(make_user("v@example.com", organization=organization, role=Role.VIEWER))
    assert viewer.post(address, one, JSON).status_code == 403
    assert viewer.get(address).status_code == 200
    assert viewer.get("/api/v1/score-definitions?project=support").status_code == 403
    asked = "/api/v1/score-definitions?project=support"
    assert member_client.get(asked).status_code == 200
    assert member_client.post(asked, {"name": "x"}, JSON).status_code == 403
