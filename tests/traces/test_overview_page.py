"""The overview as a page: what is open, health with links that hold it, changes, failing names."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts import overview_panels
from accounts.models import Project, Role
from accounts.overview_panels import Panel, add_panel
from tests.factories import make_key, make_user
from tests.traces.seeing import call, span, store
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.feedback.given import GivenScore
from traces.ingest.record import Level
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db
PAGE = "/p/support/"


def settle() -> None:
    """On the connection of the test."""
    connection.ensure_connection()
    settle_what_is_due(connection.connection)


@pytest.fixture
def busy(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Fifty good traces two days ago; 25 bad of forty since, by a new model and release."""
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)
    store(
        project,
        *(call(f"o{n}", ago=40 * 3600 + n, name="answer", model="gpt-4o", cost=0.01,
               release="1.0") for n in range(50)),
        *(call(f"n{n}", ago=3700 + n, name="answer", model="gpt-5", cost=0.02, release="1.1",
               level=Level.ERROR if n < 25 else Level.DEFAULT) for n in range(40)),
        span("x", ago=60, name="other"),
        call("u", ago=60, name="other", model="nobody-knows"),
    )  # fmt: skip
    settle()
    record_scores(
        project.pk,
        [GivenScore("thumbs", n > 0, trace_id=f"n{n}", source="user") for n in range(4)],
    )
    return project


def test_every_figure_is_there_and_leads_to_what_it_counts(
    busy: Project, member_client: Client
) -> None:
    html = member_client.get(PAGE).content.decode()
    tiles = dict(re.findall(r'<dt>([^<]+)</dt><dd class="v num"><a href="([^"]+)">', html))
    assert set(tiles) == {"Traces", "Error rate", "Latency, p95", "Cost", "Thumbs down"}
    assert ">42</a>" in html
    assert "59.5%" in html
    assert "25 failed, 0 recovered" in html
    assert "$0.80" in html
    assert "25%" in html
    assert "1 of 4 rated traces" in html
    down = member_client.get(tiles["Thumbs down"].replace("&amp;", "&")).content.decode()
    assert set(re.findall(r'title="(n\d+|o\d+|x|u)"', down)) == {"n0"}
    listed = member_client.get(tiles["Error rate"].replace("&amp;", "&")).content.decode()
    assert set(re.findall(r'title="(n\d+|o\d+|x|u)"', listed)) == {f"n{n}" for n in range(25)}


def test_what_changed_names_releases_models_and_what_became_worse(
    busy: Project, member_client: Client
) -> None:
    html = member_client.get(PAGE).content.decode()
    for words in ("New release", "1.1", "New model", "gpt-5", "More errors", "0% to 62.5%"):
        assert words in html, words
    assert "New prompt version" not in html
    assert html.count('class="mk"') == 2 * html.count("<circle")  # on both lanes
    evidence = re.findall(
        r'<span class="muted">New model</span> <a class="med" href="([^"]+)"', html
    )
    listed = [member_client.get(href.replace("&amp;", "&")).content.decode() for href in evidence]
    assert any('title="n3"' in page and 'title="o3"' not in page for page in listed)


def test_comparing_is_chosen_by_the_address(busy: Project, member_client: Client) -> None:
    html = member_client.get(f"{PAGE}?vs=none").content.decode()
    assert "compared with" not in html
    assert "More errors" not in html
    assertContains(member_client.get(f"{PAGE}?vs=7d"), "compared with a week earlier")
    low, high = timezone.now() - timedelta(hours=60), timezone.now() - timedelta(hours=30)
    given = f"{low:%Y-%m-%dT%H:%MZ}..{high:%Y-%m-%dT%H:%MZ}"
    assertContains(member_client.get(f"{PAGE}?vs={given}"), "0% to 62.5%")
    assertContains(member_client.get(f"{PAGE}?vs=soon"), "Write 24h, 7d")
    assertContains(member_client.get(f"{PAGE}?t=400d"), "shows up to 90 days")


def test_what_is_open_follows_the_role(busy: Project, member_client: Client) -> None:
    make_key(busy, name="old one", expires_at=timezone.now() + timedelta(days=3))
    engineer = member_client.get(PAGE)
    assertContains(engineer, "calls have no price")
    assertContains(engineer, "nobody-knows")
    assertContains(engineer, "The key “old one” ends")
    viewer = Client()
    viewer.force_login(make_user("v@x.org", organization=busy.organization, role=Role.VIEWER))
    seen = viewer.get(PAGE)
    assertContains(seen, "All 25 that failed")
    assertNotContains(seen, "calls have no price")
    assertNotContains(seen, "old one")


def test_other_apps_add_panels_by_address(
    busy: Project, member_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview_panels, "_panels", [])
    for _ in range(2):
        add_panel(Panel("models", "Models in use", "traces:models_seen", is_open=False))
    add_panel(Panel("keys", "Keys", "accounts:keys", least=Role.OWNER))
    html = member_client.get(f"{PAGE}?env=*").content.decode()
    assert html.count('hx-get="/p/support/models-seen/?env=%2A" hx-trigger="load"') == 1
    assert 'hx-get="/p/support/settings/keys/' not in html


def test_an_environment_narrows_all_of_it(busy: Project, member_client: Client) -> None:
    html = member_client.get(f"{PAGE}?env=nowhere").content.decode()
    assert "All 25 that failed" not in html
    assert "calls have no price" not in html
    assert "No trace failed." in html
    assertContains(member_client.get(f"{PAGE}?piece=envs", headers={"HX-Request": "true"}), "All")


def test_what_is_not_counted_yet_is_said(project: Project, member_client: Client) -> None:
    store(project, call("a"))
    assertContains(member_client.get(PAGE), "counted a few seconds after the last span")
    store(project, call("b", ago=9 * 86_400))
    assertContains(member_client.get(f"{PAGE}?env=*&t=1h"), "The newest trace is of")


def test_the_queries_do_not_grow_with_the_data(
    busy: Project, member_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    member_client.get(PAGE)
    with django_assert_max_num_queries(34):
        member_client.get(PAGE)
    with django_assert_max_num_queries(34):
        member_client.get(f"{PAGE}?t=30d")
