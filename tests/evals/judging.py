"""Specs and subjects for tests of evaluators, without a database."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from evals.evaluating.run import evaluate
from evals.evaluating.settings import Terms, faults_of, filled
from evals.evaluating.spec import Spec
from evals.evaluating.subject import Subject, Verdict
from gateway import client
from gateway.client import About, Connection

ABOUT = About(project_id=0)


def spec(
    kind: str, /, name: str = "quality", *, given: dict[str, Any] | None = None, **config: Any
) -> Spec:
    """A spec as a version with these settings has it; `given` are terms and fields beside."""
    given = dict(given or {})
    terms = {key: given.pop(key) for key in list(given) if key in Terms.__dataclass_fields__}
    full = filled(kind, Terms(config=config, **terms))
    assert not faults_of(kind, full), faults_of(kind, full)
    return Spec(
        name=name,
        kind=kind,
        config=full.config,
        data_type=full.data_type,
        minimum=full.minimum,
        maximum=full.maximum,
        categories=tuple(full.categories),
        values=tuple(full.values),
        bar=full.bar,
        bar_direction=full.bar_direction,
        model=full.model,
        parameters=full.parameters,
        **given,
    )


def code(check: str, *, given: dict[str, Any] | None = None, **config: Any) -> Spec:
    """A check of ours."""
    return spec("code", given=given, check=check, **config)


def judged(evaluator: Spec, output: Any = None, expected: Any = None, **subject: Any) -> Verdict:
    """What it says of an answer."""
    return asyncio.run(
        evaluate(evaluator, Subject(output=output, expected=expected, **subject), ABOUT)
    )


def answering(*messages: Any) -> Any:
    """A script of the provider: in turn these texts, messages, faults, or functions of the body."""
    left = list(messages)

    def script(body: dict[str, Any]) -> Any:
        said = left.pop(0) if len(left) > 1 else left[0]
        said = said(body) if callable(said) else said
        return {"role": "assistant", "content": said} if isinstance(said, str) else said

    return script


def verdict(**fields: Any) -> str:
    """A judge's object as text."""
    return json.dumps({"reason": "Because.", "evidence": [], **fields})


def tool_call(**fields: Any) -> dict[str, Any]:
    """The same by a tool."""
    function = {"name": "give_verdict", "arguments": verdict(**fields)}
    calls = [{"id": "c1", "type": "function", "function": function}]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def asked_for(body: dict[str, Any]) -> str:
    """The way in which a request asks for its object."""
    if "response_format" in body:
        return "schema"
    return "tool" if "tools" in body else "text"


def judge(
    connection: Connection | None, *, given: dict[str, Any] | None = None, **config: Any
) -> Spec:
    """A judge of good and bad, or of what `given` says."""
    terms: dict[str, Any] = {
        "data_type": "category", "categories": ("good", "bad"), "values": (1.0, 0.0), "bar": 1.0,
        "model": "gpt-4o-mini", **(given or {}),
    }  # fmt: skip
    if terms["data_type"] != "category":
        terms["categories"], terms["values"] = (), ()
    config.setdefault("rubric", "Good is what answers the question.")
    return spec("judge", given={**terms, "connection": connection}, **config)


def said(
    evaluator: Spec, subject: Subject, about: About = ABOUT, other: Subject | None = None
) -> Verdict:
    """The same through the platform's loop of calls, as synchronous code asks."""
    return client.wait(evaluate(evaluator, subject, about, other))
