"""Where calls may go: the rule for the addresses of providers.

Admins name them, and a model server in the own network is as good as one in the world, so private
and loopback addresses are allowed, unlike for webhooks. What is refused:

- `http` to a public address, because the key would travel in the open;
- link-local addresses and those of metadata services, where no model answers;
- an address with a user, a password, a query or a fragment in it.

A name may mean another address tomorrow, so the rule for `http` is checked before every call too.
Redirects are never followed: the key would go along.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from kit.outbound.addresses import Address, BadAddress, Policy

__all__ = ["BadAddress", "check_before_call", "checked_url"]


def checked_url(text: str) -> str:
    """`text` as an address to call, without a slash at its end. Raises: BadAddress.

    A name that cannot be looked up now is taken: its server may not run yet.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadAddress("This is no address.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise BadAddress("An address begins with https:// (or http:// in your own network).")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("The key has a field of its own; leave user and password out.")
    if parts.query or parts.fragment:
        raise BadAddress("Leave out what stands after ? or #.")
    literal = _literal(host)
    try:
        found = [literal] if literal else _addresses(socket.getaddrinfo(host, port))
    except (OSError, UnicodeError):
        found = []
    check(parts.scheme, host, found)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


async def check_before_call(scheme: str, host: str, port: int) -> None:
    """Hold `http` to the rule, with the addresses that the name has now.

    `https` needs no look-up: whoever answers there must own the name's certificate.
    Raises: BadAddress, OSError.
    """
    literal = _literal(host)
    if literal:
        check(scheme, host, [literal])
    elif scheme == "http":
        loop = asyncio.get_running_loop()
        check(scheme, host, _addresses(await loop.getaddrinfo(host, port)))


def check(scheme: str, host: str, addresses: Iterable[Address]) -> None:
    """Raises: BadAddress where one of `addresses`, which `host` stands for, is not allowed."""
    policy = Policy(allow_private=True, networks=tuple(settings.OUTBOUND_NETWORKS))
    for address in addresses:
        if why := policy.refusal(address, is_plain=scheme == "http"):
            raise BadAddress(f"{host} is refused: {why}.")


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _addresses(found: Iterable[tuple[Any, ...]]) -> list[Address]:
    """The addresses in what `getaddrinfo` gave."""
    texts = {str(place[0]).partition("%")[0] for *_, place in found}
    return [ipaddress.ip_address(text) for text in sorted(texts)]
