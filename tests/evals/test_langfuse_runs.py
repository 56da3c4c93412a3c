"""Experiments and dataset runs of Langfuse's SDKs, unchanged, show as experiments."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Project
from evals.models import Experiment
from evals.queries.paired import outcomes
from evals.queries.run_traces import run_scores_of
from evals.running.runner import run_due
from evals.services.langfuse_runs import read_noted
from evals.values.langfuse_ids import run_id_text
from tests.clients import told_by
from tests.evals.running import in_a_thread
from tests.factories import Key
from tests.traces.langfuse import exchanges
from tests.traces.serving import Web
from traces.models import ExperimentTrace
from traces.services import settle_traces


def ask(key: Key, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    sent = b"" if body is None else orjson.dumps(body)
    response = Client().generic(
        method, f"/api/public/{path}", sent, "application/json", headers=key.headers
    )
    assert response.status_code == status, (method, path, response.content)
    return response.json()


def settled() -> Experiment:
    """The one experiment, once its traces are read and nobody adds to it."""
    with connection.cursor() as cursor:
        cursor.execute("update digest_queue set queued_at = queued_at - interval '1 minute'")
    settle_traces()
    ExperimentTrace.objects.update(due_at=timezone.now())
    while read_noted():
        pass
    Experiment.objects.update(due_at=timezone.now())
    in_a_thread(run_due)
    return Experiment.objects.get()


@pytest.mark.timing
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("sdk", "program"),
    [
        ("langfuse-5", "langfuse_experiment"),
        ("langfuse-4", "langfuse_experiment"),
        ("langfuse-3", "langfuse_run"),
        ("langfuse-2", "langfuse_run"),
    ],
)
def test_what_an_sdk_runs_is_an_experiment(
    web: Web, project: Project, key: Key, member_client: Client, sdk: str, program: str
) -> None:
    told = told_by(sdk, web.url, key, program)
    experiment = settled()
    assert (experiment.origin, experiment.state) == ("langfuse", "done")
    assert experiment.name == "caps run 1"
    assert experiment.description == "desc"
    assert experiment.external_id == told["id"]
    assert experiment.dataset is not None
    assert told["id"] == run_id_text(project.pk, experiment.dataset.pk, "caps run 1")
    rows = {row.item_key: row for row in experiment.results.all()}
    assert {key: row.output for key, row in rows.items()} == {"item-0": "Paris", "item-1": "Milan"}
    assert all(row.revision is not None and row.repeat == 1 for row in rows.values())
    assert outcomes(experiment, "exact").means == (1.0, 0.0)
    judged = experiment.judgements.filter(name="exact")
    assert {one.reason for one in judged} == {"cmp"}
    if program == "langfuse_experiment":
        (score,) = run_scores_of(project.pk, experiment.external_id)
        assert (score.name, score.num) == ("accuracy", 0.5)
        assert {row.output_tokens for row in rows.values()} == {10}
        assert {row.trace_id for row in rows.values()} == set(told["traces"])
        page = member_client.get(told["url"].removeprefix(web.url))
        assert page.headers["Location"].endswith(f"/experiments/{experiment.number}/")
    assert not web.complaints()


@pytest.mark.django_db
def test_a_run_is_linked_listed_read_and_deleted(project: Project, key: Key) -> None:
    for one in exchanges("langfuse-python-4.18.0-dataset-experiment"):
        path = one["path"].removeprefix("/api/public/")
        if not path.startswith(("v2/datasets", "dataset-items", "dataset-run-items", "datasets")):
            continue
        told = ask(key, one["method"], path, one["request"], one["status"])
        assert set(told) >= set(one["response"]), path
        if "runs" in path and "data" in told:
            assert [run["name"] for run in told["data"]] == ["caps run 1"]
    run = ask(key, "GET", "datasets/eval/capitals/runs/caps run 1")
    assert [one["datasetItemId"] for one in run["datasetRunItems"]] == ["item-0", "item-1"]
    listed = ask(key, "GET", "experiments?fromStartTime=2026-01-01T00:00:00Z&fields=core,scores")
    assert [(one["id"], one["itemCount"]) for one in listed["data"]] == [(run["id"], 2)]
    since = "fromStartTime=2026-01-01T00:00:00Z"
    items = ask(key, "GET", f"experiment-items?{since}&fields=core,io,dataset&limit=1")
    assert items["data"][0]["input"] == {"country": "Italy"}
    more = ask(key, "GET", f"experiment-items?{since}&limit=1&cursor={items['meta']['cursor']}")
    assert more["data"][0]["experimentItemId"] == "item-0"
    assert ask(key, "GET", f"dataset-run-items?datasetId={run['datasetId']}&runName=caps%20run%201")
    ask(key, "DELETE", "datasets/eval/capitals/runs/caps run 1")
    ask(key, "GET", "datasets/eval/capitals/runs/caps run 1", status=404)


@pytest.mark.django_db
def test_a_link_is_made_once_and_odd_ones_are_refused(project: Project, key: Key) -> None:
    ask(key, "POST", "v2/datasets", {"name": "caps"})
    ask(key, "POST", "dataset-items", {"datasetName": "caps", "id": "a", "input": 1})
    link = {"runName": "r", "datasetItemId": "a", "traceId": "t1"}
    first = ask(key, "POST", "dataset-run-items", link)
    assert ask(key, "POST", "dataset-run-items", link)["id"] == first["id"]
    ask(key, "POST", "dataset-run-items", {**link, "traceId": "t2"})
    assert [row.repeat for row in Experiment.objects.get().results.order_by("pk")] == [1, 2]
    ask(key, "POST", "dataset-run-items", {**link, "datasetItemId": "none"}, 404)
    ask(key, "POST", "dataset-run-items", {**link, "traceId": None}, 400)
    ask(key, "POST", "dataset-run-items", {**link, "traceId": "a\0b"}, 400)
    ask(key, "POST", "dataset-run-items", {"runName": "r"}, 400)
    ask(key, "GET", "experiments", status=400)
    ask(key, "GET", "experiments?fromStartTime=2026-01-01T00:00:00Z&cursor=x", status=400)
    assert ExperimentTrace.objects.count() == 2
