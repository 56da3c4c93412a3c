"""What each kind of evaluator can do: its checks or metrics, by name. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from evals.evaluating.checks import CHECKS
from evals.evaluating.setting import Check
from evals.evaluating.spec import CODE

_OF_KINDS: dict[str, Mapping[str, Check]] = {CODE: CHECKS}


def checks_of(kind: str) -> Mapping[str, Check]:
    """The checks of `kind` by name; {} where there is no such kind."""
    return _OF_KINDS.get(kind, {})
