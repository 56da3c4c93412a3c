"""An object store on the loopback that keeps objects, and checks who asks."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from traces.media.s3 import Credentials, signed

WHO = Credentials("key", "secret", "eu-central-1")


class Objects(ThreadingHTTPServer):
    """Objects by path; `is_away` makes it answer 503."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.held: dict[str, bytes] = {}
        self.is_away = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Objects

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        status, answer = self._answer(body)
        self.send_response(status)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _answer(self, body: bytes) -> tuple[int, bytes]:
        held = self.server.held
        if self.server.is_away:
            return 503, b"SlowDown"
        if not self._is_signed(body):
            return 403, b"SignatureDoesNotMatch"
        if self.command == "PUT":
            held[self.path] = body
            return 200, b""
        if self.command == "DELETE":
            held.pop(self.path, None)
            return 204, b""
        return (200, held[self.path]) if self.path in held else (404, b"NoSuchKey")

    def _is_signed(self, body: bytes) -> bool:
        """What arrived, signed again, must bear the same signature."""
        if self.headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
            return False
        given = self.headers["authorization"]
        names = re.findall(r"SignedHeaders=([^,]+)", given)[0].split(";")
        sent = {
            n: self.headers[n] for n in names if n not in ("x-amz-content-sha256", "x-amz-date")
        }
        at = datetime.strptime(self.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        again = signed(self.command, self.path, sent, body, WHO, at)
        return "host" in sent and again["authorization"] == given

    do_PUT = do_GET = do_DELETE = _serve

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def objects() -> Iterator[Objects]:
    """One that runs until the end of the block."""
    server = Objects()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
