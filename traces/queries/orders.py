"""Orders of the list, each with the key that a page begins after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from kit.paging import BadCursor, decode_cursor, encode_cursor
from traces.models import Score, Trace
from traces.query.on_trace import ENDED, METERED, PRICED

Key = tuple[Any, str]
SCORE = "score."
_FOREIGN = "The cursor is not one that this list gave out."
_COLUMNS: dict[str, tuple[Any, Q]] = {
    "latency": (F("duration_us"), ENDED),
    "cost": (F("cost_nano"), PRICED),
    "tokens": (F("tokens_in") + F("tokens_out"), METERED),
}
CHOICES = ("-time", *(sign + name for name in _COLUMNS for sign in ("-", "")))


class BadOrder(ValueError):
    """There is no such order; the message says which there are."""


@dataclass(frozen=True)
class Order:
    """By `name`: time, latency, cost, tokens or score.<name>; only traces where it is known."""

    name: str = "time"
    is_descending: bool = True

    @property
    def is_by_time(self) -> bool:
        """Newest first."""
        return self.name == "time"

    @property
    def text(self) -> str:
        """How an address names it: `-cost`."""
        return f"{'-' if self.is_descending else ''}{self.name}"

    def ordered(self, project_id: int, rows: QuerySet[Trace]) -> QuerySet[Trace]:
        """The rows in this order, with their key as `sort_key`."""
        if self.is_by_time:
            return rows.annotate(sort_key=F("start_time")).order_by("-start_time", "-trace_id")
        if self.name.startswith(SCORE):
            named = Score.objects.filter(
                project_id=project_id, name=self.name.removeprefix(SCORE), num__isnull=False
            )
            given = named.filter(trace_id=OuterRef("trace_id"))
            given = given.order_by("-num" if self.is_descending else "num")
            # Joined first: most traces have no score, and need no look for it.
            rows = rows.filter(trace_id__in=named.values("trace_id"))
            value, known = Subquery(given.values("num")[:1]), Q()
        else:
            value, known = _COLUMNS[self.name]
        rows = rows.annotate(sort_key=value).filter(known)
        sign = "-" if self.is_descending else ""
        return rows.order_by(f"{sign}sort_key", f"{sign}trace_id")

    def after(self, rows: QuerySet[Trace], key: Key) -> QuerySet[Trace]:
        """The ordered rows below `key`. The first condition is what an index can begin with."""
        column = "start_time" if self.is_by_time else "sort_key"
        than = "lt" if self.is_descending else "gt"
        return rows.filter(**{f"{column}__{than}e": key[0]}).filter(
            Q(**{f"{column}__{than}": key[0]}) | Q(**{f"trace_id__{than}": key[1]})
        )

    def cursor(self, key: Key) -> str:
        """The cursor of the page below `key`."""
        if self.is_by_time:
            return encode_cursor(key[0].isoformat(), key[1])
        return encode_cursor(self.text, key[0], key[1])

    def key(self, cursor: str) -> Key:
        """The key in a cursor of this order. Raises: BadCursor."""
        if self.is_by_time:
            return time_key(cursor)
        text, value, trace_id = decode_cursor(cursor, parts=3)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if text != self.text or not is_number or not _is_id(trace_id):
            raise BadCursor(_FOREIGN)
        if abs(value) >= 2**63 and not self.name.startswith(SCORE):
            raise BadCursor(_FOREIGN)
        return value, trace_id


NEWEST = Order()


def order_named(text: str) -> Order:
    """`-cost`, `latency`, `score.helpful`; nothing is newest first. Raises: BadOrder."""
    name = text.removeprefix("-")
    is_score = name.startswith(SCORE) and len(name) > len(SCORE) and "\0" not in name
    if text not in {"", *CHOICES} and not is_score:
        raise BadOrder(f"Choose one of {', '.join(CHOICES)}, score.<name> or -score.<name>.")
    return Order(name, text.startswith("-")) if text else NEWEST


def time_key(cursor: str) -> tuple[datetime, str]:
    """The start and trace id in a cursor of the newest first. Raises: BadCursor."""
    start, trace_id = decode_cursor(cursor, parts=2)
    if not isinstance(start, str) or not _is_id(trace_id):
        raise BadCursor(_FOREIGN)
    try:
        moment = datetime.fromisoformat(start)
    except ValueError:
        raise BadCursor(_FOREIGN) from None
    if moment.tzinfo is None:
        raise BadCursor(_FOREIGN)
    return moment, trace_id


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value and value.isprintable()
