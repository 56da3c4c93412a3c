"""Features, targets and rules over REST: a key proposes, a person approves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, Role, Scope, User
from features.queries import target_of
from tests.factories import Key, make_key
from tests.features.making import make_feature, make_person, make_target

BASE = "/api/v1/features"
ONE = f"{BASE}/team/refund-agent"
FULL = {"metric": "faithfulness", "bar": 0.9, "bad_output_usd": "41.5", "slices": ["edge"]}


@pytest.fixture
def call(client: Client, key: Key) -> Any:
    def asked(method: str, path: str, body: Any = None, who: Key = key) -> Any:
        return client.generic(
            method, path, "" if body is None else json.dumps(body),
            content_type="application/json", headers=who.headers,
        )  # fmt: skip

    return asked


def person_client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_feature_is_registered_read_changed_archived(
    call: Any, project: Project, alice: User
) -> None:
    made = call("POST", BASE, {"name": "team/refund-agent", "owner": "ALICE@example.com"})
    assert made.status_code == 201, made.content
    assert (made.json()["owner"], made.json()["target"]) == ("alice@example.com", None)
    assert call("GET", ONE).json() == made.json()
    changed = call("PATCH", ONE, {"title": "Refunds", "owner": None}).json()
    assert (changed["title"], changed["owner"], changed["archived"]) == ("Refunds", None, False)
    assert call("PATCH", ONE, {"archived": True}).json()["archived"] is True
    assert call("DELETE", ONE).status_code == 409
    [row] = call("GET", BASE).json()["data"]
    assert row["name"] == "team/refund-agent"


def test_a_key_proposes_and_a_person_approves(
    call: Any, project: Project, alice: User, bob: User
) -> None:
    make_feature(project, "team/refund-agent", owner=alice)
    made = call("POST", f"{ONE}/targets", FULL)
    assert (made.status_code, made.json()["state"], made.json()["number"]) == (201, "proposed", 1)
    assert made.json()["bad_output_usd"] == "41.5"
    assert call("POST", f"{ONE}/targets", FULL).status_code == 409
    all_scopes = make_key(project, scopes=[str(scope) for scope in Scope])
    for act in ("approve", "decline"):
        refused = call("POST", f"{ONE}/targets/1/{act}", {"note": "x"}, who=all_scopes)
        assert (refused.status_code, "never by a key" in refused.content.decode()) == (403, True)
    by_bob = person_client(bob).post(
        f"{ONE}/targets/1/approve?project=support", {}, "application/json"
    )
    assert by_bob.status_code == 403
    approved = person_client(alice).post(
        f"{ONE}/targets/1/approve?project=support", {}, "application/json"
    )
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    assert target_of(project, "team/refund-agent") is not None
    assert call("GET", ONE).json()["target"]["bar"] == 0.9
    assert [row["number"] for row in call("GET", f"{ONE}/targets").json()["data"]] == [1]
    assert call("POST", f"{ONE}/targets/1/withdraw").status_code == 409


def test_a_draft_is_proposed_later(call: Any, project: Project) -> None:
    make_feature(project, "team/refund-agent")
    assert call("POST", f"{ONE}/targets", FULL | {"state": "draft"}).json()["state"] == "draft"
    assert call("POST", f"{ONE}/targets/1/propose").json()["state"] == "proposed"
    assert call("GET", f"{ONE}/targets/1").json()["state"] == "proposed"
    assert call("POST", f"{ONE}/targets/1/withdraw", {"note": "no"}).json()["note"] == "no"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "metric"),
        (FULL | {"bar": "high"}, "bar"),
        (FULL | {"bar": float("inf")}, "JSON"),
        (FULL | {"colour": "red"}, "colour"),
        (FULL | {"tolerated_failure_ratio": 2}, "tolerated_failure_ratio"),
        (FULL | {"bad_output_usd": "NaN"}, "bad_output_usd"),
        (FULL | {"blast_radius": ["moon"]}, "blast_radius"),
        (FULL | {"p95_latency_ms": 10**12}, "p95_latency_ms"),
        (FULL | {"slices": {"a": 1}}, "slices"),
        ([1, 2], "dictionary"),
    ],
)
def test_odd_targets_are_refused_by_field(
    call: Any, project: Project, body: Any, field: str
) -> None:
    make_feature(project, "team/refund-agent")
    refused = call("POST", f"{ONE}/targets", body)
    assert refused.status_code == 400
    assert field in refused.content.decode()


@pytest.mark.parametrize(
    "body", [{"name": "a\u0000b"}, {"name": "x" * 201}, {"name": 7.5, "owner": "no"},
             {"name": "a", "owner": "charlie@example.com"}, {"name": "a", "archived": True},
             {"name": "\ud800"}, [], {"name": "a", "runbook_url": "javascript:1"}],
)  # fmt: skip
def test_odd_features_are_refused(call: Any, project: Project, charlie: User, body: Any) -> None:
    assert call("POST", BASE, body).status_code == 400


def test_rules_are_set_as_a_whole(call: Any, project: Project) -> None:
    make_feature(project, "team/refund-agent")
    when = [{"field": "attribute", "op": "equals", "value": "eu", "key": "region"}]
    body = {"rules": [{"feature": "team/refund-agent", "when": when}]}
    made = call("PUT", f"{BASE}/rules", body | {"stored_since": "2026-11-01T00:00:00Z"})
    assert made.status_code == 200, made.content
    assert made.json()["rules"] == body["rules"]
    assert made.json()["following_since"] == "2026-11-01T00:00:00Z"
    assert call("GET", f"{BASE}/rules").json()["revision"] == 1
    for wrong in (
        {"rules": [{"feature": "nobody", "when": when}]},
        {"rules": [{"feature": "team/refund-agent", "when": []}]},
        {"rules": [{"feature": "team/refund-agent", "when": [{"field": "x"}]}]},
        {"rules": "all"},
    ):
        assert call("PUT", f"{BASE}/rules", wrong).status_code == 400


def test_scopes_and_roles_are_asked(call: Any, project: Project, alice: User, bob: User) -> None:
    make_target(make_feature(project, "team/refund-agent"), bob, alice)
    reader = make_key(project, scopes=["read"])
    assert call("GET", f"{ONE}/targets/1", who=reader).status_code == 200
    assert call("POST", f"{ONE}/targets", FULL, who=reader).status_code == 403
    assert call("PATCH", ONE, {"title": "x"}, who=reader).status_code == 403
    viewer = person_client(make_person(project, "vera", Role.VIEWER))
    assert viewer.get(f"{ONE}?project=support").status_code == 200
    for path in (f"{ONE}/targets", f"{ONE}/targets/1/withdraw"):
        assert viewer.post(f"{path}?project=support", FULL, "application/json").status_code == 403
    assert call("GET", f"{BASE}/nobody").status_code == 404
    assert call("GET", f"{ONE}/targets/9999999999").status_code == 404


def test_rows_cost_no_queries(
    call: Any, project: Project, alice: User, bob: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        make_target(make_feature(project, f"f{number}", owner=alice), bob, alice)
    call("GET", BASE)
    with django_assert_max_num_queries(4):
        assert len(call("GET", BASE).json()["data"]) == 6
