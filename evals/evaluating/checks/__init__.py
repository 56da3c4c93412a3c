"""Checks of ours, each a pure function with settings: no code of a user runs on the server."""

from evals.evaluating.checks.likeness import LENGTH, SIMILARITY
from evals.evaluating.checks.measures import COST, LATENCY
from evals.evaluating.checks.refusals import REFUSAL
from evals.evaluating.checks.shapes import JSON_SCHEMA, NUMERIC, VALID_JSON
from evals.evaluating.checks.texts import CONTAINS, EXACT, REGEX
from evals.evaluating.setting import Check

CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        EXACT, CONTAINS, REGEX, JSON_SCHEMA, VALID_JSON, NUMERIC, SIMILARITY, LENGTH, LATENCY, COST,
        REFUSAL,
    )
}  # fmt: skip

__all__ = ["CHECKS"]
