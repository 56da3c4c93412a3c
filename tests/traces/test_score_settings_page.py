"""The page of score definitions: who sees it, who writes, what it counts."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Organization, Project, Role
from audit.models import AuditEntry
from tests.factories import make_user
from traces.feedback.given import GivenScore, Terms
from traces.models import ScoreDefinition
from traces.services.score_definitions import define_score
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db

URL = "/p/support/settings/scores/"
NEW = {"name": "helpfulness", "data_type": "number", "minimum": "0", "maximum": "1"}


@pytest.fixture
def defined(project: Project) -> ScoreDefinition:
    return define_score(project, Terms("helpfulness", minimum=0, maximum=1), actor=None)


def viewer(organization: Organization) -> Client:
    client = Client()
    client.force_login(make_user("v@example.com", organization=organization, role=Role.VIEWER))
    return client


def test_engineers_read_and_admins_write(
    defined: ScoreDefinition, member_client: Client, owner_client: Client
) -> None:
    assertContains(member_client.get(URL), "helpfulness")
    assertNotContains(member_client.get(URL), "Define score")
    for address in (URL, f"{URL}{defined.pk}/", f"{URL}{defined.pk}/archive/"):
        assert member_client.post(address, NEW).status_code == 403
    assertContains(owner_client.get(URL), "Define score")
    assertContains(owner_client.get("/p/support/settings/general/"), URL)


def test_viewers_are_told_which_role_is_needed(defined: ScoreDefinition) -> None:
    client = viewer(defined.project.organization)
    assertContains(client.get(URL), "engineer", status_code=403)
    assertNotContains(client.get("/p/support/settings/general/"), URL)


def test_a_definition_is_made_changed_archived_deleted(
    project: Project, owner_client: Client
) -> None:
    sent = {**NEW, "sources": ["judge", "human"], "primary_for": " refund-agent \n\nsummaries"}
    assert owner_client.post(URL, sent).status_code == 303
    made = ScoreDefinition.objects.get()
    assert (made.minimum, made.maximum, made.sources) == (0, 1, ["judge", "human"])
    assert made.primary_for == ["refund-agent", "summaries"]
    edit = f"{URL}{made.pk}/"
    assertContains(owner_client.get(edit), "refund-agent\nsummaries")
    changed = {**sent, "name": "ignored", "maximum": "5", "primary_for": ""}
    assert owner_client.post(edit, changed).status_code == 303
    made.refresh_from_db()
    assert (made.name, made.maximum, made.primary_for) == ("helpfulness", 5, [])
    for is_archived in (True, False):
        assert owner_client.post(f"{edit}archive/").status_code == 303
        made.refresh_from_db()
        assert made.is_archived is is_archived
    assert owner_client.post(f"{edit}delete/").status_code == 303
    assert owner_client.get(edit).status_code == 404
    entries = AuditEntry.objects.order_by("sequence")
    actions = [entry.action.removeprefix("score_definition.") for entry in entries]
    assert actions == ["created", "changed", "changed", "changed", "deleted"]
    assert entries[1].details["after"] == {"maximum": "5.0", "primary_for": []}
    assert entries[1].actor_label == "alice@example.com"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"minimum": "2"}, "maximum"),
        ({"minimum": "low"}, "minimum"),
        ({"categories": "a"}, "categories"),
        ({"data_type": "category"}, "minimum"),
        (
            {"data_type": "category", "minimum": "", "maximum": "", "categories": "a\na"},
            "categories",
        ),
        ({"primary_for": "summaries"}, "primary_for"),
    ],
)
def test_what_cannot_stand_is_422_at_its_field(
    project: Project, owner_client: Client, fields: dict[str, str], field: str
) -> None:
    define_score(project, Terms("other", primary_for=["summaries"]), actor=None)
    response = owner_client.post(URL, {**NEW, **fields})
    assertContains(response, f'href="#id_{field}"', status_code=422)
    assert ScoreDefinition.objects.count() == 1


def test_use_is_counted_and_linked(defined: ScoreDefinition, owner_client: Client) -> None:
    project_id = defined.project_id
    given = [GivenScore("helpfulness", 1, trace_id=f"t{n}") for n in range(7)]
    record_scores(project_id, [*given, GivenScore("tone & co", "polite", trace_id="t")])
    html = owner_client.get(URL).content.decode()
    assert "score.helpfulness=*" in html
    assert ">7<span" in html
    assert "?name=tone%20%26%20co&amp;data_type=category#new-h" in html
    prefilled = owner_client.get(f"{URL}?name=tone&data_type=category")
    assertContains(prefilled, 'value="tone"')


def test_the_queries_do_not_grow(project: Project, owner_client: Client) -> None:
    counts = []
    for known in (1, 12):
        for n in range(known):
            if not ScoreDefinition.objects.filter(name=f"n{n}").exists():
                define_score(project, Terms(f"n{n}"), actor=None)
            record_scores(project.pk, [GivenScore(f"m{n}", 1, trace_id="t")])
        with CaptureQueriesContext(connection) as asked:
            assert owner_client.get(URL).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 14
