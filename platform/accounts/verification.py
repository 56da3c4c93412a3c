"""Is this key good, and what is it good for? One answer for intake, REST and sockets.

Verified keys are remembered for a second in each process. Whoever revokes, rotates or changes a
key announces it (`keys_changed`), and every process forgets at once; the second is the backstop.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey, Scope

REMEMBERED_SECONDS = 1.0
LAST_USED_SECONDS = (
    60.0  # how exact `last_used_at` is; a write a request would cost more than intake
)
KEYS_CHANGED = "keys"  # group of the channel layer


@dataclass(frozen=True, slots=True)
class Bearer:
    """A verified key: whose requests these are, and what they may do."""

    key_id: int
    project_id: int
    project_slug: str
    organization_id: int
    public_key: str
    scopes: frozenset[str]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class PublicBearer:
    """A public key shown alone, as a web page does. It may write scores and nothing else, so it
    is no `Bearer`: whoever expects one cannot take it for more."""

    key_id: int
    project_id: int
    project_slug: str
    public_key: str
    expires_at: datetime | None


class Refused(Exception):
    """The request may not pass. `project_id` is set where the key names a project of ours."""

    def __init__(
        self, status: int, reason: str, *, project_id: int | None = None, public_key: str = ""
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.project_id = project_id
        self.public_key = public_key


_remembered: dict[tuple[str | None, str], tuple[float, Bearer]] = {}
_remembered_public: dict[str, tuple[float, PublicBearer]] = {}
_touched: dict[int, float] = {}


def forget() -> None:
    """Drop every remembered key; called when any key changed."""
    _remembered.clear()
    _remembered_public.clear()


def recall(headers: Mapping[str, str], scope: Scope) -> Bearer | None:
    """The bearer, if its key was verified within the last second; never touches the database.

    Raises: Refused for an unreadable header, an expired key or a missing scope.
    """
    shown = _shown(headers)
    if shown.secret is None:
        return None
    hit = _remembered.get((shown.public, shown.secret))
    if hit is None or time.monotonic() - hit[0] > REMEMBERED_SECONDS:
        return None
    return _allowed(hit[1], scope)


def verify(headers: Mapping[str, str], scope: Scope) -> Bearer:
    """The bearer of the key in `headers` (lower-case names). Raises: Refused, saying why."""
    if bearer := recall(headers, scope):
        return bearer
    shown = _shown(headers)
    if shown.secret is None:
        raise _public_only(shown.public or "")
    key = (
        ApiKey.objects.select_related("project")
        .filter(secret_hash=keys.secret_hash(shown.secret), project__deleted_at=None)
        .first()
    )
    if key is None or (shown.public is not None and shown.public != key.public_key):
        raise _unknown(shown)
    _not_revoked(key)
    bearer = Bearer(
        key_id=key.pk,
        project_id=key.project_id,
        project_slug=key.project.slug,
        organization_id=key.project.organization_id,
        public_key=key.public_key,
        scopes=frozenset(key.scopes),
        expires_at=key.expires_at,
    )
    _allowed(bearer, scope)
    if len(_remembered) > 10_000:
        _remembered.clear()
    _remembered[(shown.public, shown.secret)] = (time.monotonic(), bearer)
    _touch(key.pk)
    return bearer


def shows_public_key(headers: Mapping[str, str]) -> bool:
    """True for `Authorization: Bearer pk-…`, the only way in which a public key stands alone."""
    scheme, _, value = headers.get("authorization", "").strip().partition(" ")
    return scheme.lower() == "bearer" and value.strip().startswith("pk-")


def verify_public(headers: Mapping[str, str]) -> PublicBearer:
    """Whose public key `Bearer pk-…` shows (lower-case header names).

    The key must have the scope ingest: its public half writes scores with that.
    Raises: Refused, saying why.
    """
    shown = _shown(headers)
    if not shows_public_key(headers) or shown.public is None or shown.secret is not None:
        raise Refused(401, "Send the public key alone, as `Authorization: Bearer pk-…`.")
    hit = _remembered_public.get(shown.public)
    if hit is not None and time.monotonic() - hit[0] <= REMEMBERED_SECONDS:
        _not_expired(hit[1])
        return hit[1]
    key = (
        ApiKey.objects.select_related("project")
        .filter(public_key=shown.public, project__deleted_at=None)
        .first()
    )
    if key is None:
        raise Refused(401, "This key is not known here. Is it a key of another installation?")
    _not_revoked(key)
    bearer = PublicBearer(
        key_id=key.pk,
        project_id=key.project_id,
        project_slug=key.project.slug,
        public_key=key.public_key,
        expires_at=key.expires_at,
    )
    _not_expired(bearer)
    _has_scope(bearer, key.scopes, Scope.INGEST)
    if len(_remembered_public) > 10_000:
        _remembered_public.clear()
    _remembered_public[shown.public] = (time.monotonic(), bearer)
    _touch(key.pk)
    return bearer


def _shown(headers: Mapping[str, str]) -> keys.Presented:
    try:
        shown = keys.presented(headers)
    except keys.Unreadable as error:
        raise Refused(401, str(error)) from None
    if shown is None:
        raise Refused(
            401,
            "No key was sent. Send `Authorization: Bearer sk-…`, `Authorization: Basic` with "
            "base64 of `pk-…:sk-…`, or `x-api-key: sk-…`.",
        )
    return shown


def _allowed(bearer: Bearer, scope: Scope) -> Bearer:
    _not_expired(bearer)
    _has_scope(bearer, bearer.scopes, scope)
    return bearer


def _not_revoked(key: ApiKey) -> None:
    if key.revoked_at is not None:
        raise Refused(
            401,
            f"The key {key.public_key} was revoked.",
            project_id=key.project_id,
            public_key=key.public_key,
        )


def _not_expired(bearer: Bearer | PublicBearer) -> None:
    if bearer.expires_at is not None and bearer.expires_at <= timezone.now():
        raise Refused(
            401,
            f"The key {bearer.public_key} expired at {bearer.expires_at:%Y-%m-%d %H:%M} UTC.",
            project_id=bearer.project_id,
            public_key=bearer.public_key,
        )


def _has_scope(bearer: Bearer | PublicBearer, scopes: Collection[str], scope: Scope) -> None:
    if scope.value not in scopes:
        raise Refused(
            403,
            f"The key {bearer.public_key} lacks the scope {scope.value!r}.",
            project_id=bearer.project_id,
            public_key=bearer.public_key,
        )


def _unknown(shown: keys.Presented) -> Refused:
    """A wrong secret beside a public key that we know concerns that key's project."""
    if shown.public:
        known = ApiKey.objects.filter(public_key=shown.public).first()
        if known is not None:
            return Refused(
                401,
                f"The secret key does not belong to the public key {shown.public}.",
                project_id=known.project_id,
                public_key=shown.public,
            )
    return Refused(401, "This key is not known here. Is it a key of another installation?")


def _public_only(public: str) -> Refused:
    known = ApiKey.objects.filter(public_key=public).first()
    return Refused(
        401,
        "A public key alone is not enough here; send the secret key (sk-…).",
        project_id=known.project_id if known else None,
        public_key=public if known else "",
    )


def _touch(key_id: int) -> None:
    """Note that the key was used, at most once a minute a process."""
    now = time.monotonic()
    if now - _touched.get(key_id, -LAST_USED_SECONDS) < LAST_USED_SECONDS:
        return
    _touched[key_id] = now
    at = timezone.now()
    ApiKey.objects.filter(Q(pk=key_id) & (Q(last_used_at=None) | Q(last_used_at__lt=at))).update(
        last_used_at=at
    )
