"""From text to meaning: recursive descent over the tokens.

query  = [ either ]
either = both { "OR" both }
both   = one { [ "AND" ] one }
one    = ( "-" | "NOT" ) one | "(" either ")" | "span(" either ")" | term | word | phrase
term   = field operator ( value | "(" value { "," value } ")" )
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from traces.query.errors import shown, wrong
from traces.query.fields import Field
from traces.query.nodes import And, At, Node, Not, OneSpan, Or, Query, Term, Text
from traces.query.tokens import Sort, Token, tokens
from traces.query.values import Written, field_named, has_key, tests_of

DEEPEST = 20
MOST_TERMS = 40
MOST_VALUES = 100
START = "a field, a word or ("
_WORD = re.compile(r"\w")


def parse(text: str) -> Query:
    """What `text` means; nothing but spaces means everything. Raises: QueryError."""
    return Query(text, _Parser(text).query())


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.place = 0
        self.depth = 0
        self.terms = 0
        self.span: Token | None = None  # the `span` around this place

    def peek(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        token = self.peek()
        self.place += 1
        return token

    def is_word(self, word: str) -> bool:
        return self.peek().sort is Sort.WORD and self.peek().value == word

    def query(self) -> Node | None:
        if self.peek().sort is Sort.END:
            return None
        node = self.either()
        if self.peek().sort is not Sort.END:
            raise self.unexpected(START)
        return node

    def either(self) -> Node:
        items = [self.both()]
        while self.is_word("OR"):
            self.take()
            items.append(self.both())
        if len(items) == 1:
            return items[0]
        return Or(tuple(items), At(items[0].at.start, items[-1].at.end))

    def both(self) -> Node:
        items = [self.one()]
        while True:
            if self.is_word("AND"):
                self.take()
            elif self.peek().sort in {Sort.END, Sort.CLOSE} or self.is_word("OR"):
                break
            items.append(self.one())
        if len(items) == 1:
            return items[0]
        return And(tuple(items), At(items[0].at.start, items[-1].at.end))

    def one(self) -> Node:
        first = self.peek()
        if first.sort is Sort.MINUS or self.is_word("NOT"):
            self.take()
            item = self.nested(first, self.one)
            return Not(item, At(first.start, item.at.end))
        if first.sort is Sort.OPEN:
            return self.group(first, first.start)
        if first.sort is Sort.WORD and first.value == "span" and self.opens_after(first):
            return self.one_span()
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise wrong(
                self.text, first.start, first.end, f"at most {MOST_TERMS} terms",
                "The query has too many terms.",
            )  # fmt: skip
        if first.sort is Sort.FIELD:
            return self.term()
        if first.sort is Sort.STRING or (
            first.sort is Sort.WORD and first.value not in {"OR", "AND"}
        ):
            return self.words()
        raise self.unexpected(START)

    def group(self, first: Token, start: int) -> Node:
        self.take()
        if self.peek().sort is Sort.CLOSE:
            raise self.unexpected("a term inside the parentheses")
        item = self.nested(first, self.either)
        if self.peek().sort is not Sort.CLOSE:
            raise self.unexpected("a term or )")
        return replace(item, at=At(start, self.take().end))

    def one_span(self) -> Node:
        word = self.take()
        if self.span is not None:
            raise wrong(
                self.text, word.start, word.end, "a condition on the same span",
                "A span stands inside a span.",
            )  # fmt: skip
        self.span = word
        item = self.group(self.peek(), self.peek().start)
        self.span = None
        return OneSpan(item, At(word.start, item.at.end))

    def nested(self, first: Token, inner: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise wrong(
                self.text, first.start, first.end, f"at most {DEEPEST} levels",
                "The query is nested too deep.",
            )  # fmt: skip
        node = inner()
        self.depth -= 1
        return node

    def opens_after(self, word: Token) -> bool:
        after = self.tokens[self.place + 1]
        return after.sort is Sort.OPEN and after.start == word.end

    def words(self) -> Node:
        token = self.take()
        at = At(token.start, token.end)
        if token.sort is Sort.STRING:
            text, opens, closes = token.value, True, True
        else:
            opens, closes = not token.value.startswith("*"), not token.value.endswith("*")
            text = token.value.strip("*")
        if "*" in text and token.sort is Sort.WORD:
            raise wrong(
                self.text, at.start, at.end, "a word such as refund*",
                "In a word to search for, * stands at its start or end.",
            )  # fmt: skip
        if not _WORD.search(text):
            raise wrong(self.text, at.start, at.end, "a word to search for, or a field")
        return Text(text, opens, closes, at)

    def term(self) -> Node:
        name = self.take()
        is_quoted = name.value.endswith(".") and self.peek().sort is Sort.STRING
        key = self.take().value if is_quoted else ""
        field, key = field_named(self.text, name, key, quoted=is_quoted)
        if self.peek().sort is not Sort.OPERATOR:
            raise self.unexpected("an operator such as : or >")
        operator = self.take()
        if operator.value not in field.operators:
            choices = " ".join(field.operators)
            raise wrong(
                self.text, operator.start, operator.end, f"one of {choices}",
                f"{field.name} is {field.type.value}.",
            )  # fmt: skip
        if self.span is not None and not field.in_span:
            raise wrong(
                self.text, name.start, name.end, "a field of spans inside span(…)",
                f"{shown(field.name)} is known of the whole trace.",
            )  # fmt: skip
        values = self.values(field, operator)
        at = At(name.start, self.tokens[self.place - 1].end)
        if field.name == "has":
            key = has_key(self.text, values[0], in_span=self.span is not None)
        tests = tuple(
            test for value in values for test in tests_of(self.text, field, operator.value, value)
        )
        texts = tuple(value.canonical for value in values)
        sign = ":" if operator.value == "=" else operator.value
        return Term(field.name, key, sign, tests, texts, at)

    def values(self, field: Field, operator: Token) -> list[Written]:
        if self.peek().sort is not Sort.OPEN:
            value = self.value()
            after = self.peek()
            if after.sort in {Sort.OPEN, Sort.STRING} and after.start == value.at.end:
                raise wrong(
                    self.text, value.at.start, after.end, "quotes around it",
                    "A value with parentheses or quotes inside needs quotes.",
                )  # fmt: skip
            return [value]
        opened = self.take()
        if operator.value not in {":", "=", "!="} or field.name == "has":
            raise wrong(
                self.text, opened.start, opened.end, "one value",
                f"A list stands after : = or !=, not after {field.name}{operator.value}",
            )  # fmt: skip
        found = [self.value()]
        while self.peek().sort is Sort.COMMA:
            self.take()
            found.append(self.value())
            if len(found) > MOST_VALUES:
                raise wrong(
                    self.text, opened.start, self.tokens[self.place - 1].end,
                    f"at most {MOST_VALUES} values", "The list is too long.",
                )  # fmt: skip
        if self.peek().sort is not Sort.CLOSE:
            raise self.unexpected(", or )")
        self.take()
        return found

    def value(self) -> Written:
        token = self.peek()
        if token.sort not in {Sort.WORD, Sort.STRING}:
            raise self.unexpected("a value")
        self.take()
        return Written(token.value, token.sort is Sort.STRING, At(token.start, token.end))

    def unexpected(self, expected: str) -> Exception:
        token = self.peek()
        return wrong(self.text, token.start, token.end, expected)
