"""Makes the few objects that tests need, with only what matters said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts import keys
from accounts.models import ApiKey, Membership, Organization, Project, Role, User

PASSWORD = "correct horse battery"


def make_project(slug: str = "support", name: str = "", **fields: Any) -> Project:
    organization, _ = Organization.objects.get_or_create(
        slug=f"{slug}-org", defaults={"name": f"{slug.title()} Inc"}
    )
    return Project.objects.create(
        organization=organization, slug=slug, name=name or slug.title(), **fields
    )


def make_user(
    email: str, *, organization: Organization | None = None, role: Role = Role.VIEWER
) -> User:
    user = User.objects.create_user(email, PASSWORD)
    if organization is not None:
        Membership.objects.create(user=user, organization=organization, role=role)
    return user


@dataclass(frozen=True)
class Key:
    """A stored key with the secret that the database no longer knows."""

    stored: ApiKey
    public: str
    secret: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}


def make_key(project: Project, **fields: Any) -> Key:
    pair = keys.new_pair()
    stored = ApiKey.objects.create(
        project=project,
        name=fields.pop("name", "tests"),
        public_key=pair.public,
        secret_hash=keys.secret_hash(pair.secret),
        secret_hint=keys.hint(pair.secret),
        **fields,
    )
    return Key(stored, pair.public, pair.secret)
