"""Asking a judge for an object, whatever its provider can do: schema, then tool, then text.

Which way worked is remembered by provider and model for as long as the process lives.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

import orjson

from evals.evaluating.checks.refusals import refusal_in
from evals.evaluating.judging.parsing import fields_in, objects_in
from evals.evaluating.spec import Spec
from gateway import client
from gateway.client import About, Answer, CallFailed, ChatRequest, Patience, system, user
from gateway.client.errors import BadRequest

MOST_CALLS = 4  # for one object; a call that the provider refuses costs nothing, and counts
MOST_TOKENS = 2_048  # of a judge's answer, unless its parameters say otherwise
NOT_IMPLEMENTED = 501
PATIENCE = Patience(total=180.0)
TOOL = "give_verdict"
Reader = Callable[[Mapping[str, Any]], Any]


_NOT_TAKEN = re.compile(
    "unsupported|not support|does not|unknown|unrecogni|invalid|deprecated|only|unexpected|extra",
    re.IGNORECASE,
)


class Mode(IntEnum):
    """How an object is asked for; the first that works is kept."""

    SCHEMA = 0
    TOOL = 1
    TEXT = 2


class NoVerdict(Exception):
    """The judge gave nothing that can be used; the text says why, for a person."""


class Unreadable(ValueError):
    """An object that is not what was asked for; the text says what is wrong, for the model."""


@dataclass(slots=True)
class _Habit:
    """What a model of a provider was found to take."""

    mode: Mode = Mode.SCHEMA
    dropped: frozenset[str] = frozenset()


_habits: dict[tuple[str, str, str], _Habit] = {}


def forget_habits() -> None:
    """Find out anew what every provider takes."""
    _habits.clear()


@dataclass(slots=True)
class Ledger:
    """The calls of one verdict: how many, for how much, and where they are seen."""

    trace_id: str = field(default_factory=lambda: secrets.token_hex(16))
    span_id: str = ""
    calls: int = 0
    cost_nano: int | None = 0
    modes: list[str] = field(default_factory=list)

    def note(self, called: client.Called[Answer]) -> None:
        """One more call; an unpriced one makes the sum unknown."""
        self.calls += 1
        self.span_id = called.span_id
        self.trace_id = called.trace_id
        if self.cost_nano is not None:
            known = called.cost_nano
            self.cost_nano = None if known is None else self.cost_nano + known

    def stamps(self) -> dict[str, Any]:
        """The fields of a verdict that tell of the calls."""
        return {
            "cost_nano": self.cost_nano,
            "calls": self.calls,
            "trace_id": self.trace_id if self.span_id else "",
            "span_id": self.span_id,
        }


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: an instruction, the material, the object wanted, and how it is read.

    `schema` is strict: every object closed, all its properties required. `read` makes the result
    of the object; it raises Unreadable, whose text the model is told.
    """

    system: str
    user: str
    schema: Mapping[str, Any]
    read: Reader


async def ask(spec: Spec, question: Question, about: About, ledger: Ledger) -> Any:
    """What `question.read` makes of the judge's object. Raises: NoVerdict."""
    if spec.connection is None:
        raise NoVerdict("No provider is connected for this judge.")
    key = (spec.connection.name, spec.connection.url, spec.model)
    habit = _habits.setdefault(key, _Habit())
    mode, complaint, why = habit.mode, "", ""
    for _ in range(MOST_CALLS):
        request = _request(spec, question, mode, habit.dropped, complaint)
        try:
            answer = await _call(spec, request, about, ledger)
        except BadRequest as refused:
            why = str(refused)
            if named := _parameter_in(why, request):
                habit.dropped |= {named}
            elif mode < Mode.TEXT and not _is_final(refused):
                mode = Mode(mode + 1)
            else:
                raise NoVerdict(why) from None
            continue
        except CallFailed as failed:
            if failed.status != NOT_IMPLEMENTED or mode is Mode.TEXT:
                raise NoVerdict(str(failed)) from None
            mode, why = Mode(mode + 1), str(failed)
            continue
        try:
            result = question.read(_object(answer, question, mode))
        except Unreadable as unreadable:
            why = _why_unreadable(answer, str(unreadable))
            if _is_refusal(answer):
                raise NoVerdict(why) from None
            # The same way once more helps little where the provider ignores it altogether.
            mode, complaint = (Mode(mode + 1), "") if mode < Mode.TEXT else (mode, str(unreadable))
            continue
        habit.mode = mode
        ledger.modes.append(mode.name.lower())
        return result
    raise NoVerdict(why or "The judge gave no verdict.")


