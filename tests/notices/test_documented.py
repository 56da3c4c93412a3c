"""`docs/webhooks.md` lists every event that the product declares, and its snippet verifies."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from notices.events import Event, all_events
from notices.retries import WAITS
from notices.signing import new_secret, signed_headers

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text()


def row(event: Event) -> str:
    """The event's line in the table."""
    fields = ", ".join(f"`{name}`" for name in event.data)
    default = event.default.label.lower() if event.default else "–"
    return f"| `{event.name}` | {event.text} | {fields} | {default} |"


def test_the_table_of_events_is_what_apps_declare() -> None:
    declared = [row(event) for event in all_events() if not event.name.startswith("sample.")]
    documented = re.findall(r"^\| `[a-z_.]+` \| .* \| .* \| .* \|$", PAGE, re.MULTILINE)
    assert documented == declared, "The table should read:\n" + "\n".join(declared)


def test_the_waits_are_those_that_stand_there() -> None:
    units = {"s": 1, "min": 60, "h": 3600}
    said = re.search(r"\*\*Tried again\*\* after (.*?), each", PAGE)
    assert said is not None
    found = re.findall(r"(\d+) (s|min|h)\b", said.group(1))
    assert [int(number) * units[unit] for number, unit in found] == [
        wait.total_seconds() for wait in WAITS
    ]


@pytest.fixture(scope="module")
def snippet() -> Any:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  (our own documentation)
    return names["is_genuine"]


def test_the_snippet_tells_what_is_ours(snippet: Any) -> None:
    secret, older, body = new_secret(), new_secret(), json.dumps({"id": "msg_1"}).encode()
    now = int(time.time())
    headers = signed_headers([secret, older], "msg_1", now, body)
    assert snippet(secret, headers, body)
    assert snippet(older, headers, body)
    assert not snippet(new_secret(), headers, body)
    assert not snippet(secret, headers, body + b" ")
    assert not snippet(secret, {**headers, "webhook-id": "msg_2"}, body)
    assert not snippet(secret, {**headers, "webhook-timestamp": str(now + 1)}, body)
    assert not snippet(secret, signed_headers([secret], "msg_1", now - 301, body), body)


def test_signatures_are_those_of_the_specification() -> None:
    """The example of Svix's and Standard Webhooks' libraries."""
    headers = signed_headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
