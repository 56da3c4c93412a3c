"""What is wrong with a query, and where in its text."""

from __future__ import annotations

LONGEST_FOUND = 40


class QueryError(ValueError):
    """A query that cannot be read. `position` and `length` are characters of the text.

    `message` is written for whoever typed the query: what stands there and what was expected.
    """

    def __init__(self, position: int, length: int, found: str, expected: str, message: str) -> None:
        super().__init__(message)
        self.position = position
        self.length = length
        self.found = found
        self.expected = expected
        self.message = message


def wrong(text: str, start: int, end: int, expected: str, why: str = "") -> QueryError:
    """The error of the characters from `start` to `end`; with nothing there, of the end."""
    found = text[start:end]
    if why:
        message = f"{why} Expected {expected}."
    elif found:
        message = f"Found {shown(found)}, expected {expected}."
    else:
        message = f"The query ends where {expected} was expected."
    return QueryError(start, end - start, found, expected, message)


def shown(found: str) -> str:
    """A piece of a query inside a sentence: in quotes, cut where it is long."""
    cut = found if len(found) <= LONGEST_FOUND else found[: LONGEST_FOUND - 1] + "…"
    return f"“{cut}”"
