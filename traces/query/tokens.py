"""A query cut into tokens, each with its place in the text.

What a character means depends on where it stands: after an operator a value begins, in which only
spaces, quotes, parentheses and, in a list, commas mean something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from traces.query.errors import wrong

LONGEST = 4_000  # characters of a query

_OPERATOR = re.compile(r"!=|>=|<=|>|<|=|:")
_LATE_OPERATOR = re.compile(r"\s+(!=|>=|<=|>|<|=)(?=\s|$)")
_FIELD = re.compile(r"[A-Za-z_][\w./@-]*")
_WORD = re.compile(r'(?:[^\s()":=<>!]|!(?!=))+')
_REST = re.compile(r'[^\s()"]+')
_VALUE = re.compile(r'[^\s()"]+')
_LISTED = re.compile(r'[^\s()",]+')
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.S)
_SPACE = re.compile(r"\s+")
_ESCAPED = re.compile(r"\\(.)", re.S)
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Sort(Enum):
    """What a token is."""

    OPEN = "("
    CLOSE = ")"
    COMMA = ","
    MINUS = "-"
    OPERATOR = "an operator"
    FIELD = "a field"  # a word that an operator follows
    WORD = "a word"
    STRING = "a quoted phrase"
    END = "the end"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text; `value` is what it says, without quotes."""

    sort: Sort
    value: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, the end among them. Raises: QueryError."""
    if len(text) > LONGEST:
        raise wrong(text, LONGEST, len(text), f"at most {LONGEST} characters", "The query is long.")
    if bad := UNSTORABLE.search(text):
        raise wrong(text, bad.start(), bad.end(), "text", "This character stands in no text.")
    return _Cutter(text).cut()


class _Cutter:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.found: list[Token] = []
        self.in_value = False
        self.in_list = False

    def cut(self) -> list[Token]:
        while True:
            if space := _SPACE.match(self.text, self.place):
                self.place = space.end()
            if self.place >= len(self.text):
                self.found.append(Token(Sort.END, "", len(self.text), len(self.text)))
                return self.found
            self._one()

    def _one(self) -> None:
        character = self.text[self.place]
        if character == '"':
            self._string()
        elif character == "(":
            self.in_list = self.in_value
            self.in_value = self.in_list
            self._add(Sort.OPEN, self.place + 1)
        elif character == ")":
            self.in_list = self.in_value = False
            self._add(Sort.CLOSE, self.place + 1)
        elif self.in_list:
            if character == ",":
                self._add(Sort.COMMA, self.place + 1)
            else:
                self._take(_LISTED, Sort.WORD)
        elif self.in_value:
            self._take(_VALUE, Sort.WORD)
            self.in_value = False
        elif character == "-" and self.text[self.place + 1 : self.place + 2].strip():
            self._add(Sort.MINUS, self.place + 1)
        else:
            self._word()

    def _word(self) -> None:
        """A field with its operator, or a word to search for, in which `:` is text."""
        operator = _OPERATOR.match(self.text, self.place)
        if operator and self.found and self.found[-1].sort is Sort.STRING:
            # attr."a key":value
            self.in_value = True
            self._add(Sort.OPERATOR, operator.end())
            return
        word = _WORD.match(self.text, self.place)
        end = word.end() if word else self.place
        is_field = _FIELD.fullmatch(self.text, self.place, end) is not None
        after = _OPERATOR.match(self.text, end) or _LATE_OPERATOR.match(self.text, end)
        if is_field and after:
            self._add(Sort.FIELD, end)
            self.place = after.start(1) if after.re is _LATE_OPERATOR else after.start()
            self._add(Sort.OPERATOR, after.end())
            self.in_value = True
        elif is_field and self.text[end - 1] == "." and self.text[end : end + 1] == '"':
            self._add(Sort.FIELD, end)
        elif operator:
            raise wrong(
                self.text, self.place, operator.end(), "a field before it",
                f"An operator stands alone: {operator[0]}",
            )  # fmt: skip
        else:
            rest = _REST.match(self.text, self.place)
            self._add(Sort.WORD, rest.end() if after and rest else max(end, self.place + 1))

    def _string(self) -> None:
        string = _STRING.match(self.text, self.place)
        if string is None:
            raise wrong(
                self.text, self.place, len(self.text), 'a closing "', "The quote is never closed."
            )
        value = _ESCAPED.sub(r"\1", string[1])
        self.found.append(Token(Sort.STRING, value, self.place, string.end()))
        self.place = string.end()
        self.in_value = self.in_list

    def _take(self, pattern: re.Pattern[str], sort: Sort) -> None:
        match = pattern.match(self.text, self.place)
        self._add(sort, match.end() if match else self.place + 1)

    def _add(self, sort: Sort, end: int) -> None:
        self.found.append(Token(sort, self.text[self.place : end], self.place, end))
        self.place = end
