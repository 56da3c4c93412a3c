"""Traces become items: one with what a person edits, those ticked, all that a query matches."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from evals.models import Dataset, DatasetItem
from evals.queries.datasets import items_of
from tests.evals.making import item, make_dataset
from tests.traces.seeing import call, span, store
from traces.models import BulkJob

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
BULK = "/p/support/traces/bulk/"


@pytest.fixture
def traces(project: Project) -> Project:
    for number in range(3):
        store(
            project,
            span(f"t{number}", input=f"Where is refund {number}?", output=f"At depot {number}."),
            call(f"t{number}", "c", parent_span_id="root", input=f"ask {number}", output="Hi"),
        )
    store(project, span("bare"))
    return project


def test_a_trace_is_an_item_in_two_clicks(traces: Project, member_client: Client) -> None:
    dataset = make_dataset(traces, "golden", item("Where is refund 1?", "old"))
    page = member_client.get("/p/support/traces/t1/")
    assertContains(page, 'href="/p/support/traces/t1/dataset/"')
    assertContains(page, 'data-key="d"')
    form = member_client.get("/p/support/traces/t1/dataset/", headers=HTMX)
    assertContains(form, "Where is refund 1?")
    assertContains(form, "At depot 1.")
    assertNotContains(form, "<html")
    warned = member_client.get(
        "/p/support/traces/t1/dataset/alike/",
        {"dataset": "golden", "input": "Where is refund 1?", "input_as": "text"},
    )
    assertContains(warned, "the same input")
    said = {
        "dataset": "golden",
        "input_as": "text",
        "input": "Where is refund 1?",
        "expected_as": "text",
        "expected": "At the bank.",
        "split": "main",
    }
    done = member_client.post("/p/support/traces/t1/dataset/?span=root", said, headers=HTMX)
    assertContains(done, "Added to golden")
    row = items_of(dataset, 2)[1]
    assert (row.input, row.expected) == ("Where is refund 1?", "At the bank.")
    assert (row.item.source, row.item.source_trace_id, row.item.source_span_id) == (
        "production",
        "t1",
        "root",
    )
    again = member_client.get("/p/support/traces/t1/dataset/")
    assertContains(again, "is an item of golden already")


def test_a_new_dataset_is_made_on_the_way(traces: Project, member_client: Client) -> None:
    at = "/p/support/traces/t0/dataset/"
    said = {"input_as": "text", "input": "x", "expected_as": "text", "split": "main"}
    assertContains(member_client.post(at, said), "Say which dataset", status_code=422)
    assertContains(
        member_client.post(at, said | {"new_dataset": "a//b"}), "Folders are", status_code=422
    )
    answer = member_client.post(at, said | {"new_dataset": "fresh"})
    made = DatasetItem.objects.get()
    assert answer["Location"] == f"/p/support/datasets/fresh/items/{made.key}/"
    assert member_client.get("/p/support/traces/nothing/dataset/").status_code == 404
    assert member_client.get("/p/support/traces/t0/dataset/?span=no").status_code == 404


def test_ticked_traces_are_added_at_once(traces: Project, member_client: Client) -> None:
    dataset = make_dataset(traces, "golden")
    fields = member_client.get("/p/support/traces/bulk/dataset/")
    assertContains(fields, "golden")
    assertContains(member_client.get("/p/support/traces/"), 'id="bulk-dataset"')
    said = {
        "act": "dataset",
        "id": ["t0", "t1", "bare"],
        "dataset": "golden",
        "mapping": "whole",
        "with_output": "1",
        "split": "main",
        "slice": "messy",
    }
    member_client.post(BULK, said)
    rows = items_of(dataset, 1, slices=["messy"])
    assert {(row.input, row.expected) for row in rows} == {
        ("Where is refund 0?", "At depot 0."),
        ("Where is refund 1?", "At depot 1."),
    }
    job = BulkJob.objects.get()
    assert (job.state, job.done, job.changed) == ("done", 3, 2)
    words = "2 traces added, 1 there already or without an input"
    assertContains(member_client.get(f"/p/support/jobs/{job.pk}/"), words)
    member_client.post(BULK, said)
    assert items_of(dataset, 1).count() == 2
    dataset.refresh_from_db()
    assert dataset.last_number == 1


def test_all_that_match_are_a_job(traces: Project, member_client: Client) -> None:
    from traces.tasks import run_jobs

    make_dataset(traces, "golden")
    said = {"act": "dataset", "all": "1", "list": "?t=24h", "dataset": "golden", "split": "main"}
    answer = member_client.post(BULK, said | {"mapping": "last"})
    job = BulkJob.objects.get()
    assert answer["Location"] == f"/p/support/jobs/{job.pk}/"
    run_jobs(job.pk)
    job.refresh_from_db()
    assert (job.state, job.total, job.changed) == ("done", 4, 3)
    assert Dataset.objects.get().items == 3


def test_what_cannot_be_is_refused_in_words(
    traces: Project, member_client: Client, stranger_client: Client
) -> None:
    for bad in ({"dataset": "nothing"}, {"dataset": "golden", "mapping": "x"}):
        answer = member_client.post(BULK, {"act": "dataset", "id": ["t0"], **bad}, follow=True)
        assertContains(answer, "Choose")
    assert not BulkJob.objects.exists()
    assert stranger_client.get("/p/support/traces/t0/dataset/").status_code == 404
    assert stranger_client.get("/p/support/traces/bulk/dataset/").status_code == 404
