"""One evaluator on one answer, whatever its kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from evals.evaluating.checks import CHECKS
from evals.evaluating.spec import CODE, Spec
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
    try:
        return await way(spec, subject, about, other)
    except Exception as error:  # whatever an answer holds, the run goes on
        return failed(f"The evaluator broke: {type(error).__name__}: {error}")


async def _code(spec: Spec, subject: Subject, about: About, other: Subject | None) -> Verdict:
    check = CHECKS.get(spec.check)
    if check is None:
        return failed(f"There is no check named {spec.check or 'so'}.")
    return check.run(spec, subject)


_WAYS: dict[str, Way] = {CODE: _code}