async def _call(spec: Spec, request: ChatRequest, about: About, ledger: Ledger) -> Answer:
    assert spec.connection is not None  # noqa: S101  (looked at by the caller)
    placed = replace(about, trace_id=about.trace_id or ledger.trace_id)
    called = await (await client.current()).chat(spec.connection, request, placed, PATIENCE)
    ledger.note(called)
    return called.given


def _request(
    spec: Spec, question: Question, mode: Mode, dropped: frozenset[str], complaint: str
) -> ChatRequest:
    told = question.system
    if mode is Mode.TOOL:
        told += f"\n\nGive your verdict by calling the tool {TOOL}."
    if mode is not Mode.SCHEMA:
        told += f"\n\n{_shape_words(question.schema)}"
    messages = [system(told), user(question.user)]
    if complaint:
        messages.append(
            user(
                f"Your last answer could not be read: {complaint} "
                "Answer again with nothing but the JSON object."
            )
        )
    parameters = {"temperature": 0, "max_tokens": MOST_TOKENS, **spec.parameters}
    request = ChatRequest(
        spec.model,
        tuple(messages),
        parameters={name: value for name, value in parameters.items() if name not in dropped},
        stream=False,
    )
    if mode is Mode.SCHEMA:
        return replace(request, response_schema=question.schema)
    if mode is Mode.TOOL:
        function = {
            "name": TOOL,
            "description": "Takes the verdict.",
            "parameters": dict(question.schema),
        }
        return replace(
            request, tools=({"type": "function", "function": function},), tool_choice=TOOL
        )
    return request


def _shape_words(schema: Mapping[str, Any]) -> str:
    return (
        "Answer with one JSON object and nothing else: no words around it, no code fence. "
        "It satisfies this JSON schema, its fields in this order:\n"
        f"{orjson.dumps(schema).decode()}"
    )


def _object(answer: Answer, question: Question, mode: Mode) -> Mapping[str, Any]:
    """The first object of the answer that reads well enough to be one. Raises: Unreadable."""
    names = question.schema.get("properties") or {}
    candidates = [call.arguments for call in answer.message.tool_calls]
    seen: list[Mapping[str, Any]] = []
    for text in (*candidates, answer.text):
        for found in objects_in(text):
            if fitting := _fitting(found, names):
                return fitting
            seen.append(found)
    if told := fields_in(answer.text, names):
        return told
    if seen:
        raise Unreadable(f"The object has none of the fields {', '.join(names)}.")
    raise Unreadable("There is no JSON object in the answer.")


def _fitting(found: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any] | None:
    """`found` under the names that were asked for, whatever their case; None where none is there.

    Some models put the object into another one (`{"answer": {…}}`, or under the tool's name).
    """
    plain = {_plain(name): name for name in names}
    told = {plain[_plain(key)]: value for key, value in found.items() if _plain(key) in plain}
    if told:
        return told
    inner = [value for value in found.values() if isinstance(value, Mapping)]
    return _fitting(inner[0], names) if len(found) == 1 and inner else None


def _plain(name: Any) -> str:
    return str(name).strip().casefold().replace("-", "_").replace(" ", "_")


def _why_unreadable(answer: Answer, why: str) -> str:
    if answer.finish_reason == "content_filter":
        return "The provider's filter stopped the judge."
    if not answer.text.strip() and not answer.message.tool_calls:
        if answer.finish_reason == "length":
            return "The judge used up its tokens before it said anything: raise max_tokens."
        return "The judge gave an empty answer."
    if phrase := refusal_in(answer.text):
        return f"The judge refused: {phrase[:200]}"
    if answer.finish_reason == "length":
        return "The judge's answer was cut off: raise max_tokens."
    return f"The judge's answer cannot be read: {why}"


def _is_refusal(answer: Answer) -> bool:
    return answer.finish_reason == "content_filter" or bool(refusal_in(answer.text))


def _parameter_in(text: str, request: ChatRequest) -> str:
    """The parameter that the provider says it does not take; '' where it names none."""
    if not _NOT_TAKEN.search(text):
        return ""
    named = [name for name in request.parameters if re.search(rf"\b{re.escape(name)}\b", text)]
    return named[0] if named else ""


def _is_final(refused: BadRequest) -> bool:
    """Refusals that another way of asking does not change."""
    plain = str(refused).casefold()
    hints = (
        "context length",
        "context window",
        "maximum context",
        "too long",
        "too large",
        "quota",
    )
    return any(hint in plain for hint in hints)
