"""Who may decide about a proposed version, and what waits for a decision."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from accounts.models import Project, User
from evals.models import Evaluator, Proposal
from prompts.queries.environments import people_who_review


def proposals_of(evaluator: Evaluator) -> QuerySet[Proposal]:
    """All proposals of an evaluator's versions, the newest first."""
    return (
        Proposal.objects.filter(version__evaluator=evaluator)
        .select_related("version", "author", "decided_by")
        .order_by("-created_at", "-pk")
    )


def proposal_of(project: Project, pk: int) -> Proposal | None:
    """A proposal about an evaluator by its id, or None."""
    return (
        Proposal.objects.filter(project=project, pk=pk, kind=Proposal.Kind.EVALUATOR)
        .select_related("version__evaluator__project", "author")
        .first()
    )


def deciders_of(proposal: Proposal) -> list[User]:
    """Who may decide: whoever reviews and wrote none of it, neither the request nor the version.

    Where everybody did, any but who asks; and who asks where there is nobody else at all
    (docs/adr/0015 says the same of reviews).
    """
    people = people_who_review(proposal.project)
    authors = {proposal.author_id, proposal.version.author_id if proposal.version else None}
    others = [one for one in people if one.pk not in authors]
    return others or [one for one in people if one.pk != proposal.author_id] or people


def fault_of_decision(proposal: Proposal, person: User, able: Sequence[User]) -> str:
    """Why `person` cannot decide, in words; '' where they can."""
    if any(one.pk == person.pk for one in able):
        return ""
    names = " or ".join(sorted(one.display_name for one in able)) or "a reviewer"
    authors = {proposal.author_id, proposal.version.author_id if proposal.version else None}
    if person.pk in authors:
        return f"You wrote this; {names} can decide it."
    return f"Deciding about an evaluator needs the role reviewer: {names} can."
