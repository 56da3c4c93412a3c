"""A condition in parts: what SQL can say, and what only the content can.

SQL narrows the rows to those that may match and says of each what it knows; where that leaves the
answer open, the content decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, Generic, TypeAlias, TypeVar

from django.db.models import Q

Test = TypeVar("Test")
# A condition, or what it comes to for every row.
Bound: TypeAlias = "Q | bool"
Answers: TypeAlias = Sequence[bool | None]


class Part(Generic[Test]):
    """A condition; `Test` is what its content is asked."""


@dataclass(frozen=True)
class Sql(Part[Any]):
    """A condition that the database answers."""

    q: Q


@dataclass(frozen=True)
class Content(Part[Test]):
    """A condition that the content answers; where `may` does not hold, it does not."""

    test: Test
    may: Bound = True


@dataclass(frozen=True)
class All(Part[Test]):
    """Every part holds."""

    parts: tuple[Part[Test], ...]


@dataclass(frozen=True)
class Some(Part[Test]):
    """A part holds."""

    parts: tuple[Part[Test], ...]


@dataclass(frozen=True)
class Opposite(Part[Test]):
    """The part does not hold."""

    part: Part[Test]


def every(parts: Sequence[Part[Test]]) -> Part[Test]:
    """All of them, those in SQL as one."""
    return _joined(parts, and_, All)


def some(parts: Sequence[Part[Test]]) -> Part[Test]:
    """Any of them, those in SQL as one."""
    return _joined(parts, or_, Some)


def opposite(part: Part[Test]) -> Part[Test]:
    """Not it."""
    return Sql(~part.q) if isinstance(part, Sql) else Opposite(part)


def possible(part: Part[Test]) -> Bound:
    """What holds for every row that may match."""
    if isinstance(part, Sql):
        return part.q
    if isinstance(part, Content):
        return part.may
    if isinstance(part, All):
        return _folded([possible(one) for one in part.parts], and_, False)
    if isinstance(part, Some):
        return _folded([possible(one) for one in part.parts], or_, True)
    assert isinstance(part, Opposite)  # noqa: S101  (there is no other)
    return _inverted(certain(part.part))


def certain(part: Part[Test]) -> Bound:
    """What holds for no row but those that match without a look at the content."""
    if isinstance(part, Sql):
        return part.q
    if isinstance(part, Content):
        return False
    if isinstance(part, All):
        return _folded([certain(one) for one in part.parts], and_, False)
    if isinstance(part, Some):
        return _folded([certain(one) for one in part.parts], or_, True)
    assert isinstance(part, Opposite)  # noqa: S101
    return _inverted(possible(part.part))


def sql_parts(part: Part[Test]) -> list[Q]:
    """The conditions that the database answers for each row, in the order `verdict` wants them."""
    return [leaf.q for leaf in leaves(part) if isinstance(leaf, Sql)]


def content_tests(part: Part[Test]) -> list[Test]:
    """The conditions that the content answers, in the order `verdict` wants them."""
    return [leaf.test for leaf in leaves(part) if isinstance(leaf, Content)]


def leaves(part: Part[Test]) -> Iterator[Sql | Content[Test]]:
    """The parts that are not made of others, from left to right."""
    if isinstance(part, Sql | Content):
        yield part
    elif isinstance(part, Opposite):
        yield from leaves(part.part)
    elif isinstance(part, All | Some):
        for one in part.parts:
            yield from leaves(one)


def verdict(part: Part[Test], in_sql: Answers, in_content: Answers) -> bool | None:
    """Whether the whole holds for a row; None while an answer of the content is missing."""
    sql, content = iter(in_sql), iter(in_content)
    return _verdict(part, lambda: bool(next(sql)), lambda: next(content))


def _verdict(
    part: Part[Test], sql: Callable[[], bool], content: Callable[[], bool | None]
) -> bool | None:
    if isinstance(part, Sql):
        return sql()
    if isinstance(part, Content):
        return content()
    if isinstance(part, Opposite):
        answer = _verdict(part.part, sql, content)
        return None if answer is None else not answer
    assert isinstance(part, All | Some)  # noqa: S101
    # Every part is asked, so that the answers stay in step.
    answers = [_verdict(one, sql, content) for one in part.parts]
    settling = isinstance(part, Some)
    if settling in answers:
        return settling
    return None if None in answers else not settling


def _joined(
    parts: Sequence[Part[Test]],
    join: Callable[[Q, Q], Q],
    kind: type[All[Test]] | type[Some[Test]],
) -> Part[Test]:
    in_sql = [part.q for part in parts if isinstance(part, Sql)]
    rest: list[Part[Test]] = [part for part in parts if not isinstance(part, Sql)]
    joined: list[Part[Test]] = [Sql(reduce(join, in_sql))] if in_sql else []
    found = joined + rest
    return found[0] if len(found) == 1 else kind(tuple(found))


def _folded(bounds: Sequence[Bound], join: Callable[[Q, Q], Q], settling: bool) -> Bound:
    """`settling` decides the whole by itself; its opposite says nothing."""
    if settling in [bound for bound in bounds if isinstance(bound, bool)]:
        return settling
    conditions = [bound for bound in bounds if not isinstance(bound, bool)]
    return reduce(join, conditions) if conditions else not settling


def _inverted(bound: Bound) -> Bound:
    return not bound if isinstance(bound, bool) else ~bound
