"""Secrets that must be read again (keys of providers, secrets of webhooks), encrypted at rest.

Fernet (AES-128-CBC with HMAC-SHA256) under a key derived from SECRET_KEY, one for each purpose, so
that what was sealed for one cannot be opened as another. What need not be read again is hashed.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """The secret was sealed under another SECRET_KEY, or is no sealed secret."""


def seal(text: str, *, purpose: str) -> str:
    """`text` encrypted, as ASCII. `purpose` names what it is for and is needed to open it."""
    return _box(purpose, _keys()).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """The text sealed for `purpose`, also under a former SECRET_KEY. Raises: Unreadable."""
    try:
        return _box(purpose, _keys()).decrypt(sealed.encode()).decode()
    except (InvalidToken, UnicodeError):
        raise Unreadable(
            "The stored secret cannot be read: it was sealed under another SECRET_KEY. "
            "Set that key again, or enter the secret anew."
        ) from None


def _keys() -> tuple[str, ...]:
    """The key that seals, then those that only open."""
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=64)
def _box(purpose: str, keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key, purpose)) for key in keys])


def _derived(key: str, purpose: str) -> bytes:
    """32 bytes for Fernet. SECRET_KEY has entropy enough, so HKDF without stretching will do."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"roadworthy {purpose}".encode())
    return base64.urlsafe_b64encode(derive.derive(key.encode()))
