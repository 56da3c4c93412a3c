"""What a row of an export says of a trace. Unknown is empty or null, zero is 0; money is exact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any


class Type(Enum):
    """How a column is written where a format knows types."""

    TEXT = "text"
    INTEGER = "integer"
    MOMENT = "moment"  # UTC, microseconds
    MONEY = "money"  # US dollars, nine places
    JSON = "json"  # a list, as JSON in one text


@dataclass(frozen=True)
class Column:
    """One column; `is_content` ones are left out of an export without content."""

    name: str
    type: Type
    is_content: bool = False


COLUMNS = (
    Column("trace_id", Type.TEXT),
    Column("name", Type.TEXT),
    Column("status", Type.TEXT),
    Column("start_time", Type.MOMENT),
    Column("end_time", Type.MOMENT),
    Column("duration_us", Type.INTEGER),
    Column("environment", Type.TEXT),
    Column("feature", Type.TEXT),
    Column("release", Type.TEXT),
    Column("user_id", Type.TEXT),
    Column("session_id", Type.TEXT),
    Column("models", Type.JSON),
    Column("prompts", Type.JSON),
    Column("tags", Type.JSON),
    Column("span_count", Type.INTEGER),
    Column("error_count", Type.INTEGER),
    Column("open_count", Type.INTEGER),
    Column("call_count", Type.INTEGER),
    Column("unmetered_calls", Type.INTEGER),
    Column("unpriced_calls", Type.INTEGER),
    Column("input_tokens", Type.INTEGER),
    Column("output_tokens", Type.INTEGER),
    Column("cost_usd", Type.MONEY),
    Column("cost_nano_usd", Type.INTEGER),
    Column("evaluator_cost_usd", Type.MONEY),
    Column("scores", Type.JSON),
    Column("root_span_id", Type.TEXT),
    Column("input", Type.TEXT, is_content=True),
    Column("output", Type.TEXT, is_content=True),
)

Value = str | int | datetime | Decimal | list[Any] | None


@dataclass(frozen=True)
class Exported:
    """One trace on its way out: the values of the columns, and where they are asked its spans, a
    list in JSON."""

    values: dict[str, Value]
    spans: bytes | None = None

    @property
    def weight(self) -> int:
        """About how many bytes it becomes."""
        return _weight(self.values) + len(self.spans or b"")


def _weight(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(name) + 6 + _weight(part) for name, part in value.items())
    return sum(map(_weight, value)) if isinstance(value, list) else 8


def columns(*, content: bool) -> tuple[Column, ...]:
    """The columns of an export."""
    return tuple(column for column in COLUMNS if content or not column.is_content)
