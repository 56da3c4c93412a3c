"""Checks of a change request: reported by any source, like the statuses of a commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.services.trail import Actor
from prompts.models import ChangeRequest, Check, PromptVersion
from prompts.queries.required import is_kept
from prompts.services.errors import NoSuchVersion, NotYours
from prompts.services.locking import label_of, pages_changed
from prompts.services.news import tell_of_request
from prompts.services.proposing import record_of, reread
from prompts.services.standing import refresh_status

MOST_ROWS = 50


@dataclass(frozen=True)
class Report:
    """What a source says. `number` None: of the version that is proposed now."""

    name: str
    state: Check.State
    number: int | None = None
    summary: str = ""
    url: str = ""
    rows: Sequence[dict[str, Any]] = field(default_factory=list)
    is_of_keeper: bool = False  # by the app that registered the name: prompts.queries.required


@transaction.atomic
def report_check(request: ChangeRequest, report: Report, *, actor: Actor) -> Check:
    """Keep what a source says of a version of the request; its newest word counts.

    Raises: NoSuchVersion (the prompt has none of that number), NotYours (the name is kept for a
    part of the product).
    """
    if is_kept(report.name) and not report.is_of_keeper:
        raise NotYours(f"{report.name} is reported by Roadworthy itself: name yours differently.")
    request = reread(request)
    version = request.version
    if report.number is not None and report.number != version.number:
        found = PromptVersion.objects.filter(prompt_id=request.prompt_id, number=report.number)
        if (one := found.first()) is None:
            raise NoSuchVersion(f"{request.prompt.name} has no version {report.number}.")
        version = one
    check = Check.objects.create(
        request=request,
        version=version,
        name=report.name,
        state=report.state,
        summary=report.summary.replace("\0", "")[:500],
        url=report.url,
        rows=list(report.rows)[:MOST_ROWS],
        reported_by=label_of(actor),
    )
    request.revision += 1
    record_of(
        "change_request.check_reported",
        request,
        actor,
        check=check.name,
        state=str(check.state),
        of=version.number,
    )
    refresh_status(request)
    pages_changed(request.project_id)
    if check.state != Check.State.PENDING:
        tell_of_request("review.check_done", request, actor=actor, check=check)
    return check
