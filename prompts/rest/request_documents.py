"""Change requests as the REST API gives them: in a list, and with all that decides about one."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from prompts.addresses import review_path
from prompts.models import ChangeRequest, Check
from prompts.queries.judged import Judged
from prompts.queries.reviews import ReviewRow
from prompts.rest.documents import Document
from prompts.rest.review_documents import (
    CheckDocument,
    OverrideDocument,
    ReviewDocument,
    ReviewerDocument,
    check_document,
    override_document,
    review_document,
    reviewer_document,
)
from prompts.rest.rollout_documents import RolloutDocument, percent, rollout_document


class ApprovalsDocument(Document):
    """How many approvals count, of how many."""

    given = serializers.IntegerField()
    needed = serializers.IntegerField(
        allow_null=True, help_text="For all traffic; null: the label is free."
    )


class RequestDocument(Document):
    """A proposal to move a label of a prompt to another version."""

    number = serializers.IntegerField()
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=ChangeRequest.Status.choices)
    prompt = serializers.CharField()
    label_ = serializers.CharField()
    from_ = serializers.IntegerField(allow_null=True, help_text="null: the label stood nowhere.")
    to = serializers.IntegerField(help_text="The version that it proposes.")
    author = serializers.CharField(help_text="A person's name, or that of a key.")
    approvals = ApprovalsDocument()
    gate = serializers.ChoiceField(
        choices=[("", "None"), *Check.State.choices], help_text="The worst state of its checks."
    )
    share = serializers.FloatField(allow_null=True, help_text="Percent, while it rolls out.")
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField(help_text="Path of its page.")


class RequestPageDocument(Document):
    """A page of change requests, the newest first."""

    data_ = RequestDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class BlockerDocument(Document):
    """One unmet rule."""

    code = serializers.CharField(help_text="For programs.")
    text = serializers.CharField(help_text="For people.")


class NextShareDocument(Document):
    """What a move to a share of the traffic needs, and what stands in its way."""

    share = serializers.FloatField(help_text="Percent.")
    approvals_needed = serializers.IntegerField()
    blockers = BlockerDocument(many=True, help_text="Empty: it may go there.")


class ThreadCountDocument(Document):
    """Discussions."""

    total = serializers.IntegerField()
    open = serializers.IntegerField(help_text="Of lines, not resolved.")


class WholeRequestDocument(RequestDocument):
    """A change request with all that decides about it."""

    description = serializers.CharField()
    revision = serializers.IntegerField(
        help_text="Grows with whatever a reviewer judges by; send it with an approval."
    )
    is_protected = serializers.BooleanField(help_text="The label moves only by such a request.")
    steps = NextShareDocument(many=True, help_text="The shares that come next.")
    reviewers = ReviewerDocument(many=True, help_text="Who was asked.")
    reviews = ReviewDocument(many=True, help_text="Every verdict, oldest first.")
    checks = CheckDocument(many=True, help_text="The newest of each name, and required ones.")
    override = OverrideDocument(allow_null=True)
    threads = ThreadCountDocument()
    rollout = RolloutDocument(allow_null=True, help_text="The newest.")
    rollback_reason = serializers.CharField()


def request_document(row: ReviewRow) -> dict[str, Any]:
    """The values of a `RequestDocument`."""
    request = row.request
    return {
        "number": request.number,
        "title": request.title,
        "status": request.status,
        "prompt": request.prompt.name,
        "label": request.label,
        "from": request.from_version.number if request.from_version else None,
        "to": request.version.number,
        "author": request.author_label,
        "approvals": {"given": row.approvals, "needed": row.needed},
        "gate": row.gate,
        "share": None if row.share is None else percent(row.share),
        "created_at": request.created_at,
        "changed_at": request.changed_at,
        "ended_at": request.ended_at,
        "url": review_path(request.project, request.number),
    }


def whole_request_document(judged: Judged) -> dict[str, Any]:
    """The values of a `WholeRequestDocument`."""
    request = judged.row.request
    return {
        **request_document(judged.row),
        "approvals": {
            "given": len({verdict.person.pk for verdict in judged.facts.approvals}),
            "needed": judged.needed,
        },
        "description": request.description,
        "revision": request.revision,
        "is_protected": judged.facts.settings.is_protected,
        "steps": [
            {
                "share": step.share,
                "approvals_needed": step.needed,
                "blockers": [{"code": one.code, "text": one.text} for one in step.blockers],
            }
            for step in judged.steps
        ],
        "reviewers": [reviewer_document(one) for one in judged.asked],
        "reviews": [review_document(one) for one in judged.reviews],
        "checks": [check_document(one, judged.facts.checks) for one in judged.checks],
        "override": override_document(judged.override) if judged.override else None,
        "threads": {"total": judged.threads, "open": judged.facts.open_threads},
        "rollout": rollout_document(judged.rollout) if judged.rollout else None,
        "rollback_reason": request.rollback_reason,
    }
