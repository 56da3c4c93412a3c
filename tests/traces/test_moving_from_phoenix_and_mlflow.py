"""What a real Phoenix and a real MLflow answered becomes the spans that were sent to them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError

from accounts.models import Project
from tests.factories import make_project
from tests.traces.moving import bring, contents_of, differing, scores_of, spans_of
from tests.traces.recordings import PROTOBUF, bodies
from tests.traces.replay import replayed
from tests.traces.stored import open_store
from traces.ingest.canonical.represent import read_content
from traces.ingest.pipeline import Dialect, prepare

pytestmark = pytest.mark.django_db(transaction=True)

# What neither server keeps: the resource, and nanoseconds in Phoenix.
UNKEPT = ("feature", "environment", "release")
PHOENIX = {"from_project": "weather"}
MLFLOW = {"experiment": "support-bot"}


@pytest.fixture(autouse=True)
def long_ago_is_kept(settings: Any) -> None:
    settings.OLDEST_SPAN_DAYS = 100_000


@pytest.fixture
def sent(project: Project) -> Project:
    """The project that got the same requests as Phoenix did."""
    for body in bodies("openinference-openai-0.1.66-chat", "pb"):
        prepared = prepare(
            body, encoding="", content_type=PROTOBUF, dialect=Dialect.OTLP, project_id=project.pk
        )
        with open_store() as store:
            store.write(prepared.spans)
    return project


def test_phoenix_gives_back_what_was_sent_to_it(sent: Project) -> None:
    moved = make_project("moved")
    with replayed("phoenix") as server:
        told = bring("phoenix", moved, server.url, **PHOENIX)
    there, here = spans_of(sent), spans_of(moved)
    assert there.keys() == here.keys()
    assert len(here) == 6
    assert differing(there, here, "start_time", "duration_us", "ttft_us", *UNKEPT) == {}
    for place, span in there.items():
        for name in ("start_time", "duration_us", "ttft_us"):
            one, other = span[name], here[place][name]
            if name == "start_time":
                assert abs((one - other).total_seconds()) <= 0.000_001
            else:
                assert one == other or abs(one - other) <= 2
    kept = contents_of(moved)
    for place, document in contents_of(sent).items():
        one, other = read_content(document), read_content(kept[place])
        for name in ("metadata", "tags", "input", "output", "params", "documents", "tool"):
            assert other.get(name) == one.get(name), (place, name)
    assert (
        told[-1] == "Done: 1 traces, 6 spans and 5 scores are new; 0 spans and 0 scores were here."
    )


def test_phoenix_annotations_become_scores(project: Project) -> None:
    with replayed("phoenix") as server:
        bring("phoenix", project, server.url, **PHOENIX)
    found = {score["name"]: score for score in scores_of(project)}
    assert {name: (one["num"], one["label"], one["source"]) for name, one in found.items()} == {
        "correctness": (1.0, None, "judge"),
        "tone": (None, "polite", "human"),
        "checked": (0.5, None, "code"),
        "resolved": (1.0, None, "code"),
        "mood": (4.0, None, "human"),
    }
    judged = found["correctness"]
    assert judged["comment"] == "It is sunny."
    assert judged["metadata"] == {
        "judge": "gpt-4o", "phoenix.label": "correct", "phoenix.identifier": "run-1",
    }  # fmt: skip
    assert (judged["trace_id"], bool(judged["span_id"])) in {
        (trace, True) for trace, _ in spans_of(project)
    }
    assert found["resolved"]["trace_id"] == judged["trace_id"]
    assert (found["mood"]["session_id"], found["mood"]["trace_id"]) == ("sess-9", "")


@pytest.mark.parametrize("recording", ["mlflow", "mlflow-artifacts"])
def test_mlflow_traces_come_whole(project: Project, recording: str) -> None:
    with replayed(recording) as server:
        if recording == "mlflow-artifacts":  # a server without batches
            server.answers = {k: v for k, v in server.answers.items() if "batchGet" not in k}
            told = bring_without_batches(project, server.url)
        else:
            told = bring("mlflow", project, server.url, **MLFLOW)
    spans = spans_of(project)
    assert len(spans) == 13
    calls = [span for span in spans.values() if span["name"] == "chat"]
    assert sorted(span["in_uncached"] for span in calls) == [120, 121, 122, 123]
    for span in calls:
        assert (span["model"], span["provider"], span["out_text"]) == ("gpt-4o-mini", "openai", 30)
        assert span["input_preview"].startswith("Where is order")
        assert span["output_preview"] == "On its way."
        assert span["cost_nano"] == span["in_uncached"] * 150 + 18_000  # as MLflow says it is
    roots = [span for span in spans.values() if span["parent_span_id"] is None]
    assert sorted(span["session_id"] for span in roots) == [f"sess-{n}" for n in range(4)]
    assert {span["user_id"] for span in roots} == {"user-7"}
    [failed] = [span for span in spans.values() if span["level"] == 3]
    assert (failed["name"], failed["error_type"]) == ("lookup", "ValueError")
    documents = [read_content(one).get("documents") for one in contents_of(project).values()]
    assert sum(1 for one in documents if one and one[0]["content"] == "Orders ship daily.") == 4
    assert "4 traces, 13 spans and 9 scores are new" in next(x for x in told if "Done" in x)
    assert sorted(told[-3:]) == [
        "  not taken: 1 assessments whose value is no number, word or yes and no",
        "  not taken: 1 assessments without a value",
        "  not taken: 1 expectations, which are no scores but answers for a dataset",
    ]


def bring_without_batches(project: Project, url: str) -> list[str]:
    """The same where the server has not learnt to give whole traces."""
    from traces.moving import mlflow

    class Older(mlflow.MLflow):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self._batches = False

    import importlib

    command = importlib.import_module("traces.management.commands.import")
    newer, command.MLflow = command.MLflow, Older
    try:
        return bring("mlflow", project, url, **MLFLOW)
    finally:
        command.MLflow = newer


def test_mlflow_assessments_become_scores(project: Project) -> None:
    with replayed("mlflow") as server:
        bring("mlflow", project, server.url, **MLFLOW)
    found = scores_of(project)
    assert sorted((one["name"], one["data_type"], one["source"]) for one in found) == [
        *[("helpful", "boolean", "human")] * 4,
        *[("quality", "number", "judge")] * 4,
        ("tone", "category", "judge"),
    ]
    traces = {trace for trace, _ in spans_of(project)}
    assert {one["trace_id"] for one in found} == traces
    assert all(one["comment"] == "Right." for one in found if one["name"] == "helpful")


def test_a_feature_may_be_said_of_all(project: Project) -> None:
    with replayed("phoenix") as server:
        bring("phoenix", project, server.url, feature="weather", environment="staging", **PHOENIX)
    spans = spans_of(project).values()
    assert {(span["feature"], span["environment"]) for span in spans} == {("weather", "staging")}


def test_unknown_projects_and_other_servers_are_told_plainly(project: Project) -> None:
    with replayed("phoenix", "mlflow") as server:
        with pytest.raises(CommandError, match="has no project 'x'; it has: default, weather"):
            bring("phoenix", project, server.url, from_project="x")
        server.refusals = [(404, {})]
        with pytest.raises(CommandError, match="has no experiment 'x', or is no MLflow"):
            bring("mlflow", project, server.url, experiment="x")
        server.refusals = [(401, {})]
        with pytest.raises(CommandError, match="refused the key \\(401\\): Not now"):
            bring("phoenix", project, server.url, **PHOENIX)
        server.refusals = [(302, {"location": "https://elsewhere.example"})]
        with pytest.raises(CommandError, match=r"sends on to https://elsewhere\.example"):
            bring("phoenix", project, server.url, **PHOENIX)
    with pytest.raises(CommandError, match="is no address such as https://host"):
        bring("phoenix", project, "localhost:6006", **PHOENIX)
    with pytest.raises(CommandError, match="must not hold a password"):
        bring("phoenix", project, "http://me:secret@localhost:6006", **PHOENIX)
