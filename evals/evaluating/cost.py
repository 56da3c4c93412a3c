"""What one evaluation may cost at the most, so that no cap is crossed. Pure."""

from __future__ import annotations

from evals.evaluating.spec import Spec
from evals.evaluating.subject import Subject


def ceiling_nano(spec: Spec, subject: Subject) -> int | None:
    """An upper bound in nano-dollars; 0 where no model is asked, None where it has no price."""
    if not spec.is_model:
        return 0
    return None
