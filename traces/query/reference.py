"""The reference of the language, from the table of fields: for the page behind `?` and the docs."""

from __future__ import annotations

from dataclasses import dataclass

from traces.query.fields import FIELDS, Field, Type

VALUES = {
    Type.TEXT: "text",
    Type.CHOICE: "a word",
    Type.TIME: "time",
    Type.MONEY: "dollars",
    Type.COUNT: "number",
    Type.SCORE: "number, yes or no, text",
    Type.ANY: "text, number",
    Type.HAS: "field",
}
# How a query is put together: example, meaning.
RULES = (
    ("status:error env:production", "Both hold. Terms stand side by side; AND may be written."),
    ("model:gpt-4o OR model:claude-*", "One of them holds. AND binds closer; parentheses group."),
    ("-tag:beta", "Not so, or not known to be so. NOT and != mean the same."),
    ("user:(u1, u2)", "One of a list."),
    ("model:claude-*", "Begins so. A * stands for anything; in quotes for itself."),
    ('name:"night run"', "Quotes hold a value with spaces or signs together."),
    ("latency>2s", "Also >= < <= and, for what is equal, : or =."),
    ("cost:$0.01..$0.05", "From and to, both included; either end may be left out."),
    ("refund", "The word stands in the name, input or output of a span, any case."),
    ("refund*", "A word that begins so. *fund: that ends so."),
    ('"where is my order"', "The words stand there side by side."),
    (
        "span(kind:tool name:refunds.create status:error)",
        "One and the same span meets all of it. Outside of it, each term may meet another span.",
    ),
)
UNITS = (
    ("800ms 2s 3m 1h", "Times. Without a unit: seconds."),
    ("$0.05", "Dollars. The sign may be left out."),
    ("20k 1.5M", "Thousands and millions."),
    ("80%", "For scores: 0.8."),
)


@dataclass(frozen=True)
class Row:
    """A field as the reference shows it."""

    name: str
    values: str
    operators: str
    doc: str
    example: str
    note: str


def rows() -> list[Row]:
    """The fields in the order of the table."""
    return [_row(field) for field in FIELDS.values()]


def markdown() -> str:
    """The table of fields for the docs."""
    lines = ["| field | values | meaning | example |", "| --- | --- | --- | --- |"]
    for row in rows():
        doc = f"{row.doc} {row.note}".strip()
        lines.append(f"| `{row.name}` | {row.values} | {doc} | `{row.example}` |")
    return "\n".join(lines)


def _row(field: Field) -> Row:
    values = ", ".join(field.choices) if field.choices else VALUES[field.type]
    notes = []
    if field.content:
        notes.append("Read from the content.")
    if not field.in_span:
        notes.append("Not inside span(…).")
    operators = " ".join(field.operators)
    return Row(field.written, values, operators, field.doc, field.example, " ".join(notes))
