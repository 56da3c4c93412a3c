"""Files that grow part by part; each part is whole, so that a killed job goes on after it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

import orjson

from traces.exporting.columns import Column, Exported, Value, columns
from traces.exporting.parquet import ParquetFormat

# A spreadsheet takes a cell that begins so for a formula.
# Source: https://owasp.org/www-community/attacks/CSV_Injection, read 2026-11-20.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class Format(Protocol):
    """How traces become bytes. The file is the head, the parts in their order, and the end."""

    extension: str
    content_type: str

    def head(self) -> bytes:
        """What stands before the first part."""

    def part(self, rows: Sequence[Exported]) -> tuple[bytes, Any]:
        """The bytes of some traces, and notes on them for the end (JSON, or None)."""

    def end(self, parts: Sequence[tuple[int, Any]]) -> bytes:
        """What stands after the last part; sizes and notes of all parts, in their order."""


class LinesFormat:
    """A JSON object a line."""

    extension = "jsonl"
    content_type = "application/x-ndjson"

    def __init__(self, *, content: bool) -> None:
        self._columns = columns(content=content)

    def head(self) -> bytes:
        """Nothing."""
        return b""

    def part(self, rows: Sequence[Exported]) -> tuple[bytes, Any]:
        """Lines."""
        return b"".join(self._line(row) for row in rows), None

    def end(self, parts: Sequence[tuple[int, Any]]) -> bytes:
        """Nothing."""
        return b""

    def _line(self, row: Exported) -> bytes:
        found: dict[str, Any] = {
            column.name: _plain(row.values[column.name]) for column in self._columns
        }
        if row.spans is not None:
            found["spans"] = orjson.Fragment(row.spans)
        return orjson.dumps(found, default=str, option=orjson.OPT_APPEND_NEWLINE)


class CsvFormat:
    """Comma-separated values by RFC 4180, UTF-8, with a line of names."""

    extension = "csv"
    content_type = "text/csv; charset=utf-8"

    def __init__(self, *, content: bool) -> None:
        self._columns = columns(content=content)

    def head(self) -> bytes:
        """The names."""
        return _lines([[column.name for column in self._columns]])

    def part(self, rows: Sequence[Exported]) -> tuple[bytes, Any]:
        """Lines."""
        return _lines([[_cell(c, row.values[c.name]) for c in self._columns] for row in rows]), None

    def end(self, parts: Sequence[tuple[int, Any]]) -> bytes:
        """Nothing."""
        return b""


FORMATS = {"jsonl": "JSONL", "csv": "CSV", "parquet": "Parquet"}


def format_named(name: str, *, content: bool) -> Format:
    """The format of that name. Raises: KeyError."""
    made: dict[str, type[LinesFormat] | type[CsvFormat] | type[ParquetFormat]] = {
        "jsonl": LinesFormat,
        "csv": CsvFormat,
        "parquet": ParquetFormat,
    }
    return made[name](content=content)


def _plain(value: Value) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return _moment(value) if isinstance(value, datetime) else value


def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _cell(column: Column, value: Value) -> str:
    """Text that would be run as a formula gets an apostrophe in front, as spreadsheets ask for."""
    if value is None:
        return ""
    if isinstance(value, list):
        value = orjson.dumps(value, default=str).decode() if value else ""
    if isinstance(value, str):
        value = value.replace("\0", "")
        return f"'{value}" if value.startswith(_FORMULA) else value
    return str(_plain(value))


def _lines(rows: list[list[str]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue().encode("utf-8", "replace")
