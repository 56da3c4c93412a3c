"""Project keys on the wire: how they look, how they are presented, how they are hashed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

PUBLIC_PREFIX = "pk-rw-"
SECRET_PREFIX = "sk-rw-"  # noqa: S105  (a prefix, not a secret)
_SHAPE = re.compile(r"^(pk|sk)-[!-~]{3,76}\Z")


@dataclass(frozen=True)
class Pair:
    """A new pair; the secret exists only here and with whoever it is shown to."""

    public: str
    secret: str


@dataclass(frozen=True)
class Presented:
    """What a request carried: either half may be missing."""

    public: str | None
    secret: str | None


class Unreadable(ValueError):
    """The request carried something that is no key. The text says what was expected."""


def new_pair() -> Pair:
    """A pair with 96 public and 256 secret random bits."""
    return Pair(PUBLIC_PREFIX + secrets.token_hex(12), SECRET_PREFIX + secrets.token_urlsafe(32))


def is_pair(pair: Pair) -> bool:
    """True when both halves have the shape that a request can present."""
    return (
        all(
            _SHAPE.match(half) is not None and ":" not in half
            for half in (pair.public, pair.secret)
        )
        and pair.public.startswith("pk-")
        and pair.secret.startswith("sk-")
    )


def secret_hash(secret: str) -> str:
    """SHA-256 (hex) of a secret key."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hint(secret: str) -> str:
    """The first characters of a secret, enough to tell two keys apart."""
    return secret[: len(SECRET_PREFIX) + 4] + "…"


def presented(headers: Mapping[str, str]) -> Presented | None:
    """The key in `Authorization: Bearer …`, `Authorization: Basic …` or `x-api-key`.

    Header names are lower case. None when the request carries none of them. A space that was
    percent-encoded (`Basic%20…`, as OTEL_EXPORTER_OTLP_HEADERS asks for) is understood.
    Raises: Unreadable.
    """
    if authorization := headers.get("authorization", "").strip():
        scheme, _, value = unquote(authorization).partition(" ")
        value = value.strip()
        if scheme.lower() == "bearer":
            return _one(value)
        if scheme.lower() == "basic":
            return _basic(value)
        raise Unreadable("Authorization must be `Bearer sk-…` or `Basic` with the pair of keys.")
    if key := headers.get("x-api-key", "").strip():
        return _one(key)
    return None


def _one(value: str) -> Presented:
    if not _SHAPE.match(value):
        raise Unreadable("The key must start with sk- (or pk-) and hold no blanks.")
    return Presented(value, None) if value.startswith("pk-") else Presented(None, value)


def _basic(value: str) -> Presented:
    try:
        public, colon, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise Unreadable("The value after `Basic` is not base64 of `public:secret`.") from None
    if not colon or not _SHAPE.match(public) or not _SHAPE.match(secret):
        raise Unreadable("`Basic` must hold `pk-…:sk-…` in base64.")
    return Presented(public, secret)
