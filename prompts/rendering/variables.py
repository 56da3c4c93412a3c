"""Variables of a text, `{{ name }}`, found and replaced by the rule of the Langfuse SDKs.

An application compiles a prompt with its SDK, a page shows what comes of it: both must agree. The
rule is that of Langfuse's Python SDKs 2 to 5 (`TemplateParser` in langfuse/model.py, the same in
2.60.10 and 5.0.4): from `{{` to the next `}}`, spaces around the name dropped, a value written as
`str` does it, None as nothing, an unknown name left as it stands, and nothing escaped for HTML.

Mustache's sections, comments, partials and other signs (`{{#a}}`, `{{/a}}`, `{{^a}}`, `{{! a }}`,
`{{> a}}`, `{{& a}}`, `{{=…=}}`, `{{{a}}}`) are text here, as they are there. Langfuse's
JavaScript SDK renders with mustache.js instead, where these mean something and an unknown name
becomes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

OPEN, CLOSE = "{{", "}}"
SIGNS = tuple("#/^!>&={")  # what mustache gives another meaning than a variable


@dataclass(frozen=True)
class Variable:
    """A variable at `text[start:end]`, braces included."""

    name: str
    start: int
    end: int


def variables_in(text: str) -> Iterator[Variable]:
    """Each use of a variable in `text`, in order."""
    at = 0
    while (start := text.find(OPEN, at)) >= 0:
        inside = text.find(CLOSE, start)
        if inside < 0:
            return
        at = inside + len(CLOSE)
        name = text[start + len(OPEN) : inside].strip()
        if name and not name.startswith(SIGNS):
            yield Variable(name, start, at)


def replaced(text: str, values: Mapping[str, Any]) -> str:
    """`text` with each variable that has a value replaced by it; the others stand as they are."""
    pieces = []
    at = 0
    for variable in variables_in(text):
        if variable.name in values:
            value = values[variable.name]
            pieces += [text[at : variable.start], "" if value is None else str(value)]
            at = variable.end
    return "".join([*pieces, text[at:]])
