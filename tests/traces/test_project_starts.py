"""The first page of a project: onboarding with what intake saw, then the overview."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import ApiKey, Project, Role
from tests.factories import make_key, make_user
from traces.models import IntakeNotice
from traces.services import Notice, note_intake

pytestmark = pytest.mark.django_db

LIST, TRACE = "/p/support/traces/", "/p/support/traces/t/"
PIECE = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def nothing_seen(db: None) -> None:
    """Intake writes notices on connections of its own, so those of other tests may stand still."""
    IntakeNotice.objects.all().delete()


def test_onboarding_makes_a_key_once(project: Project, owner_client: Client) -> None:
    assertContains(owner_client.get("/p/support/"), "Make a key")
    response = owner_client.post("/p/support/key/")
    secret = re.search(r'id="secret-key">(sk-rw-[^<]+)<', response.content.decode())
    assert secret is not None
    assert response.content.decode().count(secret[1]) == 9  # the key, and each of eight snippets
    assert ApiKey.objects.filter(project=project).count() == 1
    assertNotContains(owner_client.get("/p/support/"), secret[1])


def test_a_viewer_makes_no_key(project: Project) -> None:
    client = Client()
    client.force_login(
        make_user("v@example.com", organization=project.organization, role=Role.VIEWER)
    )
    assertContains(client.get("/p/support/"), "needs the role engineer")
    assert client.post("/p/support/key/").status_code == 403


def _refused(**fields: Any) -> Notice:
    return Notice("refused", 404, "POST", "/v1/trace", "Traces go to /v1/traces.", **fields)


def test_onboarding_says_what_intake_saw_last(project: Project, member_client: Client) -> None:
    make_key(project)
    assertContains(member_client.get("/p/support/"), "No request yet")
    note_intake(_refused(project_id=project.pk))
    waiting = member_client.get("/p/support/?piece=waiting", headers=PIECE)
    assertContains(waiting, "Last request: rejected.")
    assertContains(waiting, "Traces go to /v1/traces.")
    assertContains(member_client.get("/p/support/settings/intake/"), "/v1/trace")


def test_requests_without_a_key_are_shown_only_where_nobody_else_can_be_meant(
    project: Project, member_client: Client
) -> None:
    note_intake(_refused())
    assertContains(member_client.get("/p/support/settings/intake/"), "Traces go to")
    make_user("x@example.com")
    from tests.factories import make_project

    make_project("another")
    assertNotContains(member_client.get("/p/support/settings/intake/"), "Traces go to")


def test_the_overview_follows_the_first_trace(trace: Project, member_client: Client) -> None:
    html = member_client.get("/p/support/").content.decode()
    assert "Open for me" in html
    assert "Top failing names" in html
    assert "Waiting for your first trace" not in html
