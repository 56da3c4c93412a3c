"""The command palette finds pages, ids, people and pasted words, of one's own projects alone."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts.models import Project, User
from kit.palette import MOST_ENTRIES
from tests.factories import make_project
from tests.traces.seeing import call, store
from tests.traces.test_saved_views import save

pytestmark = pytest.mark.django_db

ASKED = {"X-Requested-With": "fetch"}


def found(client: Client, text: str, at: str = "/p/support/find/") -> dict[str, str]:
    """Texts of the lines, and where they lead or what they do."""
    page = client.get(at, {"q": text}, headers=ASKED).content.decode()
    lines = re.findall(
        r'data-(?:href|act)="([^"]*)".*?<span class="grow trunc">([^<]*)</span>', page, re.DOTALL
    )
    return {word: target.replace("&amp;", "&") for target, word in lines}


@pytest.fixture
def traced(project: Project) -> Project:
    for place in range(6):
        store(
            project,
            call(f"7f3a{place}", "s", user_id=f"u_{place}", session_id=f"chat-{place}"),
        )
    return project


def test_it_jumps_to_pages_settings_and_other_projects(
    project: Project, owner_client: Client
) -> None:
    Project.objects.create(organization=project.organization, slug="billing", name="Billing")
    make_project("secret", name="Secret billing")
    assert found(owner_client, "sess")["Sessions"] == "/p/support/sessions/"
    assert found(owner_client, "api key")["API keys"] == "/p/support/settings/keys/"
    projects = found(owner_client, "billing")
    assert projects["Billing"] == "/p/billing/"
    assert "Secret billing" not in projects
    assert found(owner_client, "dark")["Dark theme"] == "theme-dark"
    assert len(found(owner_client, "")) == MOST_ENTRIES


def test_ids_that_begin_so(traced: Project, owner_client: Client) -> None:
    lines = found(owner_client, "7f3a2")
    assert next(iter(lines.values())) == "/p/support/traces/7f3a2/"
    assert len([target for target in found(owner_client, "7f3a").values() if "7f3a" in target]) == 5
    assert found(owner_client, "chat-1")["chat-1"] == "/p/support/sessions/chat-1/"
    user = urlsplit(found(owner_client, "u_3")["u_3"])
    assert parse_qs(user.query)["q"] == ["user:u_3"]
    pasted = found(owner_client, "http://localhost:8000/p/support/traces/7f3a4/?span=s")
    assert "/p/support/traces/7f3a4/" in pasted.values()


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Your order is on its way.", '"Your order is on its way."'),
        ('He said "no"\nand left', '"He said no and left"'),
        ("chatcmpl-AbC123", "id:chatcmpl-AbC123"),
    ],
)
def test_a_paste_becomes_a_search(
    project: Project, owner_client: Client, text: str, query: str
) -> None:
    targets = [urlsplit(target) for target in found(owner_client, text).values()]
    searches = [parse_qs(target.query).get("q", [""])[0] for target in targets]
    assert query in [" ".join(search.split()) for search in searches]


def test_a_user_and_a_time(project: Project, owner_client: Client) -> None:
    lines = found(owner_client, "u_48213 2026-11-20 14:02")
    (target,) = [lines[line] for line in lines if line.startswith("Traces of u_48213")]
    given = parse_qs(urlsplit(target).query)
    assert given["q"] == ["user:u_48213"]
    assert given["t"] == ["2026-11-20T13:52:00+00:00..2026-11-20T14:12:00+00:00"]
    assert not any(line.startswith("Traces of") for line in found(owner_client, "u_1 99:99"))


def test_views_of_others_are_not_found(
    project: Project, owner_client: Client, member_client: Client
) -> None:
    save(member_client, "Slow ones")
    assert "Slow ones" in found(member_client, "slow")
    assert "Slow ones" not in found(owner_client, "slow")


def test_without_a_project_and_without_script(
    project: Project, owner_client: Client, charlie: User, stranger_client: Client
) -> None:
    assert found(owner_client, "supp", at="/find/")["Support"] == "/p/support/"
    assert "Support" not in found(stranger_client, "supp", at="/find/")
    page = owner_client.get("/p/support/find/", {"q": "sess"}).content.decode()
    assert '<a class="mi" href="/p/support/sessions/">' in page
    assert "Dark theme" not in page


@pytest.mark.parametrize("text", ["\0", "<b>x</b>", "%00", "x" * 5000, "\U0010ffff", "'; --"])
def test_any_text_is_only_text(project: Project, owner_client: Client, text: str) -> None:
    response = owner_client.get("/p/support/find/", {"q": text}, headers=ASKED)
    assert response.status_code == 200
    assert "<b>" not in response.content.decode()


def test_it_asks_few_statements(
    traced: Project, owner_client: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        found(owner_client, "7f3a")
