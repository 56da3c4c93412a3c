"""Environments, owners of folders and delegations over REST."""

from __future__ import annotations

import pytest

from accounts.models import Project, Scope, User
from audit.models import AuditEntry
from prompts.models import Delegation, Environment
from tests.factories import make_key
from tests.prompts.asking import Api, where
from tests.prompts.making import make_reviewer

pytestmark = pytest.mark.django_db

AWAY = {
    "user": "jun@example.com",
    "delegate": "kim@example.com",
    "starts_at": "2026-11-30T00:00:00Z",
    "ends_at": "2026-12-07T00:00:00Z",
    "reason": "Holiday",
}


@pytest.fixture
def admin(project: Project) -> Api:
    return Api(headers=make_key(project, scopes=[Scope.PROMPTS, Scope.ADMIN]).headers)


def test_rules_of_an_environment(api: Api, admin: Api, project: Project, bob: User) -> None:
    (production,) = api.get("environments")["data"]
    assert (production["name"], production["protection"], production["is_protected"]) == (
        "production",
        "automatic",
        False,
    )
    rules = {"protected": True, "approvals": 2, "required_checks": ["golden set"]}
    for by in (api, Api(user=bob)):
        by.put("environments/production", {"protected": False}, 403)
        by.delete("environments/production", 403)
    told = admin.put("environments/production", rules)
    assert (told["is_protected"], told["protection"], told["approvals"]) == (True, "on", 2)
    # What is left out stays.
    told = admin.put("environments/production", {"wide_share": 5, "wide_approvals": None})
    assert (told["approvals"], told["wide_share"], told["required_checks"]) == (
        2,
        5,
        ["golden set"],
    )
    assert admin.put("environments/staging", {"protection": "automatic"})["is_protected"] is False
    assert [one["name"] for one in api.get("environments")["data"]] == ["production", "staging"]
    assert api.get("environments/staging")["wide_share"] == 10
    admin.delete("environments/staging")
    api.get("environments/staging", 404)
    admin.delete("environments/production")
    admin.delete("environments/production", 404)
    assert api.get("environments/production")["protection"] == "automatic"
    for body, place in (
        ({"protected": True, "protection": "on"}, "protected"),
        ({"approvals": -1}, "approvals"),
        ({"approval": 1}, "approval"),
        ({"wide_share": 101}, "wide_share"),
    ):
        assert where(admin.put("environments/production", body, 400)) == [place]
    assert where(admin.put("environments/No%20Way", {}, 400)) == ["name"]
    assert not Environment.objects.exists()
    assert AuditEntry.objects.filter(action="environment.rules_set").count() == 3


def test_owners_of_folders(api: Api, admin: Api, project: Project) -> None:
    make_reviewer(project, "jun")
    wanted = {"folder": "support/", "owners": ["JUN@example.com"]}
    api.put("folder-owners", wanted, 403)
    told = admin.put("folder-owners", wanted)
    assert told == {
        "folder": "support",
        "owners": [{"email": "jun@example.com", "name": "Jun"}],
    }
    admin.put("folder-owners", {"owners": ["jun@example.com"]})
    assert [row["folder"] for row in api.get("folder-owners")["data"]] == ["", "support"]
    admin.put("folder-owners", {"folder": "support", "owners": []})
    assert [row["folder"] for row in api.get("folder-owners")["data"]] == [""]
    assert where(admin.put("folder-owners", {"owners": ["x@y.z"]}, 400)) == ["owners[0]"]


def test_who_is_away_says_who_stands_in(api: Api, admin: Api, project: Project) -> None:
    """Nobody makes somebody else's approval their own."""
    jun, kim = (Api(user=make_reviewer(project, name)) for name in ("jun", "kim"))
    kim.post("delegations", AWAY, 403)
    api.post("delegations", AWAY, 403)
    assert not Delegation.objects.exists()
    made = jun.post("delegations", AWAY)
    assert (made["user"]["name"], made["delegate"]["name"]) == ("Jun", "Kim")
    second = admin.post("delegations", {**AWAY, "reason": "Again"})
    first_page = api.get("delegations?limit=1")
    assert [row["id"] for row in first_page["data"]] == [second["id"]]
    (row,) = api.get(f"delegations?limit=1&cursor={first_page['next_cursor']}")["data"]
    assert row == made
    kim.delete(f"delegations/{made['id']}", 403)
    jun.delete(f"delegations/{made['id']}")
    admin.delete(f"delegations/{made['id']}", 404)
    for wrong, place in (
        ({"delegate": "jun@example.com"}, "delegate"),
        ({"ends_at": AWAY["starts_at"]}, "ends_at"),
        ({"user": "x@y.z"}, "user"),
    ):
        assert where(admin.post("delegations", {**AWAY, **wrong}, 400)) == [place]
