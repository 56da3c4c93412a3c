"""Making, opening and revoking links over HTTP."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Project
from traces.models import TraceShare

pytestmark = pytest.mark.django_db

PANEL = "/p/support/traces/t/share/"
LIST = "/p/support/settings/shares/"
PIECE = {"HX-Request": "true"}


def made(client: Client, **headers: str) -> str:
    """The path of a new link."""
    html = client.post(PANEL, {"days": "7"}, headers=headers).content.decode()
    found = re.search(r'id="made-link">[^<]*?(/share/[\w-]+/)<', html)
    assert found is not None
    return found[1]


def test_a_link_is_shown_once_and_opens_without_signing_in(
    trace: Project, member_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    path = made(member_client, **PIECE)
    assertNotContains(member_client.get(PANEL), path)
    anybody = Client()
    anybody.get(path)
    with django_assert_max_num_queries(6):
        page = anybody.get(path)
    html = page.content.decode()
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
    assert 'name="robots" content="noindex' in html
    assert html.count('role="treeitem"') == 3
    for word in ("Where is it?", "Here.", "support", 'data-span="b"', "<nav", "hx-get"):
        assert word not in html
    for word in ("resolve", "lookup", "gpt-4o", "$0.0200"):
        assert word in html


def test_a_link_that_ended_is_not_found(trace: Project, member_client: Client) -> None:
    path = made(member_client)
    TraceShare.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    ended = Client().get(path)
    assert ended.status_code == 404
    assertNotContains(ended, "resolve", status_code=404)
    assert Client().get("/share/nothing/").status_code == 404


def test_a_link_is_revoked_where_it_was_made_and_in_the_settings(
    trace: Project, member_client: Client, owner_client: Client
) -> None:
    first, second = made(member_client), made(owner_client)
    rows = {share.created_by[:3]: share.pk for share in TraceShare.objects.all()}
    own = member_client.post(PANEL, {"revoke": rows["bob"]}, headers=PIECE)
    assertContains(own, "The link is revoked.")
    other = member_client.post(PANEL, {"revoke": rows["ali"]}, headers=PIECE)
    assertContains(other, "not yours to revoke")
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    assertContains(owner_client.get(LIST), "revoked")
    owner_client.post(LIST, {"revoke": rows["ali"]})
    assert Client().get(second).status_code == 404
    assertContains(member_client.post(PANEL, {"revoke": "x"}, headers=PIECE), "not open")


def test_days_are_from_1_to_90(trace: Project, member_client: Client) -> None:
    for days in ("0", "91", "", "many"):
        response = member_client.post(PANEL, {"days": days}, headers=PIECE)
        assert response.status_code == 422
    assert not TraceShare.objects.exists()


def test_the_projects_links_go_with_it(trace: Project, member_client: Client) -> None:
    path = made(member_client)
    Project.objects.filter(pk=trace.pk).update(deleted_at=timezone.now())
    assert Client().get(path).status_code == 404
