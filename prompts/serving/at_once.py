"""The same read from code that has no event loop: Django's view, which answers persons.

It is not counted: those who look at a prompt are no traffic of it. Reads of programs are counted
where they are answered, in front of Django.
"""

from __future__ import annotations

from prompts.serving.cache import Answer, answer_of
from prompts.serving.choosing import Choice, NotServed, choose
from prompts.serving.heads import Body, Head, load_body, load_head
from prompts.serving.reading import Unresolved


def read_at_once(
    project_id: int,
    name: str,
    *,
    label: str = "",
    number: int | None = None,
    key: str = "",
) -> tuple[Head, Body, Choice]:
    """What a read gets now, from the database. Raises: NotServed, Unresolved."""
    head = load_head(project_id, name)
    if head is None:
        raise NotServed(f"This project has no prompt {name[:200]!r}.")
    choice = choose(head, label=label, number=number, key=key)
    body = load_body(project_id, head, choice.number)
    if body is None:
        raise NotServed(f"{name} has no version {choice.number} that stands.")
    if body.fault:
        raise Unresolved(f"{name} v{choice.number} cannot be put together: {body.fault}")
    return head, body, choice


def answer_at_once(
    project_id: int, name: str, *, label: str = "", number: int | None = None, key: str = ""
) -> Answer:
    """The document of that read. Raises: NotServed, Unresolved."""
    return answer_of(*read_at_once(project_id, name, label=label, number=number, key=key))
