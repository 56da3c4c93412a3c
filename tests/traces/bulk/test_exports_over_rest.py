"""Exports over REST: asked for with a key or as a person, downloaded, cancelled, nobody else's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import Project, Scope
from audit.models import AuditEntry
from tests.factories import Key, make_key
from tests.traces.bulk.working import furnish, run
from traces.models import BulkJob

pytestmark = pytest.mark.django_db(transaction=True)

EXPORTS = "/api/v1/exports"


@pytest.fixture(autouse=True)
def _folder(settings: object, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]


def ask(key: Key, **body: object) -> dict[str, object]:
    response = Client().post(EXPORTS, body, "application/json", headers=key.headers)
    return {"status": response.status_code, **response.json()}


def test_a_program_exports_what_matches(project: Project, key: Key) -> None:
    names = furnish(project, 4)
    made = ask(key, q="user:u1", format="jsonl", content=True)
    assert (made["status"], made["state"], made["total"], made["url"]) == (202, "due", None, None)
    at = f"{EXPORTS}/{made['id']}"
    assert Client().get(f"{at}/file", headers=key.headers).status_code == 409
    run(BulkJob.objects.get())
    found = Client().get(at, headers=key.headers).json()
    assert (found["state"], found["total"], found["written"]) == ("done", 2, 2)
    other = make_key(project)  # any key of the project
    answer = Client().get(found["url"], headers=other.headers)
    rows = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert [row["trace_id"] for row in rows] == [names[1], names[3]]
    assert rows[0]["spans"][0]["input_text"] == "Where is order 1?"
    listed = Client().get(EXPORTS, headers=key.headers).json()
    assert [one["id"] for one in listed["data"]] == [made["id"]]
    entry = AuditEntry.objects.get(action="traces.export_downloaded")
    assert entry.actor_kind == "key"


def test_it_is_cancelled_once(project: Project, key: Key) -> None:
    made = ask(key, format="csv")
    at = f"{EXPORTS}/{made['id']}"
    assert Client().delete(at, headers=key.headers).json()["state"] == "cancelled"
    assert Client().delete(at, headers=key.headers).status_code == 409
    assert Client().get(f"{at}/file", headers=key.headers).status_code == 404


def test_people_and_programs_see_their_own(
    project: Project, key: Key, owner_client: Client, member_client: Client
) -> None:
    body = {"format": "csv"}
    sent = owner_client.post(f"{EXPORTS}?project=support", body, "application/json")
    assert sent.status_code == 202
    at = f"{EXPORTS}/{sent.json()['id']}"
    assert owner_client.get(f"{at}?project=support").status_code == 200
    assert member_client.get(f"{at}?project=support").status_code == 404
    assert Client().get(at, headers=key.headers).status_code == 404
    stranger = make_key(Project.objects.create(organization=project.organization, slug="else"))
    assert Client().get(at, headers=stranger.headers).status_code == 404
    sender = make_key(project, scopes=[Scope.INGEST.value])
    assert (
        Client().post(EXPORTS, body, "application/json", headers=sender.headers).status_code == 403
    )


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"q": "latency>"}, "q"),
        ({"format": "xml"}, "format"),
        ({"since": "2026-11-20T00:00:00Z"}, "until"),
        ({"since": "2026-11-20T00:00:00Z", "until": "2026-11-19T00:00:00Z"}, "until"),
        ({"what": 1}, "what"),
    ],
)
def test_a_bad_request_says_where(key: Key, body: dict[str, object], where: str) -> None:
    answer = ask(key, **body)
    assert answer["status"] == 400
    assert where in json.dumps(answer["errors"])
    assert not BulkJob.objects.exists()
