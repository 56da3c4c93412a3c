"""Addresses that users name: what may be spoken to, and how little is taken back."""

from __future__ import annotations

import asyncio
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path

import pytest
from pytest_django import Settings

from kit.outbound import Answer, BadAddress, Unreachable, check_url, client, post
from tests.certificates import certificate
from tests.receiver import receiver


def send(url: str, seconds: float = 5.0, body: bytes = b"{}") -> Answer:
    """In a thread of its own: a browser of other tests may have left its event loop in this one."""
    sending = post(url, body=body, headers={"X-Test": "1"}, seconds=seconds)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, sending).result()


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names have these addresses, answer by answer; the names that were asked for."""
    asked: list[str] = []
    left = list(answers)

    def look_up(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        families = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in found]
        kind = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [(family, *kind, (one, port)) for family, one in zip(families, found, strict=True)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


# Private forms, those that carry an IPv4 address among them.
PRIVATE = """
    127.0.0.1 127.1.2.3 10.1.1.1 172.16.0.1 192.168.1.1 100.64.0.1 192.0.2.1 198.18.0.1
    [::1] [fec0::1] [fc00::1] [::ffff:127.0.0.1] [2002:7f00:1::] [64:ff9b::7f00:1]
    [2001:db8::1] [2001:0:1::1]
"""
# Refused even where private addresses are allowed: surroundings, and what no server has.
NEVER = """
    0.0.0.0 255.255.255.255 240.0.0.1 224.0.0.1 169.254.169.254 168.63.129.16
    100.100.100.200 [::] [fe80::1] [fd00:ec2::254] [ff02::1] [64:ff9b::a9fe:a9fe]
    [::127.0.0.1]
"""


@pytest.mark.parametrize("host", [*PRIVATE.split(), *NEVER.split()])
def test_nothing_inside_is_spoken_to_unless_allowed(host: str, settings: Settings) -> None:
    with pytest.raises(BadAddress):
        check_url(f"https://{host}/")
    with pytest.raises(Unreachable, match="refused"):
        send(f"https://{host}/")
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    if host in NEVER.split():
        with pytest.raises(BadAddress):
            check_url(f"https://{host}/")
    else:
        assert check_url(f"https://{host}/")


def test_a_list_allows_what_it_names_and_nothing_beside(settings: Settings) -> None:
    settings.OUTBOUND_NETWORKS = [ip_network("10.1.0.0/16"), ip_network("169.254.169.254/32")]
    assert check_url("http://10.1.2.3:8080/x") == "http://10.1.2.3:8080/x"
    assert check_url("http://169.254.169.254/")
    for other in ("http://10.2.0.1/", "https://127.0.0.1/", "http://8.8.8.8/"):
        with pytest.raises(BadAddress):
            check_url(other)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example.com/", "plain http"),
        ("ftp://hooks.example.com/", "whole address"),
        ("hooks.example.com/x", "whole address"),
        ("https://", "whole address"),
        ("https://me:word@hooks.example.com/", "password"),
        ("https://hooks.example.com/" + "x" * 500, "longer"),
        ("https://exa mple.com/", "no name of a server"),
        ("https://hooks.example.com:99999/", "Ports"),
        ("https://[::1/", "not the address"),
        ("https://" + "x" * 64 + ".example.com/", "no name of a server"),
        ("https://hooks..example.com/", "no name of a server"),
        ("https://hooks.example.com/" + "ü" * 100, "longer"),
    ],
)
def test_what_is_no_good_address_is_said_at_once(url: str, why: str) -> None:
    with pytest.raises(BadAddress, match=why):
        check_url(url)


def test_names_in_other_scripts_are_kept_in_their_ascii_form() -> None:
    assert check_url("https://bücher.example/") == "https://xn--bcher-kva.example/"
    for label in ("x" * 63, "xn--ls8h", "xn--0"):  # two that only a registry would refuse
        assert check_url(f"https://{label}.example/") == f"https://{label}.example/"


def test_a_name_is_judged_by_what_it_resolves_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as server:
        for name in ("localhost", "127.1", "2130706433", "0x7f.1"):
            with pytest.raises(Unreachable, match="refused"):
                send(f"https://{name}:{server.port}/")
        resolve_to(monkeypatch, ["127.0.0.1"])
        with pytest.raises(Unreachable, match=r"hooks\.example\.com is refused: 127"):
            send(f"https://hooks.example.com:{server.port}/")
        assert server.received == []


def test_a_name_that_changes_its_mind_is_asked_once(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """The connection goes to the address that was judged, not to what the name says afterwards."""
    settings.OUTBOUND_NETWORKS = [ip_network("127.0.0.1/32")]
    asked = resolve_to(monkeypatch, ["10.0.0.1", "127.0.0.1"], ["10.0.0.1"])
    with receiver() as server:
        answer = send(f"http://hooks.example.com:{server.port}/x?y=1")
        assert (answer.status, answer.body_start, answer.is_success) == (200, "thanks", True)
        (request,) = server.received
    assert asked == ["hooks.example.com"]
    assert request.path == "/x?y=1"
    assert request.headers["host"] == f"hooks.example.com:{server.port}"
    assert request.headers["x-test"] == "1"


def test_answers_are_cut_redirects_stay_and_time_is_bounded(settings: Settings) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    with receiver() as server:
        server.answering.body = b"\x00\xff" + b"a" * 50_000
        answer = send(server.url)
        assert answer.body_start == "�" + "a" * 998
        server.answering.statuses = [302]
        server.answering.headers = {"Location": server.url, "Retry-After": "7"}
        answer = send(server.url)
        assert (answer.status, answer.is_success, answer.retry_after) == (302, False, "7")
        assert len(server.received) == 2
        server.answering.body, server.answering.drip_seconds = b"a" * 50, 0.05
        with pytest.raises(Unreachable, match=r"within 0\.3 s") as slow:
            send(server.url, 0.3)
        assert 250 <= slow.value.duration_ms < 2000
        url = server.url
    with pytest.raises(Unreachable, match="No connection"):
        send(url)
    with pytest.raises(Unreachable, match=r"nowhere\.invalid has no address"):
        send("https://nowhere.invalid/")


def test_the_server_must_be_the_one_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    resolve_to(monkeypatch, ["127.0.0.1"])
    file = certificate(tmp_path, "hooks.example.com")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    client._tls.cache_clear()
    try:
        with receiver(tls) as server:
            assert send(f"https://hooks.example.com:{server.port}/").status == 200
            with pytest.raises(Unreachable, match=r"(?i)certificate"):
                send(f"https://other.example.com:{server.port}/")
    finally:
        client._tls.cache_clear()
