"""What may befall a request to the provider: refusals, silence, answers that break off."""

from __future__ import annotations

import json
import select
import socket
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.provider import _Handler


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    body: dict[str, Any] | None


@dataclass(frozen=True)
class Fault:
    """`status` is answered with `message` (`body` instead of JSON); 0: an answer as usual.

    `wait` are seconds before anything is answered, `pause` those before each event of a stream.
    `cut_after` so many events the stream ends. `drops`: the connection closes without an answer.
    `short`: a good answer that ends before its length. `echoes`: the message repeats the key.
    """

    status: int = 0
    message: str = "not now"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    wait: float = 0
    pause: float = 0
    cut_after: int | None = None
    drops: bool = False
    short: bool = False
    echoes: bool = False


def befall(fault: Fault, handler: _Handler) -> bool:
    """Let `fault` answer; False where the answer is to be as usual."""
    if fault.wait and is_left(handler, fault.wait):
        return True
    if fault.drops:
        handler.connection.shutdown(socket.SHUT_RDWR)
        return True
    if fault.short:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        handler.wfile.write(b'{"choices": [')
        return True
    if not fault.status:
        return False
    handler.server.refusals.append(fault.status)
    message = fault.message
    if fault.echoes:
        message += " " + "".join(handler.headers.get(n, "") for n in ("authorization", "x-api-key"))
    body = fault.body or json.dumps({"error": {"message": message, "type": "refused"}})
    handler.send_response(fault.status)
    for name, value in {"Content-Type": "application/json", **fault.headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body.encode())
    return True


def is_left(handler: _Handler, seconds: float) -> bool:
    """Whether the client hangs up within that time, which is waited for."""
    if not seconds:
        return False
    readable, _, _ = select.select([handler.connection], [], [], seconds)
    if readable and not handler.connection.recv(1, socket.MSG_PEEK):
        handler.server.left.append(time.monotonic())
        return True
    return False
