"""Every environment variable the product reads, declared in one place.

`docs/settings.md` documents them; a test compares that page with `DECLARED`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network


class SettingError(ValueError):
    """An environment variable holds something that cannot be used."""


@dataclass(frozen=True)
class Declared:
    """One variable: its name, its default as text (None: no default) and what it is for."""

    name: str
    default: str | None
    about: str


DECLARED: dict[str, Declared] = {}


def text(name: str, default: str | None, about: str) -> str | None:
    """The variable's value, or `default` where it is unset or empty."""
    DECLARED[name] = Declared(name, default, about)
    return os.environ.get(name) or default


def required(name: str, default: str, about: str) -> str:
    """Like `text`, for a variable that always has a value."""
    return text(name, default, about) or default


def integer(name: str, default: int, about: str, *, least: int = 0) -> int:
    """A whole number of at least `least`. Raises: SettingError."""
    raw = text(name, str(default), about) or str(default)
    try:
        number = int(raw)
    except ValueError:
        raise SettingError(f"{name} must be a whole number, not {raw!r}.") from None
    if number < least:
        raise SettingError(f"{name} must be at least {least}, not {number}.")
    return number


def flag(name: str, default: bool, about: str) -> bool:
    """True for 1, true, yes, on; False for 0, false, no, off. Raises: SettingError."""
    raw = (text(name, "1" if default else "0", about) or "").strip().lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name} must be 1 or 0, not {raw!r}.")


def listed(name: str, default: str, about: str) -> list[str]:
    """Comma-separated words, without blanks."""
    raw = text(name, default, about) or ""
    return [word.strip() for word in raw.split(",") if word.strip()]


def networks(name: str, about: str) -> list[IPv4Network | IPv6Network]:
    """Comma-separated networks or single addresses, none unless set. Raises: SettingError."""
    try:
        return [ip_network(word, strict=False) for word in listed(name, "", about)]
    except ValueError as error:
        raise SettingError(f"{name} must list networks such as 10.0.0.0/8: {error}.") from None
