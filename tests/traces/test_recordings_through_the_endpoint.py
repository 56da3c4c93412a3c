"""The acceptance test: what real clients sent goes in over HTTP and is read back as expected."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.traces.recordings import FOLDER, JSON, NAMES, PROTOBUF, SHOWN, expected_spans
from tests.traces.serving import Web
from tests.traces.stored import connect, fetch
from traces.services import settle_traces

pytestmark = pytest.mark.django_db(transaction=True)


def comparable(span: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    """The values that the recordings speak of, as they write them."""
    kept = {key: span[key] for key in keys}
    for key in ("input_text", "output_text"):
        if kept.get(key) is not None:
            kept[key] = kept[key][:SHOWN]
    if kept.get("tokens") is not None:
        named = ("input_total", "input_cached", "input_cache_write", "output_total",
                 "output_reasoning")  # fmt: skip
        kept["tokens"] = {name: kept["tokens"][name] for name in named}
    if kept.get("documents"):
        kept["documents"] = [document["id"] for document in kept["documents"]]
    return kept


def requests(name: str, form: str) -> list[tuple[str, bytes]]:
    """What the client sent, in its order: the path and the body of each request."""
    whole = FOLDER / f"{name}.{form}"
    if whole.exists():
        return [("/v1/traces", whole.read_bytes())]
    return [
        ("/v1/logs" if path.name.endswith(f"-logs.{form}") else "/v1/traces", path.read_bytes())
        for path in sorted(FOLDER.glob(f"{name}.[0-9]-*.{form}"))
    ]


WAYS = [(name, form) for name in NAMES for form in ("pb", "json") if requests(name, form)]


@pytest.mark.parametrize("order", ["recorded", "reversed"])
@pytest.mark.parametrize(("name", "form"), WAYS)
def test_every_value_of_every_span_comes_back(
    client: httpx.Client, web: Web, name: str, form: str, order: str
) -> None:
    kind = PROTOBUF if form == "pb" else JSON
    sent = requests(name, form)
    if order == "reversed":
        sent.reverse()
    for path, body in [*sent, *sent]:  # twice: a repeat changes nothing
        answer = client.post(path, content=body, headers={"Content-Type": kind})
        assert (answer.status_code, answer.content) == (200, b"" if form == "pb" else b"{}")
    expected = expected_spans(name)
    assert fetch("select count(*) from span") == [(len(expected),)]
    with connect() as link:
        link.execute("update digest_queue set queued_at = queued_at - interval '1 minute'")
    assert settle_traces()
    for trace_id in {wanted["trace_id"] for wanted in expected.values()}:
        for span in client.get(f"/api/v1/traces/{trace_id}/spans").json()["data"]:
            wanted = expected[span["span_id"]]
            assert comparable(span, set(wanted)) == comparable(wanted, set(wanted))
        assert client.get(f"/api/v1/traces/{trace_id}").json()["settled"]
    assert not web.complaints()
