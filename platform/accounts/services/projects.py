"""Organizations and projects: making, renaming and removing them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.keys import Pair
from accounts.models import Membership, Organization, Project, Role, Scope, User
from accounts.services import keys
from accounts.services.trail import Actor, person, record
from accounts.signals import project_deleted
from kit.errors import DomainError

DEMO_SLUG = "demo"
DEMO_KEY_LIFE = timedelta(days=1)  # the seeder needs minutes; a forgotten key should not live on
SLUG_LENGTH = 63


class SlugTaken(DomainError):
    """Another project has this slug."""


class WrongName(DomainError):
    """The name typed to confirm a removal is another one."""


@dataclass(frozen=True)
class Demo:
    """The demo project, and the key its seeder sends with."""

    project: Project
    pair: Pair


def slug_for(name: str) -> str:
    """`name` as a slug that no project has yet."""
    base = re.sub(r"-+", "-", slugify(name).replace("_", "-")).strip("-")[: SLUG_LENGTH - 5]
    base = base.strip("-") or "project"
    taken = set(Project.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(
        slug
        for number in range(1, len(taken) + 2)
        if (slug := base if number == 1 else f"{base}-{number}") not in taken
    )


@transaction.atomic
def make_organization(name: str, *, slug: str = "", actor: Actor) -> Organization:
    """A new organization; the person who makes it owns it."""
    slug = slug or slugify(name)[:SLUG_LENGTH].strip("-") or "organization"
    if Organization.objects.filter(slug=slug).exists():
        raise SlugTaken(f"An organization with the address name {slug} exists.")
    organization = Organization.objects.create(name=name, slug=slug)
    if founder := person(actor):
        Membership.objects.create(user=founder, organization=organization, role=Role.OWNER)
    record("organization.created", actor=actor, organization=organization, subject=organization)
    return organization


@transaction.atomic
def make_project(
    organization: Organization, name: str, *, slug: str = "", is_demo: bool = False, actor: Actor
) -> Project:
    """A new project; without a slug, one made from its name. Raises: SlugTaken."""
    slug = slug or slug_for(name)
    # Two may want the same slug at once: the constraint decides, in a savepoint of its own.
    project, is_new = Project.objects.get_or_create(
        slug=slug, defaults={"organization": organization, "name": name, "is_demo": is_demo}
    )
    if not is_new:
        raise SlugTaken(f"The address name {slug} is taken; choose another.")
    record("project.created", actor=actor, project=project, subject=project, name=name)
    return project


@transaction.atomic
def rename_project(project: Project, name: str, *, actor: Actor) -> Project:
    """Give the project another name; its slug, and with it every address, stays."""
    before, project.name = project.name, name
    project.save(update_fields=["name"])
    record(
        "project.renamed", actor=actor, project=project, subject=project, before=before, after=name
    )
    return project


@transaction.atomic
def delete_project(project: Project, *, typed_name: str = "", actor: Actor) -> None:
    """Close the project at once and free its slug; its data is removed by whoever hears the signal.

    A demo goes without further ado; any other project only when its name was typed.
    Raises: WrongName.
    """
    if not project.is_demo and typed_name.strip() != project.name:
        raise WrongName(f"Type {project.name} exactly as it stands here to delete the project.")
    slug = project.slug
    project.deleted_at = timezone.now()
    project.slug = f"{slug[: SLUG_LENGTH - 25]}-deleted-{project.pk}"
    project.save(update_fields=["deleted_at", "slug"])
    record("project.deleted", actor=actor, project=project, slug=slug, is_demo=project.is_demo)
    keys.announce_change()
    project_id = project.pk
    transaction.on_commit(lambda: project_deleted.send(Project, project_id=project_id))


@transaction.atomic
def make_demo_project(organization: Organization | None = None, *, actor: Actor = None) -> Demo:
    """The demo project, made where it is missing, and a new key of a day that may only send.

    Without an organization it goes to the first one there is.
    """
    organization = organization or Organization.objects.order_by("pk").first()
    if organization is None:
        raise DomainError("There is no organization yet; run `roadworthy createadmin` first.")
    project = Project.objects.filter(
        organization=organization, is_demo=True, deleted_at=None
    ).first()
    if project is None:
        slug = slug_for(DEMO_SLUG)
        project = make_project(organization, "Demo", slug=slug, is_demo=True, actor=actor)
    made = keys.create_key(
        project,
        "Demo data",
        scopes=[Scope.INGEST],
        expires_at=timezone.now() + DEMO_KEY_LIFE,
        actor=actor,
    )
    return Demo(project, made.pair)


def organizations_to_build_in(user: User) -> list[Organization]:
    """Organizations in which `user` may make projects: those they administer as a whole."""
    return list(
        Organization.objects.filter(
            memberships__user=user,
            memberships__project=None,
            memberships__role__in=[Role.ADMIN, Role.OWNER],
        ).order_by("name")
    )
