"""A page of somebody else's site gives scores with the public key, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from accounts.models import Project
from tests.factories import Key
from traces.models import Score

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

SEND = """async ([address, method, key, body]) => {
  try {
    const answer = await fetch(address, {
      method, headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
    return [answer.status, await answer.json(), answer.headers.get("Retry-After")];
  } catch (error) {
    return [0, String(error), null];
  }
}"""


class Shop(BaseHTTPRequestHandler):
    """A page without anything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Shop</title>")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def shop() -> Iterator[str]:
    """The address of another origin."""
    server = HTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_gives_scores_and_reads_nothing(
    page: Page, address: str, shop: str, project: Project, key: Key
) -> None:
    page.goto(shop)
    scores = f"{address}/api/v1/scores"
    one = {"id": "a", "trace_id": "not-here-yet", "name": "thumb", "value": True}
    assert page.evaluate(SEND, [scores, "POST", key.public, one]) == [200, {"id": "a"}, None]
    stored = Score.objects.get()
    assert (stored.source, stored.trace_id) == ("user", "not-here-yet")
    status, problem, _ = page.evaluate(SEND, [scores, "POST", key.public, {**one, "value": []}])
    assert (status, problem["errors"][0]["where"]) == (400, "value")
    # What is no write of a public key stays closed: the browser hides the answer.
    assert page.evaluate(SEND, [scores, "GET", key.public, None])[0] == 0
    assert page.evaluate(SEND, [scores, "GET", key.secret, None])[0] == 0
    assert page.evaluate(SEND, [f"{address}/api/v1/outcomes", "POST", key.public, one])[0] == 0
    for _ in range(300):  # a slow machine earns some back meanwhile
        status, problem, retry_after = page.evaluate(SEND, [scores, "POST", key.public, one])
        if status != 200:
            break
    assert (status, problem["title"]) == (429, "Too many requests")
    assert int(retry_after) >= 1
