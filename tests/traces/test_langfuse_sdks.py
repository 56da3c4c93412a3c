"""The Langfuse SDKs 5 and 2 themselves, unchanged, against a running server."""

from __future__ import annotations

import httpx
import pytest

from tests.clients import told_by
from tests.factories import Key
from tests.traces.serving import Web
from tests.traces.stored import fetch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timing]


def test_langfuse_5_writes_and_reads_back(web: Web, client: httpx.Client, key: Key) -> None:
    told = told_by("langfuse-5", web.url, key)
    assert (told["auth"], told["health"]) == (True, "OK")
    usage = {"input": 100, "input_cached_tokens": 40, "output": 20, "total": 160}
    assert told["observations"] == [
        ["AGENT", "agent", None, {}, "hello", "staging", "sess-1"],
        ["GENERATION", "answer", "gpt-4o", usage, "hello", "staging", "sess-1"],
    ]
    assert told["scores"] == [
        ["helpfulness", "NUMERIC", 0.9, "observation"],
        ["mood", "NUMERIC", 3.0, "session"],
        ["thumbs", "BOOLEAN", True, "trace"],
        ["verdict", "CATEGORICAL", "correct", "trace"],
    ]
    assert told["paged"] == [3, 1, None]
    assert (told["cursor"], told["narrowed"]) == (["look", "answer"], ["answer"])
    assert told["media"] == ["image/png", 68]
    assert "@@@langfuseMedia:type=image/png|id=" in told["shown"]
    assert told["prompt"] == "so be it"  # there is no such prompt: the fallback
    project = key.stored.project_id
    assert told["url"] == f"{web.url}/project/{project}/traces/{told['trace_id']}"
    trace = client.get(f"/api/v1/traces/{told['trace_id']}").json()
    assert (trace["user_id"], trace["tags"], trace["release"]) == ("user-1", ["beta"], "rel-1")
    assert trace["tokens"] == {"input_total": 140, "output_total": 20, "total": 160}
    assert not web.complaints()


def test_langfuse_2_writes_and_reads_back(web: Web, client: httpx.Client, key: Key) -> None:
    told = told_by("langfuse-2", web.url, key)
    assert told["auth"] is True
    assert told["trace"] == ["weather", "user-1", "sess-1", ["beta"], {"plan": "pro"}, {"q": "hi"}]
    assert told["more"] == [
        "hello", "rel-1", True, "staging", f"/project/{key.stored.project_id}/traces/trace-1"
    ]  # fmt: skip
    assert told["observations"] == [
        ["EVENT", "miss", "DEFAULT", None, 0, 0],
        ["GENERATION", "answer", "DEFAULT", "gpt-4o", 100, 20],
        ["SPAN", "work", "ERROR", None, 0, 0],
    ]
    assert told["scores"] == [["helpfulness", 0.9], ["verdict", 0.0]]
    assert told["traces"] == [2, 2, 1]
    assert (told["mine"], told["session"], told["sessions"]) == (
        ["trace-1"],
        ["trace-1"],
        ["sess-1"],
    )
    assert told["calls"] == ["answer", "inner"]
    assert told["one"] == "answer"
    assert told["listed_scores"] == ["helpfulness", "verdict"]
    # gpt-4o: 100 tokens at 2.50 and 20 at 10 dollars a million
    assert fetch("select cost_nano from span where name = 'answer'") == [(450_000,)]
    assert not web.complaints()
