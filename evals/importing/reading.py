"""CSV, JSON, JSONL and Parquet read into rows of JSON values, under limits."""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

MOST_BYTES = 20 * 2**20
MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_UNPACKED = 256 * 2**20  # bytes that a Parquet file may become
LONGEST_CELL = 2_000_000  # letters of a CSV cell
FORMATS = {"csv": "CSV", "jsonl": "JSONL or JSON", "parquet": "Parquet"}


class BadFile(ValueError):
    """The file cannot be read; the text says where."""


@dataclass(frozen=True)
class Table:
    """Rows of a file with the names of their columns; a value that a row lacks is not in it.

    `numbers` says where in the file each row stands: its line, or of Parquet its place from 1.
    """

    columns: list[str]
    rows: list[dict[str, Any]]
    numbers: list[int]


def format_of(name: str, content: bytes) -> str:
    """Which of FORMATS a file is, by its ending or its first bytes. Raises: BadFile."""
    if content.startswith(b"PAR1"):
        return "parquet"
    ending = name.lower().rpartition(".")[2]
    if ending in {"csv", "tsv", "txt"}:
        return "csv"
    if ending in {"jsonl", "ndjson", "json"} or content.lstrip()[:1] in (b"{", b"["):
        return "jsonl"
    if ending == "parquet":
        raise BadFile("This is no Parquet file.")
    raise BadFile("This is no CSV, JSONL, JSON or Parquet file.")


def read(content: bytes, kind: str) -> Table:
    """The rows of a file. Raises: BadFile, with the line where there is one."""
    if len(content) > MOST_BYTES:
        raise BadFile(f"A file may have {MOST_BYTES // 2**20} MB.")
    readers = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    columns: dict[str, None] = {}
    for number, row in readers[kind](content):
        if len(rows) == MOST_ROWS:
            raise BadFile(f"A file may have {MOST_ROWS:,} rows; this has more.")
        columns.update(dict.fromkeys(row))
        if len(columns) > MOST_COLUMNS:
            raise BadFile(f"A file may have {MOST_COLUMNS} columns; this has more.")
        rows.append(row)
        numbers.append(number)
    if not rows:
        raise BadFile("The file has no rows.")
    return Table(list(columns), rows, numbers)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        line = content[: bad.start].count(b"\n") + 1
        raise BadFile(f"Line {line}: the file is not UTF-8.") from None


def _csv(content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    text = _text(content)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in next(reader, [])]
        _refuse_names(names)
        for cells in reader:
            if not any(cells):
                continue
            if len(cells) > len(names):
                raise BadFile(
                    f"Line {reader.line_num}: {len(cells)} cells, but {len(names)} columns."
                )
            row = zip(names, cells, strict=False)
            yield reader.line_num, {name: cell for name, cell in row if cell != ""}
    except csv.Error as bad:
        raise BadFile(f"Line {reader.line_num}: {bad}.") from None


def _refuse_names(names: list[str]) -> None:
    if not any(names):
        raise BadFile("Line 1: the first line names the columns.")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise BadFile(f"Line 1: two columns are called {twice[:100]!r}.")


def _jsonl(content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    text = _text(content)
    if text.lstrip().startswith("["):
        yield from enumerate(_objects(_json(text, ""), "Row"), 1)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, _object(_json(line, f"Line {number}: "), f"Line {number}")


def _json(text: str, where: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as bad:
        raise BadFile(f"{where}this is not JSON: {bad}.") from None


def _objects(values: Any, word: str) -> Iterator[dict[str, Any]]:
    for number, value in enumerate(values, 1):
        yield _object(value, f"{word} {number}")


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadFile(f"{where}: an object {{…}} is expected.")
    return value


def _parquet(content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        about = file.metadata
        if about.num_rows > MOST_ROWS:
            raise BadFile(f"A file may have {MOST_ROWS:,} rows; this has {about.num_rows:,}.")
        size = sum(about.row_group(at).total_byte_size for at in range(about.num_row_groups))
        if size > MOST_UNPACKED:
            raise BadFile(f"Unpacked the file is {size // 2**20} MB, of at most 256.")
        yield from _rows_of(file.iter_batches(batch_size=500))
    except (pa.ArrowException, OSError) as bad:
        raise BadFile(f"The Parquet file cannot be read: {str(bad)[:200]}") from None


def _rows_of(batches: Iterable[Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    for batch in batches:
        for row in batch.to_pylist():
            number += 1
            yield number, {name: _plain(value) for name, value in row.items() if value is not None}


def _plain(value: Any) -> Any:
    """A value of Parquet as JSON has it: times as ISO 8601, exact numbers as text."""
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta | Decimal):
        return str(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return b64encode(value).decode()
    return value
