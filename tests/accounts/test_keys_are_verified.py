"""A key is good or it is not: however it is presented, and whatever happened to it."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Project, Scope
from accounts.services import keys
from accounts.verification import Bearer, Refused, forget, verify
from tests.factories import Key, make_key, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    forget()


def basic(public: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{public}:{secret}".encode()).decode()


def check(headers: dict[str, str], scope: Scope = Scope.INGEST) -> Bearer:
    return verify(headers, scope)


def refused(headers: dict[str, str], scope: Scope = Scope.INGEST) -> Refused:
    with pytest.raises(Refused) as caught:
        verify(headers, scope)
    return caught.value


def test_the_three_ways_to_present_a_key_are_one(key: Key) -> None:
    bearers = {
        check({"authorization": f"Bearer {key.secret}"}),
        check({"authorization": basic(key.public, key.secret)}),
        check({"x-api-key": key.secret}),
        check({"authorization": basic(key.public, key.secret).replace(" ", "%20")}),
        check({"authorization": f"bearer {key.secret}"}),
    }
    assert [bearer.key_id for bearer in bearers] == [key.stored.pk]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Digest x"},
        {"authorization": "Basic !!!"},
        {"authorization": "Bearer not-a-key"},
        {"authorization": "Basic " + base64.b64encode(b"nocolon").decode()},
        {"x-api-key": "sk-rw-" + "x" * 43},
    ],
)
def test_what_is_no_key_is_refused_with_words(headers: dict[str, str]) -> None:
    error = refused(headers)
    assert error.status == 401
    assert error.project_id is None
    assert len(error.reason) > 20


def test_an_expired_key_is_refused_and_names_its_project(project: Project) -> None:
    key = make_key(project, expires_at=timezone.now() - timedelta(seconds=1))
    error = refused(key.headers | {"authorization": f"Bearer {key.secret}"})
    assert (error.status, error.project_id) == (401, project.pk)
    assert "expired" in error.reason


def test_a_key_expires_while_it_is_remembered(project: Project) -> None:
    key = make_key(project, expires_at=timezone.now() + timedelta(milliseconds=300))
    headers = {"authorization": f"Bearer {key.secret}"}
    check(headers)
    while timezone.now() < key.stored.expires_at:
        pass
    assert "expired" in refused(headers).reason


def test_a_revoked_key_is_refused(
    project: Project, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    key = make_key(project)
    headers = {"authorization": f"Bearer {key.secret}"}
    check(headers)
    with django_capture_on_commit_callbacks(execute=True):
        keys.revoke_key(key.stored, actor=None)
    error = refused(headers)
    assert (error.status, error.project_id) == (401, project.pk)
    assert "revoked" in error.reason


def test_a_secret_beside_a_foreign_public_key_is_refused(project: Project, key: Key) -> None:
    other = make_key(make_project("elsewhere"))
    error = refused({"authorization": basic(other.public, key.secret)})
    assert (error.status, error.project_id) == (401, other.stored.project_id)


def test_a_public_key_alone_is_not_enough(key: Key) -> None:
    error = refused({"authorization": f"Bearer {key.public}"})
    assert (error.status, error.project_id) == (401, key.stored.project_id)
    assert "secret" in error.reason


def test_a_missing_scope_is_403_and_named(project: Project) -> None:
    key = make_key(project, scopes=["read"])
    error = refused({"x-api-key": key.secret}, Scope.INGEST)
    assert error.status == 403
    assert "ingest" in error.reason


def test_keys_of_a_deleted_project_are_unknown(project: Project, key: Key) -> None:
    project.deleted_at = timezone.now()
    project.save()
    assert refused({"x-api-key": key.secret}).status == 401


def test_use_is_noted(key: Key) -> None:
    assert key.stored.last_used_at is None
    check({"x-api-key": key.secret})
    key.stored.refresh_from_db()
    assert key.stored.last_used_at is not None
