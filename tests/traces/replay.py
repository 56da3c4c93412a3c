"""A server that answers as a real one once did, from recorded exchanges.

Moments of a range differ from run to run and stand in no key. `hold` stops before the answer to
the n-th request whose path ends so, until `go` is set: the place to kill whoever asked.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx

FOLDER = Path(__file__).parent.parent / "fixtures" / "moving"
_OF_THE_RUN = {"start_time", "end_time", "limit"}
_OF_THE_RUN_BODY = {"filter", "max_results"}


def _key(method: str, path: str, query: Any, body: Any) -> str:
    kept = sorted([name, value] for name, value in query if name not in _OF_THE_RUN)
    said = {k: v for k, v in (body or {}).items() if k not in _OF_THE_RUN_BODY}
    return json.dumps([method, path, kept, said], sort_keys=True)


class Replay:
    """One that runs at `url`; `asked` has the paths with their queries in order."""

    def __init__(self, *names: str) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        for name in names:
            recorded = json.loads((FOLDER / f"{name}.json").read_text())
            for one in recorded["exchanges"]:
                key = _key(one["method"], one["path"], one["query"], one["request"])
                self.answers[key] = one
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.refusals: list[tuple[int, dict[str, str]]] = []  # given before any answer
        self.hold: tuple[str, int] | None = None
        self.holding, self.go = threading.Event(), threading.Event()
        self.url = ""

    def answer(self, method: str, address: str, body: Any) -> tuple[int, Any]:
        """The recorded answer; 500 for a question that the real server was never asked."""
        parts = urlsplit(address)
        self.asked.append(address)
        if self.hold and parts.path.endswith(self.hold[0]):
            self.hold = (self.hold[0], self.hold[1] - 1)
            if self.hold[1] == 0:
                self.holding.set()
                self.go.wait(30)
        found = self.answers.get(_key(method, parts.path, parse_qsl(parts.query), body))
        return (599, "never recorded") if found is None else (found["status"], found["response"])


Server = TypeVar("Server", bound=Replay)


class Relay(Replay):
    """Hands questions on to a running server, as one would that lacks what `missing` begins with.

    After `left` answers it says that it is busy.
    """

    def __init__(self, base: str, *missing: str) -> None:
        super().__init__()
        self.base, self.missing = base, missing
        self.left = 1_000_000

    def answer(self, method: str, address: str, body: Any) -> tuple[int, Any]:
        """What the server says; 404 for what is missing."""
        self.asked.append(address)
        if urlsplit(address).path.startswith(self.missing):
            return 404, {"message": "Not found."}
        if self.left == 0:
            return 503, {"message": "Away."}
        self.left -= 1
        sent = {"authorization": self.headers[-1].get("authorization", "")}
        answer = httpx.request(method, self.base + address, headers=sent, json=body, timeout=30)
        return answer.status_code, answer.text


@contextmanager
def replayed(*names: str) -> Iterator[Replay]:
    """Serve these recordings."""
    with served(Replay(*names)) as replay:
        yield replay


@contextmanager
def served(replay: Server) -> Iterator[Server]:
    """Serve what answers."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            replay.headers.append({k.lower(): v for k, v in self.headers.items()})
            extra: dict[str, str] = {}
            if replay.refusals:
                status, extra = replay.refusals.pop(0)
                content: Any = {"message": "Not now."}
            else:
                status, content = replay.answer(self.command, self.path, body)
            text = content if isinstance(content, str) else json.dumps(content)
            try:
                self.send_response(status)
                for name, value in {"content-type": "application/json", **extra}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())
            except OSError:
                return  # whoever asked was killed

        do_GET = do_POST = _do

        def log_message(self, *args: Any) -> None:
            """Nothing to standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    replay.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield replay
    finally:
        replay.go.set()
        server.shutdown()
        server.server_close()
        thread.join()
