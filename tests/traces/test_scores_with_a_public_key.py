"""A public key alone may give scores, slowly, as a user; and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import Project, Scope
from accounts.public_writes import forget_clients
from accounts.verification import forget
from tests.factories import Key, make_key
from traces.feedback.given import GivenScore
from traces.models import Score
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/scores"
ONE = {"id": "a", "trace_id": "t", "name": "thumb", "value": True, "comment": "Thank you"}
ORIGIN = {"Origin": "https://shop.example"}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    forget()
    forget_clients()
    yield
    forget()
    forget_clients()


def send(public: str, sent: Any = ONE, **headers: str) -> HttpResponse:
    shown = {"Authorization": f"Bearer {public}", **ORIGIN, **headers}
    return Client().post(ADDRESS, sent, "application/json", headers=shown)


def test_it_gives_a_score_as_a_user(project: Project, key: Key) -> None:
    response = send(key.public, {**ONE, "source": "judge"})
    assert (response.status_code, response.json()) == (200, {"id": "a"})
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response
    score = Score.objects.get()
    assert (score.source, score.num, score.author) == ("user", 1.0, key.public)


def test_it_opens_nothing_else(project: Project, key: Key) -> None:
    record_scores(project.pk, [GivenScore("x", 1, id="h", trace_id="t", source="human")])
    shown = {"Authorization": f"Bearer {key.public}"}
    for path in ("scores", "scores/h", "traces", "outcomes", "score-definitions"):
        response = Client().get(f"/api/v1/{path}", headers={**shown, **ORIGIN})
        assert response.status_code == 401, path
        assert "Access-Control-Allow-Origin" not in response, path
    for path in ("outcomes", "score-definitions"):
        sent = Client().post(f"/api/v1/{path}", ONE, "application/json", headers=shown)
        assert sent.status_code == 401, path
    assert Client().delete("/api/v1/scores/h", headers=shown).status_code == 401
    assert send(key.public, {**ONE, "id": "h"}).status_code == 400
    assert Score.objects.get().source == "human"


@pytest.mark.parametrize("form", ["basic", "x-api-key"])
def test_only_as_a_bearer(project: Project, key: Key, form: str) -> None:
    from base64 import b64encode

    basic = "Basic " + b64encode(f"{key.public}:".encode()).decode()
    shown = {"Authorization": basic} if form == "basic" else {"x-api-key": key.public}
    response = Client().post(ADDRESS, ONE, "application/json", headers={**shown, **ORIGIN})
    assert response.status_code == 401
    assert "Access-Control-Allow-Origin" not in response


def test_a_secret_key_gets_no_cors(project: Project, key: Key) -> None:
    response = Client().post(ADDRESS, ONE, "application/json", headers={**key.headers, **ORIGIN})
    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response


def test_a_browser_may_ask_first(db: None) -> None:
    asked = {**ORIGIN, "Access-Control-Request-Method": "POST"}
    wanted = "Authorization, content-type, x-langfuse-sdk-name, <bad>"
    response = Client().options(
        ADDRESS, headers={**asked, "Access-Control-Request-Headers": wanted}
    )
    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Origin"] == "*"
    allowed = response["Access-Control-Allow-Headers"]
    assert allowed == "authorization, content-type, x-langfuse-sdk-name"
    for path in ("traces", "outcomes", "scores/a"):
        response = Client().options(f"/api/v1/{path}", headers=asked)
        assert "Access-Control-Allow-Origin" not in response
    reading = {**asked, "Access-Control-Request-Method": "DELETE"}
    assert Client().options(ADDRESS, headers=reading).status_code == 401


@pytest.mark.parametrize(
    "fields",
    [
        {"comment": "x" * 2001}, {"metadata": {"a": 1}}, {"run_id": "r"}, {"value": None},
        {"trace_id": ""}, {"author": "me"},
    ],
)  # fmt: skip
def test_it_sends_a_value_and_a_comment_alone(
    project: Project, key: Key, fields: dict[str, Any]
) -> None:
    response = send(key.public, {**ONE, **fields})
    assert response.status_code == 400
    assert response["Access-Control-Allow-Origin"] == "*"
    assert not Score.objects.exists()


def test_it_sends_twenty_at_most(project: Project, key: Key, settings: Any) -> None:
    settings.PUBLIC_SCORES_PER_MINUTE = 100 * settings.WEB_PROCESSES
    many = [{**ONE, "id": str(n)} for n in range(21)]
    assert send(key.public, many[:20]).status_code == 200
    assert send(key.public, many).status_code == 400
    assert send(key.public, [{**ONE, "comment": "x" * 300_000}]).status_code == 413


def test_each_client_has_its_own_limit(project: Project, key: Key, settings: Any) -> None:
    settings.PUBLIC_SCORES_PER_MINUTE = 3 * settings.WEB_PROCESSES
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    for _ in range(3):
        assert send(key.public, **{"X-Forwarded-For": "192.0.2.1"}).status_code == 200
    refused = send(key.public, **{"X-Forwarded-For": "192.0.2.1"})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1
    assert refused["Access-Control-Expose-Headers"] == "Retry-After"
    assert send(key.public, **{"X-Forwarded-For": "192.0.2.2"}).status_code == 200
    # The program with the secret key is not slowed down by its web pages.
    fine = Client().post(ADDRESS, ONE, "application/json", headers=key.headers)
    assert fine.status_code == 200


def test_a_key_that_is_no_good_is_told_so(project: Project) -> None:
    revoked = make_key(project, revoked_at=timezone.now())
    expired = make_key(project, expires_at=timezone.now())
    reader = make_key(project, scopes=[Scope.READ.value])
    for public, status in (
        (revoked.public, 401), (expired.public, 401), (reader.public, 403), ("pk-nobody", 401),
    ):  # fmt: skip
        response = send(public)
        assert response.status_code == status
        assert response["Access-Control-Allow-Origin"] == "*"
    deleted = make_key(project)
    project.deleted_at = timezone.now()
    project.save()
    assert send(deleted.public).status_code == 401
