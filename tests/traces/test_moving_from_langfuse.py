"""A whole project comes over from a Langfuse API, by either of its ways, once and only once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.core.management import CommandError

from accounts.models import Project
from audit.models import AuditEntry
from tests.factories import Key, make_project
from tests.traces.langfuse import basic, exchanges
from tests.traces.moving import bring, contents_of, differing, scores_of, spans_of, traces_of
from tests.traces.recordings import PROTOBUF, bodies
from tests.traces.serving import Web
from traces.ingest.canonical.represent import read_content
from traces.ingest.record import TRACE_FACTS
from traces.models import ImportRun

pytestmark = pytest.mark.django_db(transaction=True)

RECORDED = ("langfuse-python-5.0.4-trace", "langfuse-python-3.15.0-trace")
# What Langfuse's API has no place for: the resource that sent it.
UNSAID = ("feature",)


@pytest.fixture(autouse=True)
def long_ago_is_kept(settings: Any) -> None:
    settings.OLDEST_SPAN_DAYS = 100_000


@pytest.fixture
def langfuse(client: httpx.Client, web: Web, key: Key) -> Iterator[httpx.Client]:
    """A running server with Langfuse's API and what its SDKs sent it."""
    for name in RECORDED:
        for body in bodies(name, "pb"):
            client.post("/v1/traces", content=body, headers={"content-type": PROTOBUF})
    with httpx.Client(base_url=web.url, headers=basic(key)) as http:
        score(http, name="quality", value=0.5, traceId="t-1", observationId="o-1")
        score(http, name="kind", value=1, dataType="BOOLEAN", traceId="t-1", comment="Nice.")
        score(http, name="verdict", value="good", dataType="CATEGORICAL", traceId="t-1",
              metadata={"by": "judge"})  # fmt: skip
        score(http, name="mood", value=3, sessionId="sess-1")
        yield http


def score(http: httpx.Client, **body: object) -> None:
    answer = http.post("/api/public/scores", json=body)
    assert answer.status_code == 200, answer.text


def keys(key: Key) -> dict[str, str]:
    return {"public_key": key.public, "secret_key": key.secret}


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_spans_scores_and_contents_are_equal(
    langfuse: httpx.Client, web: Web, key: Key, project: Project, api: str
) -> None:
    moved = make_project("moved")
    told = bring("langfuse", moved, web.url, api=api, **keys(key))
    theirs, ours = spans_of(project), spans_of(moved)
    assert len(theirs) == 16
    assert theirs.keys() == {place for place in ours if place[1] != TRACE_FACTS}
    assert differing(theirs, ours, "release", *UNSAID) == {}
    kept = contents_of(moved)
    for place, document in contents_of(project).items():
        there, again = read_content(document), read_content(kept[place])
        for name in ("input", "output", "documents", "tool", "cost_given", "params"):
            assert again.get(name) == there.get(name), (place, name)
    assert traces_of(moved) == traces_of(project)
    assert scores_of(moved) == scores_of(project)
    assert told[-1] == (
        "Done: 4 traces, 16 spans and 4 scores are new; 0 spans and 0 scores were here."
    )


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_a_second_time_brings_nothing(langfuse: httpx.Client, web: Web, key: Key, api: str) -> None:
    moved = make_project("moved")
    bring("langfuse", moved, web.url, api=api, **keys(key))
    before = spans_of(moved), contents_of(moved), scores_of(moved), traces_of(moved)
    told = bring("langfuse", moved, web.url, api=api, **keys(key))
    assert told[-1] == (
        "Done: 0 traces, 0 spans and 0 scores are new; 16 spans and 4 scores were here."
    )
    assert (spans_of(moved), contents_of(moved), scores_of(moved), traces_of(moved)) == before


def test_what_the_oldest_sdk_told_in_parts_comes_whole(
    langfuse: httpx.Client, web: Web, key: Key, project: Project
) -> None:
    for one in exchanges("langfuse-python-2.60.10-ingestion", "/api/public/ingestion"):
        assert langfuse.post(one["path"], json=one["request"]).status_code == 207
    moved = make_project("moved")
    bring("langfuse", moved, web.url, **keys(key))
    there, here = spans_of(project), spans_of(moved)
    assert there.keys() <= here.keys()
    assert differing(there, here, "release", "start_time", *UNSAID) == {}
    assert traces_of(moved) == traces_of(project)
    assert scores_of(moved) == scores_of(project)


def test_what_was_sent_here_too_is_left_as_it_came(
    langfuse: httpx.Client, web: Web, key: Key, project: Project
) -> None:
    before = spans_of(project), contents_of(project)
    told = bring("langfuse", project, web.url, **keys(key))
    assert "0 spans and 0 scores are new; 16 spans and 4 scores were here." in told[-1]
    after = spans_of(project), contents_of(project)
    for old, new in zip(before, after, strict=True):
        assert {place: new[place] for place in old} == old


def test_a_window_of_time_is_all_that_comes(
    langfuse: httpx.Client, web: Web, key: Key, project: Project
) -> None:
    first = min(span["start_time"] for span in spans_of(project).values())
    moved = make_project("moved")
    told = bring("langfuse", moved, web.url, until=first.isoformat(), **keys(key))
    assert told[-1].startswith("Done: 0 traces, 0 spans and 0 scores are new")
    with pytest.raises(CommandError, match="--until must be after --since"):
        bring("langfuse", moved, web.url, since="2026-11-21", until="2026-11-20", **keys(key))


def test_spans_too_old_to_keep_are_counted_and_left(
    langfuse: httpx.Client, web: Web, key: Key, settings: Any
) -> None:
    settings.RETENTION_DAYS = 0
    settings.OLDEST_SPAN_DAYS = -2  # kept is what begins after tomorrow: nothing
    moved = make_project("moved")
    told = bring("langfuse", moved, web.url, **keys(key))
    assert spans_of(moved) == {}
    assert any("not taken: 16 spans outside of the -2 days that are kept" in line for line in told)


def test_each_run_is_audited_and_no_key_is_kept(langfuse: httpx.Client, web: Web, key: Key) -> None:
    moved = make_project("moved")
    told = bring("langfuse", moved, web.url, **keys(key))
    entries = AuditEntry.objects.filter(project_id=moved.pk).order_by("sequence")
    assert [entry.action for entry in entries] == ["import.started", "import.ended"]
    assert entries[1].details["spans"] == 16
    run = ImportRun.objects.get(project_id=moved.pk)
    assert (run.source, run.host, run.place) == ("langfuse", web.url, "Support")
    assert run.finished_at is not None
    everything = f"{told} {[entry.details for entry in entries]} {vars(run)}"
    assert key.secret not in everything
    assert key.public not in everything


def test_wrong_keys_and_projects_are_told_plainly(
    langfuse: httpx.Client, web: Web, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = make_project("moved")
    with pytest.raises(CommandError, match="refused the key \\(401\\)"):
        bring("langfuse", moved, web.url, public_key=key.public, secret_key="sk-rw-wrong")
    with pytest.raises(CommandError, match="LANGFUSE_PUBLIC_KEY is needed"):
        bring("langfuse", moved, web.url)
    with pytest.raises(CommandError, match="cannot be reached"):
        bring("langfuse", moved, "http://127.0.0.1:9", **keys(key))
    with pytest.raises(CommandError, match="There is no project 'gone'"):
        bring("langfuse", Project(slug="gone"), web.url, **keys(key))
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", key.public)
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", key.secret)
    assert "16 spans" in bring("langfuse", moved, web.url)[-1]
