"""A receiver of webhooks on loopback: keeps what came, and answers as it was told."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Received:
    """One request as it arrived; names of headers in small letters."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answering:
    """How to answer the next requests, the last one from then on."""

    statuses: list[int] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"thanks"
    seconds: float = 0.0  # before the answer
    drip_seconds: float = 0.0  # between the bytes of its body


class Receiver(ThreadingHTTPServer):
    """The server; `received` grows, `answering` may be changed at any time."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[Received] = []
        self.answering = Answering()
        self.at_once = 0  # the most requests that were open at a time
        self._open = 0
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def open(self) -> int:
        """Requests that wait for their answer now."""
        return self._open

    def take(self, received: Received) -> int:
        """Keep the request; the status to answer it with."""
        with self._lock:
            self.received.append(received)
            self._open += 1
            self.at_once = max(self.at_once, self._open)
            statuses = self.answering.statuses
            return statuses.pop(0) if len(statuses) > 1 else statuses[0]

    def done(self) -> None:
        with self._lock:
            self._open -= 1


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = self.server.take(Received(self.path, headers, body))
        try:
            self._answer(status, self.server.answering)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass  # the sender had enough
        finally:
            self.server.done()

    do_GET = do_POST

    def _answer(self, status: int, how: Answering) -> None:
        time.sleep(how.seconds)
        self.send_response(status)
        for name, value in how.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(how.body)))
        self.end_headers()
        for piece in (
            [how.body[i : i + 1] for i in range(len(how.body))] if how.drip_seconds else [how.body]
        ):
            self.wfile.write(piece)
            time.sleep(how.drip_seconds)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def receiver(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A running receiver; with `tls` one that speaks https."""
    server = Receiver()
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
