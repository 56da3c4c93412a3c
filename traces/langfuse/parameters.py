"""Query parameters as Langfuse's clients send them, checked."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil
from typing import Any

from django.http import QueryDict

from traces.langfuse.envelope import ApiError

DEFAULT_LIMIT, MOST_LIMIT = 50, 1000


class Parameters:
    """Reads one request's query. Every method raises ApiError 400 for what cannot be read."""

    def __init__(self, query: QueryDict) -> None:
        self._query = query

    def text(self, name: str) -> str:
        """A text, '' where it is not given."""
        value = self._query.get(name, "")
        if "\0" in value:
            raise ApiError(400, f"{name}: Holds a NUL.")
        return value

    def given(self, name: str) -> bool:
        """Whether it stands in the query, be it empty."""
        return name in self._query

    def texts(self, name: str) -> list[str]:
        """All values of a repeated parameter."""
        values = [value for value in self._query.getlist(name) if value]
        if any("\0" in value for value in values):
            raise ApiError(400, f"{name}: Holds a NUL.")
        return values

    def listed(self, name: str) -> list[str]:
        """The words of a comma-separated list, repeated or not."""
        return [word for value in self.texts(name) for word in value.split(",") if word]

    def integer(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number; beyond `most` it is `most`."""
        sent = self.text(name)
        if not sent:
            return default
        if not sent.isascii() or not sent.isdecimal() or len(sent) > 12 or int(sent) < least:
            raise ApiError(400, f"{name}: Must be a whole number from {least}.")
        return min(int(sent), most)

    def number(self, name: str) -> float | None:
        """A number, None where it is not given."""
        sent = self.text(name)
        try:
            return float(sent) if sent else None
        except ValueError:
            raise ApiError(400, f"{name}: Must be a number.") from None

    def time(self, name: str) -> datetime | None:
        """A moment, in UTC where it names no zone."""
        sent = self.text(name)
        return moment(sent, name) if sent else None

    def flag(self, name: str) -> bool | None:
        """True, False, or None where it is not given."""
        sent = self.text(name).lower()
        if sent not in ("", "true", "false", "1", "0"):
            raise ApiError(400, f"{name}: Must be true or false.")
        return None if not sent else sent in ("true", "1")

    def refuse(self, *names: str) -> None:
        """Refuse what cannot be answered, rather than to answer something else."""
        for name in names:
            if self._query.get(name):
                raise ApiError(400, f"{name}: This installation cannot narrow by it.")

    def page(self) -> Page:
        """Page and limit."""
        limit = self.integer("limit", DEFAULT_LIMIT, least=1, most=MOST_LIMIT)
        return Page(self.integer("page", 1, least=1, most=10**9), limit)


class Page:
    """Which part of a list is wanted."""

    def __init__(self, number: int, limit: int) -> None:
        self.number = number
        self.limit = limit

    @property
    def first(self) -> int:
        """How many rows stand before it."""
        return (self.number - 1) * self.limit

    def of(self, data: list[Any], total: int) -> dict[str, Any]:
        """The answer; clients go on until `page` reaches `totalPages`."""
        meta = {
            "page": self.number,
            "limit": self.limit,
            "totalItems": total,
            "totalPages": ceil(total / self.limit),
        }
        return {"data": data, "meta": meta}


def moment(sent: Any, name: str) -> datetime:
    """A time in ISO 8601; a `+` that a URL turned into a blank is understood."""
    try:
        at = datetime.fromisoformat(sent.strip().replace(" ", "+") if "T" in sent else sent)
    except (AttributeError, TypeError, ValueError):
        raise ApiError(400, f"{name}: Must be a time in ISO 8601.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
