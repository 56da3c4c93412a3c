"""One change request with all that decides about it: rules, verdicts, checks, its rollout."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from prompts.models import AskedReviewer, ChangeRequest, Check, Override, Review, Rollout
from prompts.queries.deciding import facts_of, newest_checks
from prompts.queries.reviews import WHOLE_TRAFFIC, ReviewRow, reviews_of
from prompts.queries.rollouts import list_rollouts
from prompts.rules.blockers import Blocker, blockers, needed_approvals
from prompts.rules.facts import Facts


@dataclass(frozen=True)
class Step:
    """A share, in percent, that the version may be given next, and what forbids it."""

    share: float
    needed: int
    blockers: list[Blocker]


@dataclass(frozen=True)
class Judged:
    """What stands now. `checks` holds required ones that have not reported, never saved."""

    row: ReviewRow
    facts: Facts
    steps: list[Step]
    asked: list[AskedReviewer]
    reviews: list[Review]
    checks: list[Check]
    override: Override | None
    threads: int
    rollout: Rollout | None

    @property
    def needed(self) -> int | None:
        """Approvals that all of the traffic needs; None: the label is free."""
        return self.row.needed


def judge(request: ChangeRequest) -> Judged:
    """Gather it. The request comes with its prompt, project and versions."""
    facts = facts_of(request)
    rollout = rollouts_of(request).first()
    checks = newest_checks(request)
    reported = {check.name for check in checks}
    lacking = [
        Check(request=request, version=request.version, name=fact.name, state="")
        for fact in facts.checks
        if fact.name not in reported
    ]
    needed = needed_approvals(facts, WHOLE_TRAFFIC) if facts.settings.is_protected else None
    running = rollout if rollout is not None and request.is_running else None
    return Judged(
        row=ReviewRow(
            request=request,
            approvals=len({verdict.person.pk for verdict in facts.approvals}),
            needed=needed,
            checks=checks,
            share=running.share if running else None,
            is_mine=False,
            waits_for_me=False,
        ),
        facts=facts,
        steps=[
            Step(share, needed_approvals(facts, share), blockers(facts, share=share))
            for share in _next_shares(facts, running)
        ],
        asked=asked_of(request),
        reviews=reviews_of(request),
        checks=[*checks, *lacking],
        override=request.overrides.select_related("by").filter(version=request.version).first(),
        threads=request.threads.count(),
        rollout=rollout,
    )


def asked_of(request: ChangeRequest) -> list[AskedReviewer]:
    """Who was asked to review, in that order."""
    return list(request.asked.select_related("user").order_by("pk"))


def rollouts_of(request: ChangeRequest) -> QuerySet[Rollout]:
    """Its rollouts, the newest first."""
    return list_rollouts(request.project).filter(request=request)


def _next_shares(facts: Facts, running: Rollout | None) -> list[float]:
    """The widest share that few approvals allow, the next stage, and all."""
    shares = {WHOLE_TRAFFIC}
    if facts.settings.is_protected and facts.settings.wide_share > 0:
        shares.add(float(facts.settings.wide_share))
    if running is not None:
        stages = [stage["share"] for stage in running.stages if stage["share"] > running.share]
        shares.update(share / 100 for share in stages[:1])
        shares = {share for share in shares if share * 100 > running.share}
    return sorted(shares)
