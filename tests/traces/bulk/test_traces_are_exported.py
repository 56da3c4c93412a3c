"""Exports hold every trace once, with exact figures, in three formats."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from django.test import Client

from accounts.models import Project, User
from governance.redaction import add_rule
from tests.factories import Key
from tests.traces.bulk.working import ask, furnish, run
from tests.traces.seeing import span, store
from traces.exporting import contents, places
from traces.models import BulkJob, BulkJobPart
from traces.services import bulk

pytestmark = pytest.mark.django_db(transaction=True)

EXPORT = BulkJob.Kind.EXPORT


@pytest.fixture(autouse=True)
def _folder(settings: object, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]


def whole(job: BulkJob) -> bytes:
    parts = BulkJobPart.objects.filter(job_id=job.pk).order_by("place")
    body = b"".join(places.read(job.pk, part.place) for part in parts)
    assert len(body) == job.size
    return body


def exported(project: Project, user: User, form: str, *, content: bool = False) -> bytes:
    job = run(ask(project, EXPORT, user, options={"format": form, "content": content}))
    assert job.state == "done", job.error
    assert job.is_ready
    return whole(job)


@pytest.fixture(params=[2000, 2], ids=["one part", "three parts"])
def names(
    request: pytest.FixtureRequest, project: Project, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    monkeypatch.setattr(bulk, "PART_TRACES", request.param)
    found = furnish(project, 5)
    store(project, span("bare", "root", ago=900, name="no, call"))  # no call, no cost
    return [*found, "bare"]


def test_lines(project: Project, alice: User, names: list[str]) -> None:
    rows = [json.loads(line) for line in exported(project, alice, "jsonl").splitlines()]
    assert [row["trace_id"] for row in rows] == names
    assert [row["cost_usd"] for row in rows[:2]] == ["0.001000000", "0.002000000"]
    assert rows[1]["cost_nano_usd"] == 2_000_000
    assert (rows[-1]["cost_usd"], rows[-1]["input_tokens"]) == (None, None)
    assert (rows[0]["input_tokens"], rows[0]["output_tokens"]) == (100, 20)
    assert rows[0]["tags"] == ["sent"]
    assert not {"input", "output", "spans"} & set(rows[0])


def test_lines_with_content_hold_the_spans(project: Project, alice: User, names: list[str]) -> None:
    body = exported(project, alice, "jsonl", content=True)
    rows = [json.loads(line) for line in body.splitlines()]
    assert rows[2]["input"] == "Where is order 2?"
    assert [span["span_id"] for span in rows[2]["spans"]] == ["root", "tool"]
    assert rows[2]["spans"][0]["input_text"] == "Where is order 2?"


def test_spans_are_those_of_the_rest_api(
    project: Project, alice: User, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "MOST_SPANS", 5)  # two traces at once
    furnish(project, 5)
    body = exported(project, alice, "jsonl", content=True)
    for line in body.splitlines():
        row = json.loads(line)
        answer = Client().get(f"/api/v1/traces/{row['trace_id']}/spans", headers=key.headers)
        assert row["spans"] == answer.json()["data"]
        assert len(row["spans"]) == 2


def test_a_table_with_commas_quotes_and_formulas(
    project: Project, alice: User, names: list[str]
) -> None:
    text = exported(project, alice, "csv", content=True).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["trace_id"] for row in rows] == names
    assert rows[0]["output"] == "'=HYPERLINK(1)"  # shown, not run
    assert rows[1]["output"] == "Here, and there."
    assert rows[-1]["name"] == "no, call"
    assert [Decimal(row["cost_usd"]) for row in rows[:2]] == [Decimal("0.001"), Decimal("0.002")]
    assert (rows[-1]["cost_usd"], rows[-1]["input_tokens"], rows[-1]["open_count"]) == ("", "", "0")
    assert text.count("trace_id") == 1


def test_parquet_as_another_program_reads_it(
    project: Project, alice: User, names: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "traces.parquet"
    path.write_bytes(exported(project, alice, "parquet", content=True))
    with duckdb.connect() as reader:
        found = reader.sql(
            "select trace_id, cost_usd, cost_nano_usd, input_tokens, start_time, output, tags, "
            f"name from '{path}'"
        ).fetchall()
        kinds = dict(
            reader.sql(f"select column_name, column_type from (describe from '{path}')").fetchall()
        )
    assert [row[0] for row in found] == names
    assert found[1][1:4] == (Decimal("0.002"), 2_000_000, 100)
    assert found[-1][1:4] == (None, None, None)
    assert found[0][4].isoformat().startswith("20")
    assert (found[0][5], found[0][6], found[-1][7]) == ("=HYPERLINK(1)", '["sent"]', "no, call")
    assert (kinds["cost_usd"], kinds["span_count"]) == ("DECIMAL(18,9)", "BIGINT")


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_nothing_that_matches_is_an_empty_file(
    project: Project, alice: User, form: str, tmp_path: Path
) -> None:
    body = exported(project, alice, form)
    if form == "parquet":
        (tmp_path / "none.parquet").write_bytes(body)
        with duckdb.connect() as reader:
            assert reader.sql(f"select count(*) from '{tmp_path}/none.parquet'").fetchall() == [
                (0,)
            ]
    else:
        assert len(body.splitlines()) == (form == "csv")


def test_rules_younger_than_the_trace_hold(project: Project, alice: User) -> None:
    furnish(project, 1)
    remove = add_rule(lambda text: text.replace("order", "[masked]").replace("t000", "?"))
    try:
        for form in ("jsonl", "csv"):
            body = exported(project, alice, form, content=True).decode()
            assert "Where is [masked] 0?" in body
            assert "order" not in body
            assert "t000" in body  # ids join, and stay
    finally:
        remove()
