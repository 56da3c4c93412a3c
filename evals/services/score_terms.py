"""A score of an evaluator's name means what its version in use says: type, scale, bar."""

from __future__ import annotations

from dataclasses import replace

from accounts.models import Project
from accounts.services.trail import Actor
from evals.evaluating.comparing import passing
from evals.evaluating.settings import Terms
from evals.evaluating.spec import AT_MOST, MODEL_KINDS
from evals.services.evaluator_errors import BadEvaluator
from traces.feedback import given
from traces.models import BarDirection, DataType, ScoreDefinition, ScoreSource
from traces.services.score_definitions import (
    BadDefinition,
    change_definition,
    define_score,
    terms_of,
)
from traces.values.score_bars import NO, YES


def source_of(kind: str) -> str:
    """Who gives the scores of an evaluator of this kind."""
    return (ScoreSource.JUDGE if kind in MODEL_KINDS else ScoreSource.CODE).value


def align_definition(
    project: Project, name: str, kind: str, terms: Terms, description: str, *, actor: Actor
) -> ScoreDefinition:
    """Make or change the definition of the score, so that traces show the bar that holds.

    What people said of it beside (description, for which features it is primary) stays.
    Raises: BadEvaluator where scores of the name are of another type already.
    """
    standing = ScoreDefinition.objects.filter(project=project, name=name).first()
    known = terms_of(standing) if standing else given.Terms(name=name, description=description)
    wanted = _terms(known, kind, terms)
    try:
        if standing is None:
            return define_score(project, wanted, actor=actor)
        return change_definition(standing, wanted, actor=actor)
    except BadDefinition as bad:
        told = {"name": "name", "data_type": "data_type"}
        raise BadEvaluator(
            (told.get(field, "name"), f"The score {name} is defined otherwise: {text}")
            for field, text in bad.errors.items()
        ) from None


def _terms(known: given.Terms, kind: str, terms: Terms) -> given.Terms:
    is_number = terms.data_type == DataType.NUMBER
    direction = BarDirection.AT_MOST if terms.bar_direction == AT_MOST else BarDirection.AT_LEAST
    names: list[str] = []
    if terms.bar is not None and terms.data_type == DataType.BOOLEAN:
        names = [NO if terms.bar_direction == AT_MOST else YES]
    elif terms.bar is not None and terms.data_type == DataType.CATEGORY:
        names = passing(terms)
        names = [] if len(names) == len(terms.categories) else names
    sources = list(known.sources)
    if sources:
        # People label it, and the evaluator gives it: neither may be shut out.
        sources += [s for s in (source_of(kind), ScoreSource.HUMAN.value) if s not in sources]
    return replace(
        known,
        data_type=terms.data_type,
        minimum=terms.minimum if is_number else None,
        maximum=terms.maximum if is_number else None,
        categories=list(terms.categories),
        bar=terms.bar if is_number else None,
        bar_direction=direction.value,
        passing=names,
        sources=sources,
        is_archived=False,
    )
