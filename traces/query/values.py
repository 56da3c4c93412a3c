"""The values of a term, checked against the type of its field."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from traces.query import units
from traces.query.errors import QueryError, shown, wrong
from traces.query.fields import FIELDS, MEANT, NUMERIC, Field, Type
from traces.query.nodes import At, Number, NumberTest, Test, TextTest
from traces.query.tokens import Token

LONGEST_KEY = 200
MOST_STARS = 4
BOOLEANS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}
# Known of a trace, and no field of its own.
HAS_ALSO = ("error",)
BARE = re.compile(r'[^\s()",*<>=!:][^\s()",*]*')


@dataclass(frozen=True, slots=True)
class Written:
    """A value as it stands in the text."""

    text: str
    is_quoted: bool
    at: At

    @property
    def canonical(self) -> str:
        """The value as it is written again: with quotes only where they say something."""
        if not self.is_quoted:
            return self.text if "*" in self.text else quoted(self.text)
        return quoted(self.text, must=".." in self.text)


def quoted(text: str, *, must: bool = False) -> str:
    """`text` as a value, in quotes where it needs them."""
    if not must and BARE.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def field_named(text: str, name: Token, key: str, *, quoted: bool) -> tuple[Field, str]:
    """The field that `name` says and the key after its dot. Raises: QueryError."""
    word = name.value
    if not quoted and (found := FIELDS.get(word.lower())) and not found.keyed:
        return found, ""
    base, _, rest = word.partition(".")
    found = FIELDS.get(base.lower())
    if found is not None and found.keyed:
        key = key if quoted and not rest else "" if quoted else rest
        if not key or len(key) > LONGEST_KEY:
            raise wrong(text, name.start, name.end, f"a name, as in {found.example}")
        return found, key
    raise wrong(text, name.start, name.end, _instead(word), f"There is no field {shown(word)}.")


def has_key(text: str, value: Written, *, in_span: bool) -> str:
    """The field that `has:` names, or `score.<name>`, `attr.<key>`, score, error.

    Raises: QueryError.
    """
    word = value.text
    base, dot, rest = word.partition(".")
    name = base.lower()
    if word.lower() in HAS_ALSO or word.lower() == "score":
        return word.lower()
    if dot and name in FIELDS and FIELDS[name].keyed and 0 < len(rest) <= LONGEST_KEY:
        return f"{name}.{rest}"
    found = FIELDS.get(word.lower())
    if found is None or found.keyed or found.name in {"has", "id", "status"}:
        raise wrong(
            text, value.at.start, value.at.end, "a field such as cost, error or score.<name>",
            f"has: does not know {shown(word)}.",
        )  # fmt: skip
    if in_span and not found.in_span:
        raise wrong(
            text, value.at.start, value.at.end, "a field of spans inside span(…)",
            f"{shown(found.name)} is known of the whole trace.",
        )  # fmt: skip
    return found.name


def tests_of(text: str, field: Field, operator: str, value: Written) -> list[Test]:
    """What a value asks of the field. Raises: QueryError."""
    if not value.text:
        raise wrong(
            text, value.at.start, value.at.end, "a value; -has:field finds where there is none",
            "The value is empty.",
        )  # fmt: skip
    if field.type in NUMERIC:
        return [_numbers(text, field, operator, value)]
    if operator in {">", ">=", "<", "<="}:
        return [_compared(text, field, operator, value)]
    if field.type in {Type.SCORE, Type.ANY} and not value.is_quoted and ".." in value.text:
        span = _range(field.type, value.text)
        if span is not None:
            return [span]
    if field.type is Type.CHOICE:
        return _choices(text, field, value)
    if field.name in {"input", "output"}:
        return [_search(text, value)]
    is_glob = not value.is_quoted and "*" in value.text
    if is_glob and value.text.count("*") > MOST_STARS:
        raise wrong(text, value.at.start, value.at.end, f"at most {MOST_STARS} stars")
    return [TextTest(value.text, is_glob)]


def number_in(text: str) -> float | None:
    """The number that a value of a score or attribute says: 0.8, 80%, yes as 1."""
    found = units.read(Type.SCORE, text)
    return None if found is None else float(found)


def _numbers(text: str, field: Field, operator: str, value: Written) -> Test:
    if operator in {">", ">=", "<", "<="}:
        return _compared(text, field, operator, value)
    if ".." in value.text:
        span = _range(field.type, value.text)
        if span is None:
            example = {Type.TIME: "1s..3s", Type.MONEY: "$0.01..$0.05"}.get(field.type, "5k..20k")
            raise wrong(
                text,
                value.at.start,
                value.at.end,
                f"a range such as {example}, the lower end first",
            )
        return span
    number = units.read(field.type, value.text)
    if number is None:
        raise _no_number(text, field, value)
    return NumberTest(number, number)


def _compared(text: str, field: Field, operator: str, value: Written) -> Test:
    number = units.read(field.type, value.text)
    if number is None:
        raise _no_number(text, field, value)
    includes = operator.endswith("=")
    if operator.startswith(">"):
        return NumberTest(low=number, includes_low=includes)
    return NumberTest(high=number, includes_high=includes)


def _no_number(text: str, field: Field, value: Written) -> QueryError:
    return wrong(text, value.at.start, value.at.end, units.EXPECTED[field.type])


def _range(type_of: Type, text: str) -> NumberTest | None:
    """`1s..3s`, `..3s`, `1s..`; a bare end may take the unit of the other. None for no range."""
    first, _, last = text.partition("..")
    if not (first or last):
        return None
    low: Number | None = None
    high: Number | None = None
    if first:
        low = units.read(type_of, first, units.unit_of(type_of, last))
    if last:
        high = units.read(type_of, last, units.unit_of(type_of, first))
    if (first and low is None) or (last and high is None):
        return None
    if low is not None and high is not None and low > high:
        return None
    return NumberTest(low, high)


def _choices(text: str, field: Field, value: Written) -> list[Test]:
    """The choices that the value names, each on its own."""
    word = value.text.lower()
    if not value.is_quoted and "*" in word:
        pattern = re.compile(".*".join(map(re.escape, re.split(r"\*+", word))))
        found = [choice for choice in field.choices if pattern.fullmatch(choice)]
    else:
        found = [choice for choice in field.choices if choice == word]
    if not found:
        raise wrong(text, value.at.start, value.at.end, f"one of {', '.join(field.choices)}")
    return [TextTest(choice) for choice in found]


def _search(text: str, value: Written) -> TextTest:
    """Words to look for in a text, by the rules of bare words."""
    is_glob = not value.is_quoted and "*" in value.text
    if is_glob and "*" in value.text.strip("*"):
        raise wrong(
            text, value.at.start, value.at.end, "a word such as refund*",
            "In a word to search for, * stands at its start or end.",
        )  # fmt: skip
    if not re.search(r"\w", value.text):
        raise wrong(text, value.at.start, value.at.end, "a word to search for")
    return TextTest(value.text, is_glob)


def _instead(word: str) -> str:
    """What may have been meant by the name of no field."""
    if meant := MEANT.get(word.lower()):
        return meant
    close = difflib.get_close_matches(word.lower(), FIELDS, n=1)
    return close[0] if close else "a field such as name, model or cost; or quotes around the text"
