"""Where a pending change request stands, derived from its reviews: open, approved, or refused."""

from __future__ import annotations

from django.utils import timezone

from prompts.models import ChangeRequest
from prompts.queries.deciding import facts_of
from prompts.rules.blockers import blockers

Status = ChangeRequest.Status


def refresh_status(request: ChangeRequest) -> None:
    """Save the request with the status that its verdicts and rules give it.

    Approved means: nothing stands in the way of the smallest share. Called under the lock.
    """
    if request.is_pending and request.status != Status.DRAFT:
        request.status = Status.OPEN
        facts = facts_of(request)
        codes = {blocker.code for blocker in blockers(facts, share=0.0)}
        if "changes_requested" in codes:
            request.status = Status.CHANGES_REQUESTED
        elif facts.approvals and not codes & {"approvals", "owner"}:
            request.status = Status.APPROVED
    request.changed_at = timezone.now()
    request.save()
