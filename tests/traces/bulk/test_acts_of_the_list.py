"""What the bar of the list sends: done at once where it is little, asked before it is deleted."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Organization, Project, Role
from tests.conftest import _client
from tests.factories import make_user
from tests.traces.bulk.working import furnish, run
from traces.models import BulkJob, Trace, TraceTag

pytestmark = pytest.mark.django_db(transaction=True)

BULK = "/p/support/traces/bulk/"


def client_as(organization: Organization, role: Role) -> Client:
    return _client(make_user(f"{role}@example.com", organization=organization, role=role))


def test_some_are_tagged_before_the_list_comes_back(
    project: Project, member_client: Client
) -> None:
    names = furnish(project, 3)
    sent = {"act": "tag", "tags": "good, better", "id": names[:2], "list": "?q=user:u0"}
    response = member_client.post(BULK, sent, follow=True)
    assert response.redirect_chain == [("/p/support/traces/?q=user%3Au0", 303)]
    assert "2 traces tagged." in response.content.decode()
    assert TraceTag.objects.count() == 4


def test_all_that_match_become_a_job(project: Project, member_client: Client) -> None:
    furnish(project, 4)
    sent = {"act": "tag", "tags": "x", "all": "1", "list": "?q=user:u1&t=7d"}
    response = member_client.post(BULK, sent)
    job = BulkJob.objects.get()
    assert response["Location"] == f"/p/support/jobs/{job.pk}/"
    page = member_client.get(response["Location"]).content.decode()
    assert "Tag with x" in page
    assert "0 traces found so far" in page
    run(job)
    assert "2 traces tagged." in member_client.get(response["Location"]).content.decode()


def test_deleting_names_the_count_first(project: Project, owner_client: Client) -> None:
    names = furnish(project, 4)
    asked = owner_client.post(BULK, {"act": "delete", "all": "1", "list": "q=user:u0&t=7d"})
    assert asked.status_code == 200
    page = asked.content.decode()
    assert "Delete 2 traces?" in page
    assert not BulkJob.objects.exists()
    fixed = page.split('name="list" value="')[1].split('"')[0].replace("&amp;", "&")
    owner_client.post(BULK, {"act": "delete", "all": "1", "list": fixed, "confirm": "1"})
    run(BulkJob.objects.get())
    assert Trace.objects.count() == 2
    some = {"act": "delete", "id": names[1:2], "confirm": "1", "list": ""}
    response = owner_client.post(BULK, some, follow=True)
    assert "1 trace deleted." in response.content.decode()
    assert Trace.objects.count() == 1


def test_htmx_gets_the_question_alone(project: Project, owner_client: Client) -> None:
    names = furnish(project, 1)
    sent = {"act": "delete", "id": names}
    page = owner_client.post(BULK, sent, headers={"HX-Request": "true"}).content.decode()
    assert "Delete 1 trace?" in page
    assert "<html" not in page


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.VIEWER, {"export"}),
        (Role.ENGINEER, {"export", "export with content", "tag", "untag"}),
        (Role.ADMIN, {"export", "export with content", "tag", "untag", "delete"}),
    ],
)
def test_each_role_may_do_its_part(
    project: Project, organization: Organization, role: Role, allowed: set[str]
) -> None:
    names = furnish(project, 2)[:1]
    client = client_as(organization, role)
    acts = {
        "export": {"act": "export"},
        "export with content": {"act": "export", "content": "1"},
        "tag": {"act": "tag", "tags": "x"},
        "untag": {"act": "untag", "tags": "x"},
        "delete": {"act": "delete", "confirm": "1"},
    }
    for name, sent in acts.items():
        status = client.post(BULK, {**sent, "id": names}).status_code
        assert (name, status) == (name, 303 if name in allowed else 403)
    page = client.get("/p/support/traces/").content.decode()
    assert ('id="bulk-tag"' in page) == ("tag" in allowed)
    assert ('aria-label="Delete"' in page) == ("delete" in allowed)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"act": "tag", "tags": " , ", "all": "1"}, "Write at least one tag."),
        ({"act": "tag", "tags": "x"}, "Choose at least one trace."),
        ({"act": "fly", "all": "1"}, "not one of the available choices"),
        ({"act": "export", "format": "xml", "all": "1"}, "not one of the available choices"),
        ({"act": "tag", "tags": "x", "all": "1", "list": "q=latency>"}, "cannot be read"),
        ({"act": "tag", "tags": "x", "id": ["a\0b"]}, "Choose at least one trace."),
    ],
)
def test_what_cannot_be_done_is_said(
    project: Project, owner_client: Client, sent: dict[str, str], said: str
) -> None:
    furnish(project, 1)
    page = owner_client.post(BULK, sent, follow=True).content.decode()
    assert said in page
    assert not BulkJob.objects.exists()
