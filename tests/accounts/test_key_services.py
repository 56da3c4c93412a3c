"""Making, rotating, revoking keys: what is stored, what is refused, what the trail says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.keys import secret_hash
from accounts.models import ApiKey, Project, Scope, User
from accounts.services import keys
from accounts.verification import forget, verify
from audit.models import AuditEntry
from tests.factories import make_key

pytestmark = pytest.mark.django_db


def test_a_new_key_has_all_scopes_but_admin(project: Project, alice: User) -> None:
    made = keys.create_key(project, "worker", actor=alice)
    assert set(made.key.scopes) == {scope.value for scope in Scope} - {"admin"}
    assert made.key.created_by == alice


def test_of_the_secret_only_a_hash_is_stored(project: Project, alice: User) -> None:
    made = keys.create_key(project, "worker", actor=alice)
    stored = ApiKey.objects.values().get(pk=made.key.pk)
    assert stored["secret_hash"] == secret_hash(made.pair.secret)
    assert made.pair.secret not in str(stored)


def test_the_trail_names_who_and_what_but_no_secret(project: Project, alice: User) -> None:
    made = keys.create_key(project, "worker", scopes=["read"], actor=alice)
    entry = AuditEntry.objects.get(action="api_key.created")
    assert (entry.actor_id, entry.project_id) == (str(alice.pk), project.pk)
    assert entry.details["scopes"] == ["read"]
    whole = str(AuditEntry.objects.values().get(pk=entry.pk))
    assert made.pair.secret not in whole
    assert made.key.secret_hash not in whole


def test_a_key_without_scopes_is_refused(project: Project) -> None:
    with pytest.raises(keys.NoScope):
        keys.create_key(project, "idle", scopes=[], actor=None)


def test_both_halves_of_a_pair_are_in_use_once(project: Project) -> None:
    made = keys.create_key(project, "first", actor=None)
    with pytest.raises(keys.KeyExists):
        keys.create_key(project, "again", pair=made.pair, actor=None)


def test_after_a_rotation_both_pairs_work_for_a_day(project: Project, alice: User) -> None:
    old = make_key(project)
    made = keys.rotate_key(old.stored, actor=alice)
    for secret in (old.secret, made.pair.secret):
        forget()
        assert verify({"x-api-key": secret}, Scope.READ).project_id == project.pk
    old.stored.refresh_from_db()
    left = old.stored.expires_at - timezone.now()
    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)
    assert made.key.scopes == old.stored.scopes
    assert AuditEntry.objects.get(action="api_key.rotated").details["replaces"] == old.public


def test_a_key_is_rotated_once(project: Project) -> None:
    old = make_key(project)
    keys.rotate_key(old.stored, actor=None)
    with pytest.raises(keys.KeyIsDead, match="rotated before"):
        keys.rotate_key(old.stored, actor=None)


def test_rotation_never_lengthens_a_life(project: Project) -> None:
    soon = timezone.now() + timedelta(hours=1)
    old = make_key(project, expires_at=soon)
    keys.rotate_key(old.stored, actor=None)
    old.stored.refresh_from_db()
    assert old.stored.expires_at == soon


@pytest.mark.parametrize("act", [keys.rotate_key, keys.revoke_key])
def test_a_revoked_key_stays_revoked(project: Project, act: object) -> None:
    key = make_key(project, revoked_at=timezone.now())
    with pytest.raises(keys.KeyIsDead):
        act(key.stored, actor=None)  # type: ignore[operator]


def test_scopes_change_with_before_and_after_in_the_trail(project: Project, alice: User) -> None:
    key = make_key(project, scopes=["read"])
    keys.change_scopes(key.stored, ["ingest", "read"], actor=alice)
    key.stored.refresh_from_db()
    assert key.stored.scopes == ["ingest", "read"]
    entry = AuditEntry.objects.get(action="api_key.scopes_changed")
    assert entry.details == {"before": ["read"], "after": ["ingest", "read"]}
