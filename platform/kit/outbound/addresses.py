"""Which addresses may be spoken to, and which URL may be kept at all."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import httpx
from django.conf import settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL = 500  # characters
# In its ASCII form; a label has at most 63 octets (RFC 1035, section 2.3.4), or it cannot be asked.
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
# What clouds answer their own machines on, where the ranges below do not hold it already. Sources:
# docs.aws.amazon.com (fd00:ec2::254), www.alibabacloud.com/help (100.100.100.200),
# learn.microsoft.com, "What is IP address 168.63.129.16?" (public, yet the host's), 2026-11-30.
METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")
)
# An IPv6 address that stands for an IPv4 one and leads there where translated. RFC 6052, section 2.
NAT64 = IPv6Network("64:ff9b::/96")
SITE_LOCAL = IPv6Network("fec0::/10")  # deprecated, yet never global


class BadAddress(Exception):
    """The address is none that may be spoken to; the text says why."""


@dataclass(frozen=True)
class Policy:
    """What the installation allows beyond the public Internet over https."""

    allow_private: bool
    networks: tuple[Network, ...]

    @classmethod
    def of_installation(cls) -> Policy:
        """As its settings say."""
        return cls(settings.ALLOW_PRIVATE_WEBHOOKS, tuple(settings.OUTBOUND_NETWORKS))

    def refusal(self, address: Address, *, is_plain: bool) -> str:
        """Why `address` is not spoken to (`is_plain`: without TLS); empty where it may be.

        A listed network may be anything. Private addresses may be allowed as a whole, except the
        link-local ones, among which clouds keep their metadata. Plain http leaves readable for
        everybody on the way, so it goes only where the installation itself has opened a way.
        """
        address = meant_by(address)
        if any(address in network for network in self.networks):
            return ""
        if address in METADATA or address.is_link_local:
            return f"{address} belongs to the machine's own surroundings (link-local or metadata)"
        is_nowhere = address.is_multicast or address.is_unspecified or address.is_reserved
        if is_nowhere and not address.is_loopback:  # ::1 counts as reserved
            return f"{address} is no address of a server"
        is_private = not address.is_global or address in SITE_LOCAL
        if is_private and not self.allow_private:
            return f"{address} is a private address, which this installation does not allow"
        if is_plain and not is_private:
            return "plain http is not allowed to public addresses; use https"
        return ""


def meant_by(address: Address) -> Address:
    """The address that is reached in the end: forms of IPv6 that carry an IPv4 one lead to that."""
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address in NAT64:
        inner = IPv4Address(int(address) & 0xFFFF_FFFF)
    return address if inner is None else inner


def check_url(url: str) -> str:
    """`url` as it is kept, where nothing speaks against it yet; names are not resolved here.

    Raises: BadAddress.
    """
    parsed = parse(url)
    literal = _literal(host_of(parsed))
    policy = Policy.of_installation()
    is_plain = parsed.scheme == "http"
    if literal is not None:
        if why := policy.refusal(literal, is_plain=is_plain):
            raise BadAddress(f"This address is refused: {why}.")
    elif is_plain and not (policy.allow_private or policy.networks):
        raise BadAddress("Use https: plain http leaves what is sent readable on its way.")
    return str(parsed)


def parse(url: str) -> httpx.URL:
    """The parts of an absolute http or https URL without credentials. Raises: BadAddress."""
    if len(url) > LONGEST_URL:
        raise BadAddress(f"The address is longer than {LONGEST_URL} characters.")
    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError):
        raise BadAddress("This is not the address of a page.") from None
    host = host_of(parsed)
    if parsed.scheme not in ("http", "https") or not host:
        raise BadAddress("Give a whole address, such as https://hooks.example.com/roadworthy.")
    if not (_HOST.fullmatch(host) or _literal(host)):
        raise BadAddress(f"{host} is no name of a server.")
    if parsed.port is not None and not 1 <= parsed.port <= 65_535:
        raise BadAddress("Ports go from 1 to 65535.")
    if parsed.userinfo:
        raise BadAddress("Leave user and password out of the address; verify the signature.")
    parsed = parsed.copy_with(fragment=None)
    if len(str(parsed)) > LONGEST_URL:  # with what is percent-encoded in it
        raise BadAddress(f"The address is longer than {LONGEST_URL} characters.")
    return parsed


def host_of(url: httpx.URL) -> str:
    """The host in its ASCII form; `url.host` fails for an A-label that stands for no name."""
    return url.raw_host.decode("ascii")


async def reachable(url: httpx.URL) -> list[Address]:
    """The addresses that the host of `url` has just now and that may be spoken to, best first.

    Raises: BadAddress where all are refused, OSError or UnicodeError where the name has none.
    """
    port = url.port or (443 if url.scheme == "https" else 80)
    found = await asyncio.get_running_loop().getaddrinfo(
        host_of(url), port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )
    addresses = dict.fromkeys(ipaddress.ip_address(place[0]) for *_, place in found)
    policy = Policy.of_installation()
    judged = {one: policy.refusal(one, is_plain=url.scheme == "http") for one in addresses}
    allowed = [one for one, why in judged.items() if not why]
    if not allowed:
        why = next(iter(judged.values()), "it has no address")
        raise BadAddress(f"{host_of(url)} is refused: {why}.")
    return allowed


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
