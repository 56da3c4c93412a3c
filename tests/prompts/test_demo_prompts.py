"""The demo's prompts: a history, an open review, a canary with figures of its own traces."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import F
from django.test import Client

from accounts.models import Membership, Organization, Project
from accounts.services.projects import delete_project
from prompts.demo import Story, begin_canary, furnish
from prompts.models import ChangeRequest, LabelMove, Prompt, PromptVersion, Rollout, RolloutMinute
from prompts.queries.environments import people_who_review
from prompts.services.watching import look
from prompts.tasks import remove_prompts_of_deleted_projects
from tests.factories import make_user
from tests.prompts.making import make_request
from tests.traces.demo import today
from tests.traces.serving import Web
from traces.demo.loading import load_demo
from traces.demo.scenarios import Chosen


def made(slug: str, organization: Organization) -> Project:
    return Project.objects.create(organization=organization, slug=slug, name=slug.title())


def told(project: Project) -> list[Any]:
    """What a person sees of the demo's prompts, with its times."""
    versions = PromptVersion.objects.filter(prompt__project=project).order_by("prompt__name", "pk")
    moves = LabelMove.objects.filter(prompt__project=project).order_by("pk")
    rollouts = Rollout.objects.filter(prompt__project=project)
    return [
        list(versions.values_list("number", "content_hash", "message", "author", "created_at")),
        list(moves.values_list("label", "to_version__number", "at", "by")),
        list(ChangeRequest.objects.filter(project=project).values_list("title", "status")),
        list(rollouts.values_list("salt", "share", "started_at", "next_stage_at")),
    ]


@pytest.mark.django_db(transaction=True)
def test_the_demo_tells_of_its_prompts_and_a_repeat_adds_nothing(
    web: Web, organization: Organization
) -> None:
    def chosen(_: object = None) -> Chosen:
        return Chosen(today() - timedelta(days=1), days=7, scale=0.25)

    load_demo(web.url, chosen)
    project = Project.objects.get(is_demo=True)
    first = told(project)
    load_demo(web.url, chosen)
    assert told(project) == first
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct prompt_name, prompt_version from span where project_id = %s "
            "and prompt_version <> ''",
            [project.pk],
        )
        seen = {(name, int(number)) for name, number in cursor.fetchall()}
    rows = PromptVersion.objects.filter(prompt__project=project)
    assert seen <= set(rows.values_list("prompt__name", "number"))
    assert {("refund-agent", 14), ("refund-agent", 15), ("ticket-triage", 8)} <= seen
    for prompt in Prompt.objects.filter(project=project):
        made = list(prompt.versions.order_by("number").values_list("created_at", flat=True))
        assert made == sorted(made)
        moved = list(prompt.moves.order_by("pk").values_list("at", flat=True))
        assert moved == sorted(moved)
        assert not prompt.moves.filter(at__lt=F("to_version__created_at")).exists()
    rollout = Rollout.objects.get(prompt__project=project)
    look(rollout)
    rollout.refresh_from_db()
    assert rollout.status == Rollout.Status.ACTIVE, rollout.ended_why
    arms = set(RolloutMinute.objects.filter(rollout=rollout).values_list("is_new", flat=True))
    assert arms == {False, True}
    assert {verdict["state"] for verdict in rollout.verdicts.values()} == {"watch"}


@pytest.mark.django_db
def test_the_review_is_open_and_its_people_are_of_the_demo_alone(
    organization: Organization,
) -> None:
    demo = made("demo", organization)
    own = made("own", organization)
    before = {user.pk for user in people_who_review(own)}
    story = Story(demo, today(), 7)
    assert furnish(story)
    assert not furnish(story)
    assert begin_canary(story) is not None
    assert begin_canary(story) is None
    review = ChangeRequest.objects.get(project=demo, prompt__name="ticket-triage")
    assert review.status == ChangeRequest.Status.CHANGES_REQUESTED
    assert {check.state for check in review.checks.all()} == {"pass", "pending"}
    assert sorted(thread.line or 0 for thread in review.threads.all()) == [0, 3, 5]
    assert {user.pk for user in people_who_review(own)} == before
    assert not any(user.has_usable_password() for user in story.people.values())
    assert set(Membership.objects.filter(project=demo).values_list("user__email", flat=True)) == {
        user.email for user in story.people.values()
    }
    owner = Client()
    owner.force_login(make_user("o@example.com", organization=organization))
    for page in ("prompts/", "prompts/refund-agent/", f"reviews/{review.number}/", "reviews/"):
        assert owner.get(f"/p/{demo.slug}/{page}").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_a_deleted_project_no_prompt_is_left(organization: Organization) -> None:
    demo = made("demo", organization)
    story = Story(demo, today(), 7)
    furnish(story)
    begin_canary(story)
    kept = made("kept", organization)
    make_request(kept, make_user("author@example.com", organization=organization))
    delete_project(demo, typed_name=demo.name, actor=None)
    remove_prompts_of_deleted_projects(demo.pk)
    remove_prompts_of_deleted_projects()
    assert Prompt.objects.filter(project=kept).exists()
    assert ChangeRequest.objects.filter(project=kept).exists()
    for model in apps.get_app_config("prompts").get_models():
        for row in model._default_manager.all():
            owned = getattr(row, "project_id", kept.pk)
            assert owned == kept.pk, model
    assert not Rollout.objects.exists()
    assert set(PromptVersion.objects.values_list("prompt__project", flat=True)) == {kept.pk}
