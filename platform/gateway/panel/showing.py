"""The panel as its templates show it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse

from gateway.client.request import document_of
from gateway.panel.columns import Column, estimate
from gateway.panel.form import ROLES, draft_fields, json_text
from gateway.panel.from_item import known_items
from gateway.panel.options import model_options, version_options
from gateway.panel.running import Outcome
from gateway.panel.setup import Setup


def setup_context(setup: Setup) -> dict[str, Any]:
    """The choices, what the versions want to be filled in with, and the draft."""
    form, inputs = setup.form, setup.inputs
    columns = {column.place: column for column in setup.panel.columns}
    is_typed = form is not None and setup.taken is None
    typed = form.placeholders if form and is_typed else {}
    draft = draft_fields(setup.draft.content)
    if form is not None and form.has_draft:
        draft |= {"parameters": form.parameters}
    return {
        "project": setup.project,
        "prompt": setup.prompt,
        "versions": version_options(setup.prompt, besides=setup.choices),
        "models": model_options(setup.project),
        "slots": [_slot(setup, place, columns.get(place)) for place in range(len(setup.choices))],
        "variables": [
            (name, inputs.variables.get(name, ""), _key(name)) for name in setup.panel.variables
        ],
        "placeholders": [
            (name, typed.get(name, json_text(inputs.placeholders.get(name))), _key(name))
            for name in setup.panel.placeholders
        ],
        "conversation": form.conversation if form and is_typed else json_text(inputs.conversation),
        "draft": draft,
        "begins": setup.draft.begins,
        "roles": ROLES,
        "message": form.message if form else "",
        "faults": setup.faults,
        "taken": setup.taken,
        "trace": setup.trace,
        "span": setup.span,
        "item": setup.item,
        "items_at": _items_at(setup),
    }


def _items_at(setup: Setup) -> str:
    """Where items are chosen; '' where no app has any."""
    items = known_items()
    if items is None:
        return ""
    slug = setup.project.slug
    back = reverse("gateway:test_panel", args=[slug, setup.prompt.name])
    return f"{reverse(items.url_name, args=[slug])}?{urlencode({'back': back})}"


def _key(name: str) -> str:
    """What stands for a name in an element's id: the same for the same, so that what was typed
    stays when the choices around it are swapped."""
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def _slot(setup: Setup, place: int, column: Column | None) -> dict[str, Any]:
    return {
        "place": place,
        "number": place + 1,
        "choice": setup.choices[place],
        "column": column,
        "estimate": estimate(setup.project, column) if column else None,
    }


def outputs_of(
    setup: Setup, outcomes: Mapping[int, Outcome], *, asked: frozenset[int] = frozenset()
) -> list[dict[str, Any]]:
    """Every column that is used; `asked` are those whose answer is on its way."""
    return [
        column_context(setup, column, outcomes.get(column.place), is_asked=column.place in asked)
        for column in setup.panel.columns
    ]


def column_context(
    setup: Setup, column: Column, outcome: Outcome | None, *, is_asked: bool = False
) -> dict[str, Any]:
    """One column: nothing yet, an answer, or what went wrong with as much of one as came."""
    answer = outcome.answer if outcome else None
    parts = document_of(answer.message)["parts"] if answer else []
    return {
        "project": setup.project,
        "column": column,
        "outcome": outcome,
        "problem": column.problem or (outcome.problem if outcome else ""),
        "answer": answer,
        "calls": [part for part in parts if part["type"] == "tool_call"],
        "thought": "".join(part["content"] for part in parts if part["type"] == "reasoning"),
        "is_asked": is_asked,
    }


def outputs_html(setup: Setup, outcomes: Mapping[int, Outcome], asked: frozenset[int]) -> str:
    """The region of the outputs, for a page whose script shows answers as they come."""
    outputs = outputs_of(setup, outcomes, asked=asked)
    return render_to_string("gateway/_panel_outputs.html", {"outputs": outputs})


def column_html(setup: Setup, column: Column, outcome: Outcome) -> str:
    """One column at its end."""
    context = column_context(setup, column, outcome)
    return render_to_string("gateway/_panel_column.html", {"output": context})
