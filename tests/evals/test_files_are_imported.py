"""CSV, JSONL and Parquet become items: looked at first, with faults by row and column, whole."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.models import Project, User
from evals.importing.mapping import fields_of, guessed
from evals.importing.reading import BadFile, format_of, read
from evals.models import Dataset, DatasetUpload
from evals.queries.datasets import items_of
from evals.services.importing import forget_uploads
from tests.evals.making import item, make_dataset

CSV = (
    "id,question,expected_output,slice,source_url\n"
    'a,"Where is it, please?",At the depot,edge,https://x\n'
    'b,"{""messages"": [{""role"": ""user"", ""content"": ""Hi""}]}",,,\n'
)


def _parquet() -> bytes:
    table = pa.table(
        {
            "input": [{"q": "x", "n": 1}, {"q": "y", "n": None}],
            "expected": ["1", None],
            "at": [datetime(2026, 1, 2, tzinfo=UTC)] * 2,
            "price": [Decimal("1.50")] * 2,
        }
    )
    written = io.BytesIO()
    pq.write_table(table, written)
    return written.getvalue()


def test_a_csv_is_read_with_its_columns_guessed() -> None:
    table = read(CSV.encode("utf-8-sig"), format_of("cases.csv", CSV.encode()))
    assert table.numbers == [2, 3]
    mapping = guessed(table.columns)
    assert mapping == {
        "id": "key",
        "question": "input",
        "expected_output": "expected",
        "slice": "slice",
        "source_url": "metadata",
    }
    first, second = (fields_of(row, mapping, reads_json=True) for row in table.rows)
    assert first == {
        "key": "a",
        "input": "Where is it, please?",
        "expected": "At the depot",
        "slice": "edge",
        "metadata": "https://x",
    }
    assert second["input"] == {"messages": [{"role": "user", "content": "Hi"}]}


def test_several_columns_become_an_object() -> None:
    mapping = {"country": "input", "year": "input", "good": "characteristics", "no": "ignore"}
    row = {"country": "France", "year": 1990, "good": "Short.\n\nTrue.", "no": 1}
    assert fields_of(row, mapping, reads_json=True) == {
        "input": {"country": "France", "year": 1990},
        "characteristics": ["Short.", "True."],
    }


def test_jsonl_json_and_parquet_are_read() -> None:
    lines = b'{"input": 1}\n\n{"input": [2]}\n'
    assert read(lines, format_of("x.jsonl", lines)).numbers == [1, 3]
    whole = b' [{"input": 1}, {"input": 2}]'
    assert len(read(whole, format_of("x.json", whole)).rows) == 2
    table = read(_parquet(), format_of("x", _parquet()))
    assert table.rows[0] == {
        "input": {"q": "x", "n": 1},
        "expected": "1",
        "at": "2026-01-02T00:00:00+00:00",
        "price": "1.50",
    }
    assert "expected" not in table.rows[1]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "names the columns"),
        ("a.csv", b"a,b\n", "no rows"),
        ("a.csv", b"a,a\n1,2\n", "two columns are called 'a'"),
        ("a.csv", b"a,b\n1,2,3\n", "Line 2: 3 cells, but 2 columns"),
        ("a.csv", b'a\n"x\n', "Line 2"),
        ("a.csv", b"a\nb\n\xff\n", "Line 3: the file is not UTF-8"),
        ("a.jsonl", b'{"a": 1}\n{"a":\n', "Line 2: this is not JSON"),
        ("a.jsonl", b'{"a": 1}\n3\n', "Line 2: an object"),
        ("a.parquet", b"PAR1nonsensePAR1", "cannot be read"),
        ("a.exe", b"MZ", "no CSV, JSONL"),
        ("a.csv", b"a\n" + b"x\n" * 20_001, "20,000 rows"),
        ("a.csv", (",".join(map(str, range(201))) + "\n" + "1," * 200 + "1\n").encode(), "200"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(name: str, content: bytes, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        read(content, format_of(name, content))


@pytest.fixture
def golden(project: Project, bob: User) -> Dataset:
    return make_dataset(project, "golden", item("Known", "known"), actor=bob)


def _upload(client: Client, content: bytes, name: str = "cases.csv") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post("/p/support/datasets/golden/import/", {"file": file})


@pytest.mark.django_db
def test_a_file_is_looked_at_mapped_and_imported(golden: Dataset, member_client: Client) -> None:
    assertContains(member_client.get("/p/support/datasets/golden/import/"), "20,000 rows")
    assertContains(_upload(member_client, b""), "names the columns", status_code=422)
    at = _upload(member_client, CSV.encode())["Location"]
    page = member_client.get(at)
    assertContains(page, "2 of 2 rows can be imported")
    assertContains(page, "Where is it, please?")
    said = {f"to-{place}": "ignore" for place in range(5)} | {"act": "import"}
    assertContains(member_client.post(at, said), "No column becomes the input", status_code=422)
    said |= {"to-0": "key", "to-1": "input", "to-2": "expected", "to-3": "slice"}
    answer = member_client.post(at, said | {"reads_json": "1"})
    assert answer["Location"] == "/p/support/datasets/golden/"
    rows = {row.item.key: row for row in items_of(golden, 2)}
    assert (rows["a"].expected, rows["a"].slice, rows["a"].item.source) == (
        "At the depot",
        "edge",
        "imported",
    )
    assert rows["a"].metadata is None
    assert rows["b"].input == {"messages": [{"role": "user", "content": "Hi"}]}
    assert member_client.get(at).status_code == 404  # it is not kept any longer


@pytest.mark.django_db
def test_faults_are_told_by_row_and_column_and_nothing_is_imported(
    golden: Dataset, member_client: Client
) -> None:
    bad = b"id,input,split\nx,fine,main\nx,again,main\ny,,main\nknown,z,main\nw,w,left\nv,\0,main\n"
    at = _upload(member_client, bad)["Location"]
    page = member_client.post(at, {"act": "import"})
    assert page.status_code == 422
    for told in (
        "Row 3</span>, <code>id</code>: Row 2 has the same id.",
        "Row 4</span>, <code>input</code>: There is no input.",
        "Row 5</span>, <code>id</code>: The dataset has an item of this id already.",
        "Row 6</span>, <code>split</code>: it is main or held_out.",
        "Row 7</span>, <code>input</code>: it cannot be kept: a NUL character.",
    ):
        assertContains(page, told, status_code=422)
    golden.refresh_from_db()
    assert golden.last_number == 1


@pytest.mark.django_db
def test_items_are_changed_and_repeats_left_out_only_when_asked(
    golden: Dataset, member_client: Client
) -> None:
    content = b'{"id": "known", "input": "Known", "expected": "now"}\n{"input": "Known"}\n'
    at = _upload(member_client, content, "x.jsonl")["Location"]
    page = member_client.post(at, {"act": "check", "changes": "1", "skips_same": "1"})
    assertContains(page, "1 of 2 rows can be imported")
    assertContains(page, "1 is left out")
    member_client.post(at, {"act": "import", "changes": "1", "skips_same": "1"})
    (row,) = items_of(golden, 2)
    assert (row.item.key, row.expected) == ("known", "now")


@pytest.mark.django_db
def test_a_kept_file_is_its_owners_and_is_forgotten(
    golden: Dataset, member_client: Client, owner_client: Client
) -> None:
    at = _upload(member_client, CSV.encode())["Location"]
    assert owner_client.get(at).status_code == 404
    for _ in range(7):
        _upload(member_client, CSV.encode())
    assert DatasetUpload.objects.count() == 5
    DatasetUpload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert forget_uploads() == 5
