"""The first owner, project and keys, made without a click and any number of times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from accounts import keys as wire
from accounts.models import SLUG, ApiKey, Organization, Project, User
from accounts.services import keys, people, projects
from kit.errors import DomainError

DEFAULT_EMAIL = "admin@localhost"
DEFAULT_PROJECT = "my-project"
KEY_NAME = "First key"
_LOCK = 0x726F6164  # "road"; any number that no other advisory lock of ours uses


class Misconfigured(DomainError):
    """What the environment asks for cannot be made. The text says which variable is wrong."""


@dataclass(frozen=True)
class Provisioned:
    """What stands now; `password` and `secret_key` only when they were made up here and now."""

    created: bool
    email: str
    password: str | None
    project_slug: str
    public_key: str
    secret_key: str | None


@dataclass(frozen=True)
class _Wanted:
    email: str
    password: str
    project: str
    public_key: str
    secret_key: str

    @property
    def pair(self) -> wire.Pair | None:
        return wire.Pair(self.public_key, self.secret_key) if self.public_key else None


def provision(env: Mapping[str, str] | None = None) -> Provisioned:
    """Make what is missing of owner, organization, project and keys; change nothing that exists.

    Reads `ROADWORTHY_INIT_*` of `env`, without it the settings of the same names. In an empty
    database everything is made; otherwise only what a variable names. Safe in many processes at
    once. Raises: Misconfigured.
    """
    wanted = _wanted(env)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        return _provision(wanted)


def _provision(wanted: _Wanted) -> Provisioned:
    is_empty = not User.objects.exists()
    organization = _organization(wanted)
    password, email = None, wanted.email
    if is_empty or (email and not User.objects.filter(email__iexact=email).exists()):
        admin = people.make_owner(
            email or DEFAULT_EMAIL, password=wanted.password or None, organization=organization
        )
        email, organization = admin.user.email, admin.organization
        password = None if wanted.password else admin.password
    if not email:
        email = _first_owner()
    project = _project(wanted, organization, is_empty)
    if project is None:
        return Provisioned(is_empty, email, password, "", "", None)
    public_key, secret_key = _key(wanted, project)
    return Provisioned(is_empty, email, password, project.slug, public_key, secret_key)


def _organization(wanted: _Wanted) -> Organization | None:
    """That of the named project, else the first; None where there is none."""
    named = Project.objects.filter(slug=wanted.project, deleted_at=None).first()
    return named.organization if named else Organization.objects.order_by("pk").first()


def _project(wanted: _Wanted, organization: Organization | None, is_empty: bool) -> Project | None:
    there = Project.objects.filter(deleted_at=None)
    if wanted.project:
        project = there.filter(slug=wanted.project).first()
    else:
        project = there.filter(is_demo=False).order_by("pk").first()
    if project is None and (wanted.project or is_empty):
        if organization is None:
            organization = projects.make_organization("My organization", actor=None)
        slug = wanted.project or DEFAULT_PROJECT
        name = slug.replace("-", " ").capitalize()
        project = projects.make_project(organization, name, slug=slug, actor=None)
    return project


def _key(wanted: _Wanted, project: Project) -> tuple[str, str | None]:
    """Public key, and the secret when it was made up here; makes a key where none is there."""
    if pair := wanted.pair:
        known = ApiKey.objects.filter(public_key=pair.public).first()
        if known is None:
            keys.create_key(project, KEY_NAME, pair=pair, actor=None)
        elif known.secret_hash != wire.secret_hash(pair.secret):
            raise Misconfigured(
                f"ROADWORTHY_INIT_PUBLIC_KEY {pair.public} is known here with another secret key; "
                "set ROADWORTHY_INIT_SECRET_KEY to that, or both to a new pair."
            )
        elif known.project_id != project.pk:
            raise Misconfigured(
                f"ROADWORTHY_INIT_PUBLIC_KEY {pair.public} belongs to the project "
                f"{known.project.slug}; set both keys to a new pair for {project.slug}."
            )
        return pair.public, None
    stored = ApiKey.objects.filter(project=project).order_by("pk")
    first = stored.filter(revoked_at=None, expires_at=None).first() or stored.first()
    if first is not None:
        return first.public_key, None
    made = keys.create_key(project, KEY_NAME, actor=None)
    return made.pair.public, made.pair.secret


def _first_owner() -> str:
    users = User.objects.filter(is_active=True)
    owner = users.filter(memberships__role="owner").order_by("pk").first()
    found = owner or users.order_by("pk").first()
    return found.email if found else ""


def _wanted(env: Mapping[str, str] | None) -> _Wanted:
    if env is not None:
        values = {
            name: env.get(f"ROADWORTHY_INIT_{name.upper()}", "").strip()
            for name in ("email", "password", "project", "public_key", "secret_key")
        }
    else:
        values = {
            "email": settings.INIT_EMAIL or "",
            "password": settings.INIT_PASSWORD or "",
            "project": settings.INIT_PROJECT or "",
            "public_key": settings.INIT_PUBLIC_KEY or "",
            "secret_key": settings.INIT_SECRET_KEY or "",
        }
    wanted = _Wanted(**values)
    if bool(wanted.public_key) != bool(wanted.secret_key):
        raise Misconfigured(
            "ROADWORTHY_INIT_PUBLIC_KEY and ROADWORTHY_INIT_SECRET_KEY go together; one is missing."
        )
    if wanted.pair and not wire.is_pair(wanted.pair):
        raise Misconfigured(
            "ROADWORTHY_INIT_PUBLIC_KEY must look like pk-… and ROADWORTHY_INIT_SECRET_KEY like "
            "sk-…, 6 to 79 characters without blanks."
        )
    if wanted.project and not _is_slug(wanted.project):
        raise Misconfigured(
            "ROADWORTHY_INIT_PROJECT must be a slug: lower-case letters, digits and hyphens."
        )
    return wanted


def _is_slug(text: str) -> bool:
    try:
        SLUG(text)
    except ValidationError:
        return False
    return len(text) <= projects.SLUG_LENGTH
