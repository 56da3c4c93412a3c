"""Posts requests to the public endpoint, one after the other, as an exporter does."""

from __future__ import annotations

import base64
import gzip
import http.client
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from traces.demo.otlp import Post

PATIENCE_S = 60.0  # how long a server that is busy or away is tried again
_GZIP_LEVEL = 1


class Undelivered(Exception):
    """The server refused a request, or did not answer in time. The text says why."""


@dataclass(slots=True)
class Tally:
    """What was sent and what the server said of it."""

    requests: int = 0
    spans: int = 0
    rejected: int = 0
    busy: int = 0  # answers 503 and broken connections that were tried again
    reasons: list[str] = field(default_factory=list)


class Sender:
    """A kept connection to a server, with a project's key."""

    def __init__(self, url: str, secret_key: str, public_key: str = "") -> None:
        target = urlsplit(url)
        connection = (
            http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
        )
        self._link = connection(target.hostname or "localhost", target.port, timeout=30)
        self._prefix = target.path.rstrip("/")
        self._authorization = f"Bearer {secret_key}"
        if public_key:
            pair = base64.b64encode(f"{public_key}:{secret_key}".encode()).decode()
            self._authorization = f"Basic {pair}"
        self.tally = Tally()

    def send(self, post: Post) -> None:
        """Deliver one request; busy servers are tried again. Raises: Undelivered."""
        body = gzip.compress(post.body, _GZIP_LEVEL, mtime=0)
        headers = {
            "Authorization": self._authorization,
            "Content-Type": post.content_type,
            "Content-Encoding": "gzip",
            "User-Agent": "roadworthy-seed-demo",
        }
        until = time.monotonic() + PATIENCE_S
        while True:
            status, said, wait = self._try(self._prefix + post.path, body, headers)
            if status == 200:
                self._note(post, said)
                return
            if status not in (0, 502, 503, 504):
                text = said.decode(errors="replace")[:500]
                raise Undelivered(f"The server answered {status}: {text}")
            if time.monotonic() + wait > until:
                raise Undelivered(f"No answer within {PATIENCE_S:.0f} s: {said.decode()[:500]}")
            self.tally.busy += 1
            time.sleep(wait)

    def close(self) -> None:
        """Give the connection up."""
        self._link.close()

    def _try(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, float]:
        """Status (0: no connection), what was said, seconds to wait before the next try."""
        try:
            self._link.request("POST", path, body, headers)
            answer = self._link.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._link.close()
            return 0, str(error).encode(), 0.5
        wait = answer.headers.get("Retry-After", "")
        return answer.status, said, min(float(wait), 10.0) if wait.isdigit() else 1.0

    def _note(self, post: Post, said: bytes) -> None:
        tally = self.tally
        tally.requests += 1
        tally.spans += post.spans
        if post.content_type == "application/json":
            answer = orjson.loads(said)
            rejected, reason = int(answer.get("rejected", 0)), str(answer.get("errors", ""))
        else:
            partial = ExportTraceServiceResponse.FromString(said).partial_success
            rejected, reason = int(partial.rejected_spans), str(partial.error_message)
        if rejected:
            tally.rejected += rejected
            tally.reasons.append(reason)
