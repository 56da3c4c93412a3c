"""Specs and subjects for tests of evaluators, without a database."""

from __future__ import annotations

import asyncio
from typing import Any

from evals.evaluating.run import evaluate
from evals.evaluating.settings import Terms, faults_of, filled
from evals.evaluating.spec import Spec
from evals.evaluating.subject import Subject, Verdict
from gateway.client import About

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
