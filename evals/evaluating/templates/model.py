"""What a template of a judge is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from evals.evaluating.settings import Terms
from evals.evaluating.spec import AT_LEAST, CATEGORY
from evals.evaluating.subject import Document, Subject

WRITTEN_ON = date(2026, 11, 30)
# What was checked, and what was not: nothing here says that a model agrees with people.
RECORD = (
    "Rubric and {count} examples were written for this product and labelled by those who wrote "
    "them, on {on:%-d %B %Y}; nobody else has labelled them, and they are short and in English.",
    "Tests ask the template by schema, by tool and as text, and read every one of its categories "
    "back, with a provider that plays fixed answers.",
    "No agreement of any model with people is claimed. Check it on the examples with your model, "
    "and then calibrate it with labels of your own answers: until then it informs and cannot gate.",
)


@dataclass(frozen=True, slots=True)
class Example:
    """An answer with the category that its label is. `documents` are what was retrieved."""

    input: str
    output: str
    label: str
    documents: tuple[str, ...] = ()

    @property
    def subject(self) -> Subject:
        """As an evaluator sees it."""
        found = tuple(Document(f"d{n}", text) for n, text in enumerate(self.documents, 1))
        return Subject(input=self.input, output=self.output, documents=found or None)


@dataclass(frozen=True, slots=True)
class Template:
    """A rubric with its categories, the best first, and what each means."""

    name: str
    label: str
    says: str
    rubric: str
    meanings: Mapping[str, str]
    values: tuple[float, ...]
    bar: float
    examples: tuple[Example, ...]
    sees: tuple[str, ...] = ("input", "output")
    needs: tuple[str, ...] = ()
    bar_direction: str = AT_LEAST
    version: str = "1"
    written_on: date = field(default=WRITTEN_ON)

    @property
    def categories(self) -> tuple[str, ...]:
        """The words of the verdict."""
        return tuple(self.meanings)

    @property
    def record(self) -> list[str]:
        """The validation record: on what it was checked, in sentences."""
        return [one.format(count=len(self.examples), on=self.written_on) for one in RECORD]


def terms_of_template(template: Template, *, model: str, provider: str = "") -> Terms:
    """The first version of a judge made from it."""
    config: dict[str, Any] = {
        "rubric": template.rubric,
        "meanings": dict(template.meanings),
        "sees": list(template.sees),
    }
    if template.needs:
        config["needs"] = list(template.needs)
    return Terms(
        config=config,
        data_type=CATEGORY,
        categories=template.categories,
        values=template.values,
        bar=template.bar,
        bar_direction=template.bar_direction,
        provider=provider,
        model=model,
    )
