"""What each kind of evaluator can do: its checks or metrics, by name. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from evals.evaluating.agents import AGENT_CHECKS
from evals.evaluating.checks import CHECKS
from evals.evaluating.judging.claims import RAG_CHECKS
from evals.evaluating.judging.pairwise import PAIR
from evals.evaluating.judging.rubric import RUBRIC
from evals.evaluating.remote import REMOTE_CHECK
from evals.evaluating.retrieval import RETRIEVAL_CHECKS
from evals.evaluating.setting import Check
from evals.evaluating.spec import AGENT, CODE, JUDGE, PAIRWISE, RAG, REMOTE, RETRIEVAL

_OF_KINDS: dict[str, Mapping[str, Check]] = {
    CODE: CHECKS,
    RETRIEVAL: RETRIEVAL_CHECKS,
    RAG: RAG_CHECKS,
    AGENT: AGENT_CHECKS,
    JUDGE: {RUBRIC.name: RUBRIC},
    PAIRWISE: {PAIR.name: PAIR},
    REMOTE: {REMOTE_CHECK.name: REMOTE_CHECK},
}


def checks_of(kind: str) -> Mapping[str, Check]:
    """The checks of `kind` by name; {} where there is no such kind."""
    return _OF_KINDS.get(kind, {})
