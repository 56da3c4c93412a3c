"""Where calls may go: the rule for the addresses of providers.

Admins name them, and a model server in the own network is as good as one in the world, so private
and loopback addresses are allowed, unlike for webhooks. What is refused:

- `http` to a public address, because the key would travel in the open;
- link-local addresses and those of metadata services, where no model answers;
- an address with a user, a password, a query or a fragment in it.

A name may mean another address tomorrow, so for `http` it is resolved before every call, and the
call goes to an address that was judged: what the name means a moment later is of no matter.
Redirects are never followed: the key would go along.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
from django.conf import settings

from kit.outbound.addresses import Address, BadAddress, Policy, host_of

__all__ = ["BadAddress", "checked_url", "host_of", "judged"]


def checked_url(text: str) -> str:
    """`text` as an address to call, without a slash at its end. Raises: BadAddress.

    A name that has no address now is taken: its server may not run yet.
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
    except UnicodeError:  # a label over 63 octets, or none
        raise BadAddress(f"{host} is no name of a server.") from None
    except OSError:
        found = []
    check(parts.scheme, host, found)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


async def judged(url: httpx.URL) -> list[httpx.URL]:
    """Where to call `url`, in turn until somebody is there: at the addresses that it has now.

    `https` needs no look-up: whoever answers there must own the name's certificate.
    Raises: BadAddress, OSError or UnicodeError where the name has no address.
    """
    host = host_of(url)
    literal = _literal(host)
    if literal:
        check(url.scheme, host, [literal])
    if literal or url.scheme == "https":
        return [url]
    loop = asyncio.get_running_loop()
    found = _addresses(await loop.getaddrinfo(host, url.port or 80, type=socket.SOCK_STREAM))
    check(url.scheme, host, found)
    return [url.copy_with(host=str(address)) for address in found]


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
    """The addresses in what `getaddrinfo` gave, the best first."""
    texts = dict.fromkeys(str(place[0]).partition("%")[0] for *_, place in found)
    return [ipaddress.ip_address(text) for text in texts]
