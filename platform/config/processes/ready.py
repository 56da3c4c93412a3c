"""Asks `/readyz` once and waits for the answer without blocking the supervisor."""

from __future__ import annotations

import socket
import time

from config.processes.children import Children

RETRY_SECONDS = 0.1


def _ask(host: str, port: int) -> socket.socket:
    where = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    asking = socket.create_connection((where, port), timeout=5)
    asking.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    return asking


def wait_until_ready(children: Children, host: str, port: int, seconds: float) -> str | None:
    """None once `/readyz` answers 200; after `seconds` the last answer, for a person to read.

    The question waits in the socket's queue until a web process takes it, so readiness is seen
    at once and not at the next poll. Raises: StopAsked.
    """
    deadline = time.monotonic() + seconds
    reason = "no answer"
    while time.monotonic() < deadline:
        with _ask(host, port) as asking:
            answer = b""
            while time.monotonic() < deadline:
                if not children.wait(1.0, [asking]):
                    continue
                try:
                    piece = asking.recv(65536)
                except OSError:
                    break
                if not piece:
                    break
                answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        if head[:12].endswith(b" 200"):
            return None
        reason = body.decode(errors="replace").strip() or "no answer"
        children.wait(RETRY_SECONDS)
    return reason
