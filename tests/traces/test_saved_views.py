"""Views of the list: one's own, the team's, the project's default; who may change which."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Organization, Project, Role
from audit.models import AuditEntry
from tests.conftest import _client
from tests.factories import make_user
from traces.models import SavedView

pytestmark = pytest.mark.django_db

SAVE = "/p/support/traces/views/"


def save(client: Client, name: str, query: str = "q=status:error", **more: str) -> SavedView:
    response = client.post(SAVE, {"name": name, "query": query, **more})
    assert response.status_code == 303, response.content
    return SavedView.objects.get(name=name)


def act(client: Client, view: SavedView, what: str, **more: str) -> int:
    return client.post(f"{SAVE}{view.pk}/", {"act": what, **more}).status_code


def viewer(organization: Organization) -> Client:
    return _client(make_user("vera@example.com", organization=organization, role=Role.VIEWER))


def test_a_view_is_the_list_as_it_stands(project: Project, member_client: Client) -> None:
    view = save(member_client, "Failed", "?sort=-cost&q=status:error&after=x&view=9&evil=1&t=7d")
    assert view.query == "q=status%3Aerror&sort=-cost&t=7d"
    page = member_client.get(f"/p/support/traces/?{view.query}&view={view.pk}").content.decode()
    assert ">Failed</span>" in page
    assert "data-view-dot hidden" in page
    other = member_client.get(f"/p/support/traces/?q=cost>1&view={view.pk}").content.decode()
    assert "data-view-dot>" in other


def test_ones_own_views_concern_nobody_else(
    project: Project, organization: Organization, member_client: Client, owner_client: Client
) -> None:
    view = save(viewer(organization), "Mine")
    assert "Mine</span>" not in owner_client.get("/p/support/traces/").content.decode()
    assert act(owner_client, view, "rename", name="Yours") == 404
    save(member_client, "Mine too")
    assert not AuditEntry.objects.filter(action__startswith="view.").exists()


def test_the_team_sees_what_an_engineer_shares(
    project: Project, organization: Organization, member_client: Client, owner_client: Client
) -> None:
    vera = viewer(organization)
    refused = vera.post(SAVE, {"name": "Ours", "query": "q=x", "shared": "1"})
    assert refused.status_code == 403
    view = save(member_client, "Ours", shared="1")
    assert "Ours</span>" in vera.get("/p/support/traces/").content.decode()
    for name in ("save", "rename", "delete"):
        assert act(vera, view, name, name="x", query="q=y") == 403
    assert act(member_client, view, "save", query="?q=cost>1") == 303
    assert act(member_client, view, "rename", name="Dear") == 303
    view.refresh_from_db()
    assert (view.name, view.query) == ("Dear", "q=cost%3E1")
    dan = _client(make_user("dan@example.com", organization=organization, role=Role.ENGINEER))
    assert act(dan, view, "delete") == 403  # made by another
    assert act(owner_client, view, "delete") == 303
    actions = AuditEntry.objects.filter(action__startswith="view.").order_by("sequence")
    assert [entry.action for entry in actions] == [
        "view.saved",
        "view.changed",
        "view.changed",
        "view.deleted",
    ]


def test_an_admin_says_what_the_list_opens_with(
    project: Project, member_client: Client, owner_client: Client
) -> None:
    first, second = (save(member_client, name, shared="1") for name in ("One", "Two"))
    assert act(member_client, first, "default") == 403
    assert act(owner_client, first, "default") == 303
    assert act(owner_client, second, "default") == 303
    assert list(SavedView.objects.filter(is_default=True)) == [second]
    assert act(member_client, second, "rename", name="New") == 403
    assert act(member_client, second, "delete") == 403
    assert act(owner_client, second, "no-default") == 303
    assert not SavedView.objects.filter(is_default=True).exists()
    own = save(owner_client, "Own")
    assert act(owner_client, own, "default") == 303  # said, and not done
    own.refresh_from_db()
    assert not own.is_default


@pytest.mark.parametrize(("name", "said"), [("", "Give it a name"), ("x" * 81, "Give it a name")])
def test_a_bad_name_is_refused(
    project: Project, member_client: Client, name: str, said: str
) -> None:
    page = member_client.post(SAVE, {"name": name, "query": "q=x"}, follow=True)
    assert said in page.content.decode()
    assert not SavedView.objects.exists()


def test_two_of_one_name_are_refused(project: Project, member_client: Client) -> None:
    save(member_client, "Twice")
    page = member_client.post(SAVE, {"name": "Twice", "query": "q=y"}, follow=True)
    assert "There is a view named Twice already." in page.content.decode()


def test_the_list_opens_with_the_default_and_can_be_seen_without(
    project: Project, owner_client: Client
) -> None:
    view = save(owner_client, "Failed", shared="1")
    assert owner_client.get("/p/support/traces/").status_code == 200
    act(owner_client, view, "default")
    opened = owner_client.get("/p/support/traces/")
    assert opened["Location"] == f"/p/support/traces/?q=status%3Aerror&view={view.pk}"
    page = owner_client.get(opened["Location"]).content.decode()
    assert ">Failed</span>" in page
    assert "/p/support/traces/?view=none" in page
    assert owner_client.get("/p/support/traces/?view=none").status_code == 200
    assert owner_client.get("/p/support/traces/?q=x").status_code == 200
