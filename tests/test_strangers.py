"""Every address of the product, found by walking the URL patterns, is shut to strangers.

An address below a project or the API is held to the strictest rule without being named here.
Any other new address fails until it stands in one of the two lists below, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Project, Scope
from accounts.verification import forget
from tests.factories import make_key

# Open to anybody: what a load balancer, a browser before sign-in or a reader of the API needs.
OPEN = {
    "healthz",
    "readyz",
    "metrics",
    "api/v1/schema",
    "api/v1/docs",
    "login/",
    "logout/",  # POST only; without a session it does nothing
    "preferences/",  # a cookie of one's own browser
    "share/<str:token>/",  # the token is the key
    "reset/",
    "reset/<str:uid>/<str:token>/",  # the token is the key
    "invite/<str:token>/",  # the token is the key
    "styleguide/",  # never served but in development and tests
    "api/public/health",  # what Langfuse's clients ask first
    "api/public/media/uploads/<str:token>",  # the token is the key
    "api/public/media/files/<str:token>",  # the token is the key
}
# For whoever is signed in; shows only what is theirs.
SIGNED_IN = {"", "projects/", "projects/new/", "me/", "me/password/", "find/", "t/<path:trace_id>/"}
SIGNED_IN |= {"me/notices/", "me/notices/unread/", "me/notices/settings/", "me/notices/<int:pk>/"}
# Every project has one of the name: a key finds that of its own project.
IN_EVERY_PROJECT = {"api/v1/environments/<str:name>"}
# Langfuse's API: held to the rules of ours, but with refusals as its clients read them.
LANGFUSE = "api/public/"

PROJECT, API = "p/<slug:project_slug>/", "api/v1/"
METHODS = ("get", "post", "put", "patch", "delete")
SAMPLES = {
    "<slug:project_slug>": "support",
    "<int:pk>": "1",
    "<int:number>": "1",
    "<int:item>": "1",
    "<int:move>": "1",
    "<pair:pair>": "1..2",
    "<int:delivery_id>": "1",
    "<int:old>": "1",
    "<int:new>": "2",
    "<str:label>": "staging",
    "<str:uid>": "MQ",
    "<str:token>": "x-y",
    "<str:name>": "production",
    "<str:media_id>": "a3-kNPkqi4CqsC2b8aEuSf",
    "<path:trace_id>": "0af7651916cd43dd8448eb211c80319c",
    "<path:other_id>": "4bf92f3577b34da6a3ce929d0e0e4736",
    "<path:span_id>": "b7ad6b7169203331",
    "<path:score_id>": "s1",
    "<path:outcome_id>": "o1",
    "<path:name>": "helpfulness",
    "<path:key>": "item-1",
    "<str:dataset_id>": "ds-1",
    "<path:run>": "first run",
    "<path:run_id>": "0d5a1c0e4f2b3a69",
    "<slug:kind>": "code",
    "<slug:check>": "exact",
    "<path:observation_id>": "b7ad6b7169203331",
    "<path:session_id>": "session",
    "<anytext:trace_id>": "0af7651916cd43dd8448eb211c80319c",
    "<anytext:other_id>": "0af7651916cd43dd8448eb211c80319d",
    "<anytext:session_id>": "session",
    "<anytext:user_id>": "user",
    "<path:rest>": "v2/annotation-queues",
}


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


ROUTES = sorted(set(routes(get_resolver().url_patterns)))
IN_PROJECT = [route for route in ROUTES if route.startswith(PROJECT)]
# OTLP has its own address, by its specification.
IN_API = [
    route for route in ROUTES if route.startswith((API, LANGFUSE, "v1/")) and route not in OPEN
]
# Langfuse's own page addresses name a project by its id, and send its members on.
ELSEWHERE = "project/<str:project_id>"
TO_PROJECT = [route for route in ROUTES if route.startswith(ELSEWHERE)]


def address(route: str) -> str:
    for placeholder, sample in SAMPLES.items():
        route = route.replace(placeholder, sample)
    assert "<" not in route, f"Add a sample for the parameter in {route} to SAMPLES."
    return f"/{route}"


def test_every_address_has_a_rule() -> None:
    named = OPEN | SIGNED_IN | set(IN_PROJECT) | set(IN_API) | set(TO_PROJECT)
    assert [route for route in ROUTES if route not in named] == []
    assert (OPEN | SIGNED_IN) - set(ROUTES) == set()


def visitor(client: Client) -> Client:
    """The same client; what breaks is an answer of 500, so that its address is named."""
    client.raise_request_exception = False
    return client


def test_a_stranger_finds_no_project(project: Project, stranger_client: Client) -> None:
    stranger, wrong = visitor(stranger_client), []
    for route in IN_PROJECT:
        at = address(route)
        got, posted = stranger.get(at).status_code, stranger.post(at).status_code
        # The same answer as for a project that is not there.
        nowhere = stranger.get(at.replace("/support/", "/nowhere/")).status_code
        if not {got, posted} <= {404, 405} or nowhere != got:
            wrong.append((route, got, posted, nowhere))
    assert wrong == []


def test_nobody_gets_in_without_signing_in(project: Project, client: Client) -> None:
    nobody, wrong = visitor(client), []
    for route in [*IN_PROJECT, *sorted(SIGNED_IN)]:
        for method in ("get", "post"):
            answer = getattr(nobody, method)(address(route))
            is_sent_away = answer.headers.get("Location", "").startswith("/login/?next=")
            if answer.status_code not in {404, 405} and not is_sent_away:
                wrong.append((method, route, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("route", TO_PROJECT)
def test_langfuses_links_send_nobody_but_members_on(
    project: Project, client: Client, stranger_client: Client, owner_client: Client, route: str
) -> None:
    at = address(route.replace("<str:project_id>", str(project.pk)))
    assert client.get(at)["Location"].startswith("/login/?next=")
    assert stranger_client.get(at).status_code == 404
    assert stranger_client.get(at.replace(str(project.pk), "999999")).status_code == 404
    assert owner_client.get(at)["Location"].startswith("/p/support/")


def test_the_api_wants_a_key(project: Project, client: Client) -> None:
    nobody, wrong = visitor(client), []
    for route in IN_API:
        for method in METHODS:
            answer = getattr(nobody, method)(address(route))
            kind = answer.headers.get("Content-Type")
            if kind == "application/json":
                is_refusal = route.startswith(LANGFUSE) and set(answer.json()) == {
                    "message",
                    "error",
                }
            else:
                is_refusal = kind == "application/problem+json"
            if answer.status_code not in {401, 405} or not is_refusal:
                wrong.append((method, route, answer.status_code, kind))
    assert wrong == []


def test_a_strangers_key_finds_nothing_of_ours(project: Project, stranger_client: Client) -> None:
    forget()
    ours = make_key(project, name="our own key")
    elsewhere = Project.objects.get(slug="elsewhere")
    stranger, wrong = visitor(Client()), []
    for route in IN_API:
        theirs = make_key(elsewhere, scopes=list(Scope))  # each has a rate
        at = address(route).replace("/1", f"/{ours.stored.pk}")
        has_parameter = "<" in route
        allowed = {404, 405} if has_parameter else {200, 400, 405}
        allowed |= {200, 204} if route in IN_EVERY_PROJECT else set()
        # Without one there is nothing of ours to name; writing would go to their own project.
        for method in METHODS if has_parameter else ("get",):
            answer = getattr(stranger, method)(at, headers=theirs.headers)
            if answer.status_code not in allowed or "our own key" in answer.content.decode():
                wrong.append((method, at, answer.status_code))
        ours.stored.refresh_from_db()
        if ours.stored.revoked_at is not None:
            wrong.append((route, "revoked our key"))
    assert wrong == []
