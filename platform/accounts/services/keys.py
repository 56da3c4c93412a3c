"""Project keys: making, rotating, revoking them, and changing what they may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import verification
from accounts.keys import Pair, hint, new_pair, secret_hash
from accounts.models import ApiKey, Project, Scope, default_scopes
from accounts.services.trail import Actor, record, responsible
from kit import live
from kit.errors import DomainError

ROTATION_OVERLAP = timedelta(hours=24)  # time to bring the new key to every program


class KeyIsDead(DomainError):
    """The key was revoked, has expired or was rotated before."""


class NoScope(DomainError):
    """A key without a scope could do nothing."""


class KeyExists(DomainError):
    """The given public or secret key is in use."""


@dataclass(frozen=True)
class Made:
    """A stored key with its pair; nobody can show the secret again."""

    key: ApiKey
    pair: Pair


@transaction.atomic
def create_key(
    project: Project,
    name: str,
    *,
    scopes: Iterable[str] | None = None,
    expires_at: datetime | None = None,
    pair: Pair | None = None,
    actor: Actor,
    rotated_from: ApiKey | None = None,
) -> Made:
    """A new key of `project`; without scopes, all but admin; without a pair, a random one.

    Raises: NoScope, KeyExists.
    """
    pair = pair or new_pair()
    hashed = secret_hash(pair.secret)
    chosen = _scopes(default_scopes() if scopes is None else scopes)
    if ApiKey.objects.filter(public_key=pair.public).exists():
        raise KeyExists(f"The public key {pair.public} is in use.")
    if ApiKey.objects.filter(secret_hash=hashed).exists():
        raise KeyExists("This secret key is in use by another public key.")
    key = ApiKey.objects.create(
        project=project,
        name=name,
        public_key=pair.public,
        secret_hash=hashed,
        secret_hint=hint(pair.secret),
        scopes=chosen,
        expires_at=expires_at,
        created_by=responsible(actor) or (rotated_from.created_by if rotated_from else None),
        rotated_from=rotated_from,
    )
    record(
        "api_key.rotated" if rotated_from else "api_key.created",
        actor=actor,
        project=project,
        subject=key,
        scopes=chosen,
        expires_at=expires_at,
        replaces=rotated_from.public_key if rotated_from else None,
    )
    announce_change()
    return Made(key, pair)


@transaction.atomic
def rotate_key(key: ApiKey, *, actor: Actor) -> Made:
    """A new pair with the same name, scopes and expiry; the old one works for 24 hours more.

    Raises: KeyIsDead.
    """
    key = _live(key)
    if ApiKey.objects.filter(rotated_from=key).exists():
        raise KeyIsDead(f"The key {key.public_key} was rotated before; rotate its successor.")
    until = timezone.now() + ROTATION_OVERLAP
    made = create_key(
        key.project,
        key.name,
        scopes=key.scopes,
        expires_at=key.expires_at,
        actor=actor,
        rotated_from=key,
    )
    key.expires_at = min(key.expires_at, until) if key.expires_at else until
    key.save(update_fields=["expires_at"])
    return made


@transaction.atomic
def revoke_key(key: ApiKey, *, actor: Actor) -> ApiKey:
    """Refuse the key from now on, in every process. Raises: KeyIsDead."""
    key = ApiKey.objects.select_for_update(of=["self"]).select_related("project").get(pk=key.pk)
    if key.revoked_at is not None:
        raise KeyIsDead(f"The key {key.public_key} was revoked before.")
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    record("api_key.revoked", actor=actor, project=key.project, subject=key)
    announce_change()
    return key


@transaction.atomic
def change_scopes(key: ApiKey, scopes: Iterable[str], *, actor: Actor) -> ApiKey:
    """Let the key do exactly what `scopes` name. Raises: KeyIsDead, NoScope."""
    key = _live(key)
    before, key.scopes = key.scopes, _scopes(scopes)
    key.save(update_fields=["scopes"])
    record(
        "api_key.scopes_changed",
        actor=actor,
        project=key.project,
        subject=key,
        before=before,
        after=key.scopes,
    )
    announce_change()
    return key


def announce_change() -> None:
    """Make every process forget the keys it remembers, once this transaction commits."""
    transaction.on_commit(verification.forget)
    live.announce(verification.KEYS_CHANGED, {"type": "keys.changed"})


def _scopes(chosen: Iterable[str]) -> list[str]:
    wanted = {Scope(scope) for scope in chosen}
    if not wanted:
        raise NoScope("Choose at least one scope; a key without any can do nothing.")
    return [scope.value for scope in Scope if scope in wanted]


def _live(key: ApiKey) -> ApiKey:
    key = ApiKey.objects.select_for_update(of=["self"]).select_related("project").get(pk=key.pk)
    if key.revoked_at is not None:
        raise KeyIsDead(f"The key {key.public_key} was revoked.")
    if key.expires_at is not None and key.expires_at <= timezone.now():
        raise KeyIsDead(f"The key {key.public_key} has expired; create a new one.")
    return key
