"""One evaluator on one answer, whatever its kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from evals.evaluating.judging.claims import judge_rag
from evals.evaluating.judging.pairwise import compare
from evals.evaluating.judging.rubric import judge
from evals.evaluating.kinds import checks_of
from evals.evaluating.remote import ask_remote
from evals.evaluating.spec import AGENT, CODE, JUDGE, PAIRWISE, RAG, REMOTE, RETRIEVAL, Spec
from evals.evaluating.subject import Subject, Verdict
from evals.evaluating.verdicts import failed
from gateway.client import About

Way = Callable[[Spec, Subject, About, Subject | None], Awaitable[Verdict]]


async def evaluate(
    spec: Spec, subject: Subject, about: About, other: Subject | None = None
) -> Verdict:
    """What `spec` says of `subject`; a pairwise judge compares it with `other`.

    Never raises for a bad answer, a provider that fails or settings that no longer hold:
    `Verdict.error` says it then, and `num` is None. Only a cancellation is passed on.
    """
    if spec.fault:
        return failed(spec.fault)
    way = _WAYS.get(spec.kind)
    if way is None:
        return failed(f"There is no evaluator of the kind {spec.kind}.")
    if not about.name:
        about = replace(about, name=f"evaluate {spec.name} v{spec.number}")
    try:
        return await way(spec, subject, about, other)
    except Exception as error:  # whatever an answer holds, the run goes on
        return failed(f"The evaluator broke: {type(error).__name__}: {error}")


async def _reckoned(spec: Spec, subject: Subject, about: About, other: Subject | None) -> Verdict:
    check = checks_of(spec.kind).get(spec.check)
    if check is None:
        return failed(f"There is no check named {spec.check or 'so'}.")
    return check.run(spec, subject)


async def _judged(spec: Spec, subject: Subject, about: About, other: Subject | None) -> Verdict:
    return await judge(spec, subject, about)


async def _of_claims(spec: Spec, subject: Subject, about: About, other: Subject | None) -> Verdict:
    return await judge_rag(spec, subject, about)


async def _compared(spec: Spec, subject: Subject, about: About, other: Subject | None) -> Verdict:
    return await compare(spec, subject, other, about)


async def _remote(spec: Spec, subject: Subject, about: About, other: Subject | None) -> Verdict:
    return await ask_remote(spec, subject)


_WAYS: dict[str, Way] = {
    CODE: _reckoned,
    RETRIEVAL: _reckoned,
    AGENT: _reckoned,
    JUDGE: _judged,
    RAG: _of_claims,
    PAIRWISE: _compared,
    REMOTE: _remote,
}
