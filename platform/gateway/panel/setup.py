"""What the panel is set to, out of its address or its form, with the columns that come of it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from accounts.access import Door
from accounts.models import Project, User
from gateway.panel.columns import Panel, composed, panel_of
from gateway.panel.form import PanelForm
from gateway.panel.from_item import known_items
from gateway.panel.from_trace import Taken, taken_from
from gateway.panel.options import beginning, first_choices
from gateway.panel.state import COLUMNS, Choice, Draft, Inputs
from prompts.content import BadContent, Content
from prompts.models import Prompt, PromptVersion

LONGEST_ID = 128
LONGEST_KEY = 255


@dataclass(slots=True)
class Setup:
    """Everything that the panel shows before anything is asked. `faults` keep it from running."""

    project: Project
    prompt: Prompt
    choices: list[Choice]
    draft: Draft
    inputs: Inputs
    form: PanelForm | None = None
    faults: list[str] = field(default_factory=list)
    taken: Taken | None = None
    trace: str = ""
    span: str = ""
    item: str = ""
    panel: Panel = field(init=False)

    def __post_init__(self) -> None:
        self._fill()

    def _fill(self) -> None:
        self.panel = panel_of(self.project, self.prompt, self.choices, self.draft, self.inputs)

    def take(self, trace_id: str, span_id: str) -> None:
        """Fill the versions in with what a call of a trace was asked."""
        self.trace, self.span = trace_id.strip()[:LONGEST_ID], span_id.strip()[:LONGEST_ID]
        self.item = ""
        taken = taken_from(self.project, self.prompt, self.trace, self.span, self._contents())
        self._take(taken)

    def take_item(self, key: str, door: Door, asks: User) -> None:
        """Fill the versions in with an item of a dataset."""
        self.item, self.trace, self.span = key.strip()[:LONGEST_KEY], "", ""
        items = known_items()
        if items is not None:
            self._take(items.take(door, asks, self.item, self._contents()))

    def _contents(self) -> list[Content]:
        contents = [column.content for column in self.panel.columns if column.content]
        with contextlib.suppress(BadContent):  # a draft that cannot be composed tells nothing
            contents.append(composed(self.project, self.prompt, self.draft.content))
        return contents

    def _take(self, taken: Taken) -> None:
        self.taken = taken
        if not taken.fault:
            self.inputs = Inputs(taken.variables, {}, taken.conversation)
            self._fill()


def opened(door: Door, prompt: Prompt, given: Mapping[str, str], asks: User) -> Setup:
    """As the address says: `version_0`, `target_0` … or `version`; `from`; `trace`, `span`; or
    `item`.
    """
    project = door.project
    wanted = {
        place: Choice(given.get(f"version_{place}", ""), given.get(f"target_{place}", ""))
        for place in range(COLUMNS)
    }
    if given.get("version"):
        wanted[0] = Choice(given["version"])
    choices = first_choices(prompt, wanted)
    begins = beginning(prompt, given.get("from") or choices[0].version)
    setup = Setup(project, prompt, choices, _draft(prompt, begins), Inputs())
    if given.get("trace"):
        setup.take(given["trace"], given.get("span", ""))
    elif given.get("item"):
        setup.take_item(given["item"], door, asks)
    return setup


def said(project: Project, prompt: Prompt, data: QueryDict) -> Setup:
    """As the form says."""
    begins = beginning(prompt, data.get("draft_begins", ""))
    form = PanelForm(data, begins=_draft(prompt, begins).content)
    draft, inputs = form.draft(), form.inputs()
    return Setup(project, prompt, form.choices, draft, inputs, form, form.faults)


def _draft(prompt: Prompt, begins: PromptVersion | None) -> Draft:
    if begins is not None:
        return Draft(begins.content(prompt.kind), begins.number)
    kind: Any = prompt.kind
    return Draft(Content(kind, "" if kind == "text" else []))
