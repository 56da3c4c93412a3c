"""Rubrics to begin with, each with examples that were labelled and a record of what was checked."""

from evals.evaluating.templates.model import Example, Template, terms_of_template
from evals.evaluating.templates.quality import COHERENCE, RELEVANCE, TONE
from evals.evaluating.templates.safety import HALLUCINATION, REFUSAL, SAFETY

TEMPLATES: dict[str, Template] = {
    one.name: one for one in (RELEVANCE, COHERENCE, SAFETY, TONE, HALLUCINATION, REFUSAL)
}

__all__ = ["TEMPLATES", "Example", "Template", "terms_of_template"]
