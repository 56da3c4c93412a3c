"""A key that is revoked here is refused at once by the web process, which knew it a moment ago."""

from __future__ import annotations

import time
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services.keys import revoke_key
from tests.factories import Key, make_key, make_project
from tests.traces.otlp_build import request, span
from tests.traces.recordings import PROTOBUF
from tests.traces.serving import Web
from tests.traces.stored import fetch, notices, within

pytestmark = pytest.mark.django_db(transaction=True)

BODY = request(span()).SerializeToString()


def send(web: Web, key: Key) -> httpx.Response:
    headers = {**key.headers, "Content-Type": PROTOBUF}
    return httpx.post(f"{web.url}/v1/traces", content=BODY, headers=headers)


def test_a_revoked_key_is_refused_before_its_second_is_over(
    web: Web, key: Key, alice: User
) -> None:
    def is_refused_at_once(key: Key) -> bool:
        assert send(web, key).status_code == 200
        began = time.monotonic()
        revoke_key(key.stored, actor=alice)
        assert within(5, lambda: send(web, key).status_code == 401)
        return time.monotonic() - began < 0.9

    # What is remembered is remembered for a second, so once is proof; a busy machine may take two.
    others = (make_key(key.stored.project) for _ in range(4))
    assert any(is_refused_at_once(one) for one in (key, *others))
    assert "was revoked" in send(web, key).json()["detail"]
    assert ("refused", 401, key.public) in notices(key, "kind, status, public_key")


def test_each_key_that_will_not_do_is_told_why(web: Web, key: Key) -> None:
    project = key.stored.project
    past = timezone.now() - timedelta(days=1)
    expired = make_key(project, expires_at=past)
    reader = make_key(project, scopes=["read"])
    revoked = make_key(project, revoked_at=past)
    for bad, status, said in (
        (expired, 401, "expired at"),
        (reader, 403, "lacks the scope 'ingest'"),
        (revoked, 401, "was revoked"),
    ):
        answer = send(web, bad)
        assert (answer.status_code, said in answer.json()["detail"]) == (status, True), answer.text
        assert bad.secret not in answer.text
    public_only = httpx.post(
        f"{web.url}/v1/traces", content=BODY, headers={"Authorization": f"Bearer {key.public}"}
    )
    assert (public_only.status_code, "public key alone" in public_only.text) == (401, True)
    nothing = httpx.post(f"{web.url}/v1/traces", content=BODY)
    assert (nothing.status_code, nothing.headers["www-authenticate"]) == (401, "Bearer")
    assert len(notices(key, "reason")) == 4
    assert fetch("select count(*) from span") == [(0,)]


def test_a_foreign_key_writes_only_into_its_own_project(web: Web, key: Key) -> None:
    other = make_key(make_project(slug="elsewhere"))
    assert send(web, key).status_code == 200
    assert send(web, other).status_code == 200
    assert sorted(fetch("select project_id, span_count from trace")) == sorted(
        [(key.stored.project_id, 1), (other.stored.project_id, 1)]
    )
    unknown = Key(ApiKey(), "pk-rw-no", "sk-rw-another-installation")
    answer = send(web, unknown)
    assert (answer.status_code, "not known here" in answer.text) == (401, True)
