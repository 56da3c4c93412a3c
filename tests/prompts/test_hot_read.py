"""The read of a prompt over HTTP: by label, version and key; tags, refusals, and a fresh answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import httpx
import pytest
from django.db import connection

from accounts.models import Project, Scope, User
from prompts.models import ReadCount, Rollout
from prompts.services.moving import set_labels
from prompts.services.rolling import Plan, roll_out, set_share
from prompts.services.rolling_back import roll_back
from prompts.services.versions import archive_versions
from tests.factories import Key, make_key, make_project
from tests.prompts.making import chat, make_request, make_version, serve, text
from tests.traces.serving import Web, web_process

pytestmark = pytest.mark.django_db(transaction=True)
CLIENT = httpx.Client(timeout=20)


@pytest.fixture
def web(tmp_path, project: Project) -> Iterator[Web]:
    with web_process(tmp_path) as running:
        yield running


def get(web: Web, by: Key, name: str, **asked: object) -> httpx.Response:
    headers = {**by.headers, **(asked.pop("headers", {}) or {})}  # type: ignore[dict-item]
    at = f"{web.url}/api/v1/prompts/{quote(name, safe='')}"
    return CLIENT.get(at, params=asked, headers=headers)  # type: ignore[arg-type]


def seen(read: Callable[[], httpx.Response], words: str) -> bool:
    """True when a read says so within the second that a change may take."""
    until = time.monotonic() + 1.0
    while words not in read().text:
        if time.monotonic() > until:
            return False
    return True


def test_what_is_read(web: Web, project: Project, key: Key) -> None:
    make_version(project, "rules", text("No dates."))
    content = chat(
        ("system", "Be {{tone}}. {{> rules#latest}}"), model="gpt-4o", parameters={"seed": 7}
    )
    made = make_version(project, "support/agent one", content, tags=["a"], message="first")
    set_labels(made.prompt, 1, ["production"], actor=None)
    read = get(web, key, "support/agent one")
    told = read.json()
    assert read.status_code == 200
    assert told["prompt"] == [{"role": "system", "content": "Be {{tone}}. No dates."}]
    assert told["raw"] == content.prompt
    assert (told["version"], told["type"], told["model"]) == (1, "chat", "gpt-4o")
    assert told["labels"] == ["production", "latest"]
    assert told["references"] == [{"name": "rules", "version": 1}]
    assert told["served"]["arm"] == "only"
    assert told["served"]["why"] == "production is on v1."
    assert read.headers["cache-control"] == "private, no-cache"
    # The same again costs no body; another label, version or prompt is another document.
    etag = read.headers["etag"]
    again = get(web, key, "support/agent one", headers={"If-None-Match": f'"x", {etag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    by_number = get(web, key, "support/agent one", version=1)
    assert by_number.headers["etag"] != etag
    # It says the labels too, which move: no answer may be kept without asking again.
    plain = get(web, key, "rules", version=1)
    for answer in (by_number, plain):
        assert answer.headers["cache-control"] == "private, no-cache"
    set_labels(made.prompt, 1, ["staging"], actor=None)
    assert seen(lambda: get(web, key, "support/agent one", version=1), '"staging"')
    # Variables are filled in where they are given.
    filled = get(web, key, "support/agent one", variables=json.dumps({"tone": "kind"})).json()
    assert filled["compiled"] == [{"role": "system", "content": "Be kind. No dates."}]
    assert filled["missing"] == []
    # A change of what it refers to is a change of it.
    make_version(project, "rules", text("No promises."))
    assert seen(lambda: get(web, key, "support/agent one"), "No promises.")


def test_what_is_refused(web: Web, project: Project, key: Key) -> None:
    prompt = make_version(project).prompt
    make_version(project, "broken", text("{{> nowhere}}"))
    make_version(project, "agent/history", text("a name like a sub-resource"))
    other = make_key(make_project(slug="other"))
    reads_only = make_key(project, scopes=[Scope.READ])
    cases = [
        (get(web, key, "refund-agent"), 404, "no label 'production'. It has latest."),
        (get(web, key, "refund-agent", label="staging"), 404, "staging"),
        (get(web, key, "refund-agent", version=7), 404, "no version 7"),
        (get(web, key, "refund-agent", version="x"), 400, "version"),
        (get(web, key, "refund-agent", version=1, label="a"), 400, "not for both"),
        (get(web, key, "refund-agent", lable="a"), 400, "lable"),
        (get(web, key, "refund-agent", variables="{"), 400, "not JSON"),
        (get(web, key, "refund-agent", key="k" * 1001), 400, "1000"),
        (get(web, key, "nope"), 404, "no prompt 'nope'"),
        (get(web, key, "broken", label="latest"), 409, "nowhere"),
        (get(web, other, "refund-agent", label="latest"), 404, "no prompt"),
        (get(web, reads_only, "refund-agent", label="latest"), 403, "prompts"),
        (httpx.get(f"{web.url}/api/v1/prompts/refund-agent"), 401, ""),
    ]
    for answer, status, words in cases:
        assert answer.status_code == status, answer.text
        assert words in answer.json()["detail"]
        assert answer.headers["content-type"] == "application/problem+json"
    assert get(web, key, "agent/history", label="latest").json()["name"] == "agent/history"
    assert get(web, key, "refund-agent", label="latest").status_code == 200
    make_version(project)
    assert seen(lambda: get(web, key, "refund-agent", version=1), '"version":1')
    archive_versions(prompt, [1], actor=None)
    assert seen(lambda: get(web, key, "refund-agent", version=1), '"status":404')
    assert web.complaints() == []


def test_keys_keep_their_arm_and_a_rollback_is_the_next_read(
    web: Web, project: Project, bob: User, key: Key
) -> None:
    request = make_request(project, bob)
    rollout = roll_out(request, Plan(share=1000), actor=bob)
    assert rollout is not None

    def arms() -> dict[str, int]:
        found = {}
        for user in range(60):
            told = get(web, key, "refund-agent", key=f"user-{user}").json()
            arm = {"base": 1, "candidate": 2}.get(told["served"]["arm"], told["version"])
            assert arm == told["version"]
            found[f"user-{user}"] = told["version"]
        return found

    at_ten = arms()
    assert 0 < sum(version == 2 for version in at_ten.values()) < 30
    set_share(rollout, 2500, actor=bob)
    at_25 = arms()
    moved = {user for user in at_ten if at_ten[user] != at_25[user]}
    assert moved
    assert all(at_25[user] == 2 for user in moved)  # nobody went back
    without = get(web, key, "refund-agent").json()
    assert (without["version"], without["served"]["arm"]) == (1, "base")
    assert "without a key" in without["served"]["why"]
    roll_back(request.prompt, "production", actor=bob)
    until = time.monotonic() + 1.0
    while get(web, key, "refund-agent", key=next(iter(moved))).json()["version"] != 1:
        assert time.monotonic() < until
    assert set(arms().values()) == {1}


def test_a_change_whose_message_is_lost_is_seen_within_a_second(
    web: Web, project: Project, key: Key
) -> None:
    prompt = make_version(project).prompt
    make_version(project, content=text("second"))
    serve(prompt, 1)
    with connection.cursor() as cursor:  # as `reads_changed` does, without the message
        cursor.execute("update prompts_promptepoch set epoch = epoch + 1")
    time.sleep(1.0)
    assert get(web, key, "refund-agent").json()["version"] == 1
    serve(prompt, 2)
    with connection.cursor() as cursor:
        cursor.execute("update prompts_promptepoch set epoch = epoch + 1")
    until = time.monotonic() + 1.0
    while get(web, key, "refund-agent").json()["version"] != 2:
        assert time.monotonic() < until


def test_reads_are_counted_by_label_version_and_whether_they_have_a_key(
    web: Web, project: Project, key: Key
) -> None:
    prompt = make_version(project).prompt
    set_labels(prompt, 1, ["production"], actor=None)
    for asked in ({}, {}, {"key": "u"}, {"version": 1}, {"label": "latest"}):
        assert get(web, key, "refund-agent", **asked).status_code == 200
    until = time.monotonic() + 20
    wanted = {
        ("production", False): 2,
        ("production", True): 1,
        ("", False): 1,
        ("latest", False): 1,
    }
    while True:
        found: dict[tuple[str, bool], int] = {}
        for row in ReadCount.objects.filter(prompt=prompt, number=1):
            found[row.label, row.keyed] = found.get((row.label, row.keyed), 0) + row.count
        if found == wanted:
            break
        assert time.monotonic() < until, found
        time.sleep(0.2)
    assert not Rollout.objects.exists()
