"""Providers over REST and in the settings: who may what, tested in words, and no key anywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Membership, Project, Role, User
from gateway import services
from gateway.models import Kind, Provider
from gateway.serializers import ChangedProviderSerializer
from gateway.terms import Terms
from tests.factories import Key, make_key
from tests.gateway.calling import KEY
from tests.provider import Provider as Upstream
from tests.provider_faults import Fault

API, PAGE = "/api/v1/providers", "/p/support/settings/providers/"


def send(key: Key, method: str, path: str = "", body: Any = None) -> Any:
    ask = getattr(Client(headers=key.headers), method)
    if body is None:
        return ask(f"{API}{path}")
    return ask(f"{API}{path}", body, content_type="application/json")


@pytest.mark.django_db
def test_it_is_connected_changed_and_removed_over_rest(project: Project):
    admin, reader = make_key(project, scopes=["read", "admin"]), make_key(project, scopes=["read"])
    body = {"kind": "anthropic", "name": "Claude", "key": KEY, "models": ["claude-a"]}
    assert send(reader, "post", body=body).status_code == 403
    made = send(admin, "post", body=body)
    assert made.status_code == 201, made.content
    path = f"/{made.json()['id']}"
    assert (made.json()["has_key"], made.json()["key_hint"]) == (True, "…cdef")
    seen = send(reader, "get", path)
    assert seen.json() == made.json()
    listed = send(reader, "get")
    assert listed.json() == {"data": [made.json()], "next_cursor": None}
    changed = send(admin, "patch", path, {"name": "Claude 2", "key": f"{KEY}-2"})
    assert (changed.json()["name"], changed.json()["key_hint"]) == ("Claude 2", "…ef-2")
    assert changed.json()["models"] == ["claude-a"]
    for answer in (made, seen, listed, changed):
        assert KEY[:12] not in answer.content.decode()
    assert send(reader, "patch", path, {"name": "x"}).status_code == 403
    assert send(reader, "delete", path).status_code == 403
    assert send(admin, "delete", path).status_code == 204
    assert not Provider.objects.exists()


@pytest.mark.django_db
def test_a_change_over_rest_is_whole_and_undoes_no_other(project: Project, alice: User):
    admin = make_key(project, scopes=["read", "admin"])
    first, second = (
        services.create_provider(project, Terms(Kind.OPENAI, name), actor=alice)
        for name in ("First", "Second")
    )
    both = {"name": "New", "is_enabled": False, "is_default": True}
    assert send(admin, "patch", f"/{second.pk}", both).status_code == 409
    assert Provider.objects.get(is_default=True) == first
    assert set(Provider.objects.values_list("name", flat=True)) == {"First", "Second"}
    good = send(admin, "patch", f"/{second.pk}", {**both, "is_enabled": True})
    assert (good.json()["name"], good.json()["is_default"]) == ("New", True)
    changed = ChangedProviderSerializer(data={"traced_as": "ours"})
    assert changed.is_valid()
    late = services.change_provider(second, changed.terms, actor=alice)  # read before the rename
    assert (late.name, late.traced_as, late.is_default) == ("New", "ours", True)


@pytest.mark.django_db
def test_rest_refuses_with_the_field(project: Project):
    admin = make_key(project, scopes=["read", "admin"])
    azure = {"kind": "azure", "name": "A", "base_url": "https://x.example", "key": KEY}
    for body, where in (
        ({"kind": "telepathy", "name": "A"}, "kind"),
        (azure, "models"),
        ({"kind": "simulated", "name": "A", "secret": "x"}, "secret"),
    ):
        refused = send(admin, "post", body=body)
        assert refused.status_code == 400
        assert refused["Content-Type"] == "application/problem+json"
        assert [error["where"] for error in refused.json()["errors"]] == [where]
    simulated = {"kind": "simulated", "name": "A"}
    assert send(admin, "post", body=simulated).status_code == 201
    assert send(admin, "post", body=simulated).status_code == 409


@pytest.mark.django_db(transaction=True)
def test_a_test_says_in_words_what_came_of_it(
    project: Project, alice: User, owner_client: Client, upstream: Upstream
):
    def tried(kind: Kind, *faults: Fault, models: list[str], address: str = "", **more: Any) -> str:
        base = address or upstream.url
        terms = Terms(kind, f"P{Provider.objects.count()}", base, model_names=models, **more)
        made = services.create_provider(project, terms, key=KEY, actor=alice)
        upstream.faults.extend(faults)
        page = owner_client.post(f"{PAGE}{made.pk}/test/", follow=True)
        upstream.faults.clear()
        made.refresh_from_db()
        assertContains(page, made.test_said)
        assertNotContains(page, KEY)
        assert not made.test_passed or made.tested_at
        return f"{'+' if made.test_passed else '-'} {made.test_said}"

    base = upstream.url.removesuffix("/v1")
    assert tried(Kind.OPENAI, models=[], asks_models=True) == "+ It answers and offers 5 models."
    assert "gpt-4o-mini" in Provider.objects.get().model_names
    assert tried(Kind.OPENAI, models=["gpt-9"]).endswith("Not among them: gpt-9.")
    refused = tried(Kind.ANTHROPIC, Fault(401, "no", echoes=True), models=[], address=base)
    assert refused == f"- P2 refuses the key (401): no {'[key]'}"
    no_list = tried(Kind.OPENAI, Fault(404), models=["gpt-4o-mini"])
    assert no_list == "+ gpt-4o-mini-2024-07-18 answers."
    azure = tried(Kind.AZURE, models=["our-deployment"], address=base, api_version="2024-10-21")
    assert azure == "+ gpt-4o-mini-2024-07-18 answers."
    gone = tried(Kind.OPENAI, models=[], address="http://127.0.0.1:1/v1")
    assert gone == "- P5 cannot be reached: nothing answers at its address."
    assert tried(Kind.SIMULATED, models=["simulated-small"]) == "+ simulated-small answers."
    admin = make_key(project, scopes=["read", "admin"])
    over_rest = send(admin, "post", f"/{Provider.objects.order_by('pk').first().pk}/test").json()
    assert over_rest["said"] == "It answers and offers 5 models."
    assert over_rest["provider"]["test_passed"] is True


@pytest.mark.django_db(transaction=True)
def test_whatever_a_provider_answers_a_test_says_it(
    project: Project, alice: User, upstream: Upstream
):
    admin = make_key(project, scopes=["read", "admin"])
    terms = Terms(Kind.OPENAI, "Odd", upstream.url, model_names=["kept"], asks_models=True)
    made = services.create_provider(project, terms, key=KEY, actor=alice)

    def said(fault: Fault | None = None) -> str:
        upstream.faults.extend([fault] if fault else [])
        answered = send(admin, "post", f"/{made.pk}/test")
        assert answered.status_code == 200, answered.content
        made.refresh_from_db()
        assert answered.json()["said"] == made.test_said
        return made.test_said

    assert said(Fault(400, "no\x00w " + "x" * 2000)).startswith("Odd does not take the request")
    without_bounds = {"Retry-After": f"Mon, 30 Nov 2026 03:00:00 +{'9' * 17}"}
    assert said(Fault(429, "slow", without_bounds)) == "Odd is asked too much (429): slow"
    names = [{"id": name} for name in ("good", "m" * 201, "b\x00d", "m" * 200)]
    offers = Fault(200, body=json.dumps({"data": names}))
    assert said(offers) == "It answers and offers 4 models."
    assert made.model_names == ["good", "m" * 200]
    for host in ("x" * 64 + ".example", "xn--0.invalid"):
        Provider.objects.update(base_url=f"https://{host}/v1")
        assert said() == "Odd cannot be reached: its name has no address."


@pytest.mark.django_db
def test_the_page_shows_what_a_role_may(
    project: Project,
    alice: User,
    bob: User,
    owner_client: Client,
    member_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
):
    assertContains(owner_client.get(PAGE), "No provider is connected")
    for number in range(4):
        terms = Terms(Kind.SIMULATED, f"Sim {number}")
        services.create_provider(project, terms, actor=alice)
    with django_assert_max_num_queries(10):
        page = owner_client.get(PAGE)
    assert page.content.decode().count("</svg>simulated</span>") == 4
    assertContains(page, "Test Sim 3")
    seen = member_client.get(PAGE)
    assertContains(seen, "Sim 3")
    assertContains(seen, "needs the role admin or above")
    assertNotContains(seen, "Test Sim 3")
    pk = Provider.objects.first().pk
    for path in ("new/?kind=openai", f"{pk}/", f"{pk}/test/", f"{pk}/default/", f"{pk}/delete/"):
        assert member_client.post(f"{PAGE}{path}").status_code == 403
    Membership.objects.filter(user=bob).update(role=Role.VIEWER)
    assertContains(member_client.get(PAGE), "role engineer or above", status_code=403)


@pytest.mark.django_db
def test_a_form_connects_and_changes_and_never_repeats_the_key(
    project: Project, owner_client: Client
):
    at = f"{PAGE}new/?kind=openai"
    assertNotContains(owner_client.get(at), "API version")
    said = {"name": "Own", "base_url": "http://8.8.8.8", "key": KEY, "is_enabled": "on"}
    refused = owner_client.post(at, said)
    assertContains(refused, "plain http is not allowed", status_code=422)
    assertNotContains(refused, KEY, status_code=422)
    said["base_url"], said["model_names"] = "http://127.0.0.1:9/v1", "a\n\n b \na"
    assert owner_client.post(at, said).status_code == 303
    made = Provider.objects.get()
    assert (made.model_names, made.is_default, made.is_enabled) == (["a", "b"], True, True)
    edit = owner_client.get(f"{PAGE}{made.pk}/")
    assertContains(edit, "the stored key stays")
    assertNotContains(edit, KEY)
    again = {**said, "key": "", "name": "Own 2"}
    assert owner_client.post(f"{PAGE}{made.pk}/", again).status_code == 303
    kept = Provider.objects.get()
    assert (kept.name, kept.key_sealed) == ("Own 2", made.key_sealed)
    assert owner_client.post(f"{PAGE}{made.pk}/delete/").status_code == 303
    assert owner_client.get(f"{PAGE}new/?kind=telepathy").status_code == 404
