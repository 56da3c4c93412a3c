"""Projects are made, renamed, removed; the list shows only what one may enter."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import ApiKey, Membership, Organization, Project, Scope, User
from accounts.services import projects
from accounts.signals import project_deleted
from accounts.verification import Refused, verify
from audit.models import AuditEntry
from tests.factories import make_key, make_user

pytestmark = pytest.mark.django_db
GENERAL = "/p/support/settings/general/"


def test_home_leads_to_the_only_project(owner_client: Client) -> None:
    assert owner_client.get("/")["Location"] == "/p/support/"
    assertContains(owner_client.get("/projects/"), "Support")


def test_home_lists_several_and_no_strangers(
    owner_client: Client, organization: Organization, alice: User, charlie: User
) -> None:
    projects.make_project(organization, "Claims", actor=alice)
    response = owner_client.get("/")
    assertContains(response, "Claims")
    assertNotContains(response, "Elsewhere")


def test_home_of_somebody_without_a_project_says_whom_to_ask(client: Client) -> None:
    client.force_login(make_user("lost@example.com"))
    assertContains(client.get("/"), "You belong to no project yet")
    assert client.get("/projects/new/").status_code == 403


def test_the_form_makes_a_project_and_goes_there(
    owner_client: Client, organization: Organization
) -> None:
    form = {"name": "Claims desk", "slug": "", "organization": organization.pk}
    assert owner_client.post("/projects/new/", form)["Location"] == "/p/claims-desk/"
    assert AuditEntry.objects.get(action="project.created").details == {"name": "Claims desk"}


def test_a_taken_slug_is_told_at_the_field(
    owner_client: Client, organization: Organization
) -> None:
    form = {"name": "Again", "slug": "support", "organization": organization.pk}
    assertContains(owner_client.post("/projects/new/", form), "is taken", status_code=422)


def test_nobody_builds_in_a_foreign_organization(owner_client: Client, charlie: User) -> None:
    foreign = Membership.objects.get(user=charlie).organization_id
    form = {"name": "Cuckoo", "slug": "", "organization": foreign}
    assert owner_client.post("/projects/new/", form).status_code == 422
    assert not Project.objects.filter(name="Cuckoo").exists()


@pytest.mark.parametrize(
    ("name", "slug"), [("Support", "support-2"), ("Über_uns!", "uber-uns"), ("日本", "project")]
)
def test_slugs_come_from_names_and_are_free(project: Project, name: str, slug: str) -> None:
    assert projects.slug_for(name) == slug


def test_renaming_keeps_the_slug(owner_client: Client, project: Project) -> None:
    assert owner_client.post(GENERAL, {"name": "Customer support"}).status_code == 303
    project.refresh_from_db()
    assert (project.name, project.slug) == ("Customer support", "support")


def test_deleting_wants_the_name_typed(owner_client: Client, project: Project) -> None:
    response = owner_client.post(f"{GENERAL}delete/", {"typed_name": "support"})
    assertContains(response, "This is not Support", status_code=422)
    with pytest.raises(projects.WrongName):
        projects.delete_project(project, typed_name="support", actor=None)


def test_deleting_shuts_the_keys_frees_the_slug_and_tells_others(
    owner_client: Client,
    project: Project,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    key, heard = make_key(project), []
    verify({"x-api-key": key.secret}, Scope.READ)

    def listen(project_id: int, **_: object) -> None:
        heard.append(project_id)

    project_deleted.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            owner_client.post(f"{GENERAL}delete/", {"typed_name": "Support"})
    finally:
        project_deleted.disconnect(listen)
    assert heard == [project.pk]
    with pytest.raises(Refused):
        verify({"x-api-key": key.secret}, Scope.READ)
    assert owner_client.get(GENERAL).status_code == 404
    assert projects.slug_for("Support") == "support"


def test_the_demo_goes_in_one_click_and_may_come_again(
    owner_client: Client, organization: Organization
) -> None:
    demo = projects.make_demo_project(organization)
    assert (demo.project.slug, demo.project.is_demo) == ("demo", True)
    key = ApiKey.objects.get(project=demo.project)
    assert key.scopes == ["ingest"]
    assert key.expires_at is not None
    assert owner_client.post("/p/demo/settings/general/delete/").status_code == 303
    assert projects.make_demo_project(organization).project.slug == "demo"


def test_a_demo_that_is_there_is_kept(organization: Organization) -> None:
    first, again = (projects.make_demo_project(organization) for _ in range(2))
    assert first.project == again.project
