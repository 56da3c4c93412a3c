"""`roadworthy engine NAME`: one JSON object on stdin, figures as JSON on stdout; no database."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

# A module each, so that one engine loads no other's libraries.
ENGINES = {
    "stats": "evals.engines.stats",
    "retrieval": "evals.engines.retrieval",
    "rag": "evals.engines.rag",
    "agent": "evals.engines.agent",
    "drift": "evals.engines.drift",
    "cost-anomaly": "costs.engines.anomaly",
    "budget": "costs.engines.budget",
}
FAILED = 2


def main(arguments: Sequence[str]) -> int:
    """Answer the document on stdin; 2 and a sentence on stderr where it cannot be answered."""
    if list(arguments) in (["-h"], ["--help"]):
        print(_usage())
        return 0
    if len(arguments) != 1 or arguments[0] not in ENGINES:
        return _refuse(_usage())
    try:
        document = json.loads(sys.stdin.buffer.read())
    except (ValueError, RecursionError) as error:
        return _refuse(f"The input is no JSON: {error}")
    try:
        answers: Any = import_module(ENGINES[arguments[0]]).answer(document)
    except ValueError as error:  # what an engine refuses, in words
        return _refuse(str(error))
    json.dump(answers, sys.stdout)
    sys.stdout.write("\n")
    return 0


def _usage() -> str:
    return f"Usage: roadworthy engine NAME < cases.json\nNAME is one of {', '.join(ENGINES)}."


def _refuse(why: str) -> int:
    print(why, file=sys.stderr)
    return FAILED
