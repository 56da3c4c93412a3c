"""Verdicts, reviewers, checks and discussions of a change request as the REST API gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from prompts.diff import Anchor
from prompts.models import AskedReviewer, Check, Comment, Override, Review, Thread
from prompts.rest.documents import Document
from prompts.rules.facts import CheckFact


class ReviewerDocument(Document):
    """A person who was asked."""

    email = serializers.CharField()
    name = serializers.CharField()
    is_required = serializers.BooleanField(help_text="An owner of the prompt's folder.")


class ReviewerListDocument(Document):
    """Who was asked."""

    data_ = ReviewerDocument(many=True)


class ReviewDocument(Document):
    """A person's verdict on the version that was proposed then."""

    id = serializers.IntegerField()
    verdict = serializers.ChoiceField(choices=Review.Verdict.choices)
    author = serializers.CharField()
    version = serializers.IntegerField()
    note = serializers.CharField()
    at = serializers.DateTimeField()
    dropped = serializers.CharField(help_text="Why it no longer counts; '' it does.")


class ReviewListDocument(Document):
    """Every verdict, oldest first."""

    data_ = ReviewDocument(many=True)


class OverrideDocument(Document):
    """Somebody let the version pass without a green check."""

    by = serializers.CharField()
    reason = serializers.CharField()
    at = serializers.DateTimeField()


class CheckDocument(Document):
    """What a source says of a version; only `pass` is green."""

    id = serializers.IntegerField(allow_null=True, help_text="null: it has not reported.")
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=[("", "None"), *Check.State.choices])
    version = serializers.IntegerField()
    summary = serializers.CharField()
    url = serializers.CharField()
    rows = serializers.ListField(child=serializers.DictField())
    is_required = serializers.BooleanField()
    is_old = serializers.BooleanField(help_text="It passed too long ago to count.")
    by = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class CheckListDocument(Document):
    """The newest report of each name on the version that is proposed, and required ones."""

    data_ = CheckDocument(many=True)


class PlaceDocument(Document):
    """A line of one side of the comparison."""

    part = serializers.CharField(help_text="`left_key` or `right_key` of a compared part.")
    line = serializers.IntegerField(help_text="From 1.")
    side = serializers.ChoiceField(choices=Thread.Side.choices)


class CommentDocument(Document):
    """One remark; `suggestion` is text for the thread's line, '' takes it away."""

    id = serializers.IntegerField()
    author = serializers.CharField()
    body = serializers.CharField()
    suggestion = serializers.CharField(allow_null=True)
    applied_as = serializers.IntegerField(allow_null=True, help_text="The version it became.")
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)


class ThreadDocument(Document):
    """A discussion, of a line or of the whole."""

    id = serializers.IntegerField()
    place = PlaceDocument(allow_null=True, help_text="Where it began; null: the whole request.")
    version = serializers.IntegerField(allow_null=True, help_text="The version of the line.")
    line_text = serializers.CharField()
    now = PlaceDocument(allow_null=True, help_text="Where the line stands now; null: outdated.")
    is_outdated = serializers.BooleanField()
    is_resolved = serializers.BooleanField()
    resolved_by = serializers.CharField(allow_null=True)
    comments = CommentDocument(many=True)
    created_at = serializers.DateTimeField()


class ThreadListDocument(Document):
    """Discussions in the order in which they began."""

    data_ = ThreadDocument(many=True)


def reviewer_document(asked: AskedReviewer) -> dict[str, Any]:
    """The values of a `ReviewerDocument`."""
    return {
        "email": asked.user.email,
        "name": asked.user.display_name,
        "is_required": asked.is_required,
    }


def review_document(review: Review) -> dict[str, Any]:
    """The values of a `ReviewDocument`."""
    return {
        "id": review.pk,
        "verdict": review.verdict,
        "author": review.author.display_name,
        "version": review.version.number,
        "note": review.note,
        "at": review.at,
        "dropped": review.dropped,
    }


def override_document(override: Override) -> dict[str, Any]:
    """The values of an `OverrideDocument`."""
    return {
        "by": override.by.display_name,
        "reason": override.reason,
        "at": override.at,
    }


def check_document(check: Check, required: Sequence[CheckFact]) -> dict[str, Any]:
    """The values of a `CheckDocument`; one that was never saved has not reported."""
    fact = next((one for one in required if one.name == check.name), None)
    return {
        "id": check.pk,
        "name": check.name,
        "state": check.state,
        "version": check.version.number,
        "summary": check.summary,
        "url": check.url,
        "rows": check.rows,
        "is_required": fact is not None,
        "is_old": fact is not None and fact.is_old,
        "by": check.reported_by,
        "at": check.at,
    }


def thread_document(thread: Thread, now: Anchor | None) -> dict[str, Any]:
    """The values of a `ThreadDocument`; its line stands at `now`."""
    return {
        "id": thread.pk,
        "place": _place(thread.part, thread.line, thread.side),
        "version": thread.version.number if thread.version else None,
        "line_text": thread.line_text,
        "now": _place(now.key, now.line_no, thread.side) if now else None,
        "is_outdated": thread.version is not None and now is None,
        "is_resolved": thread.resolved_at is not None,
        "resolved_by": thread.resolved_by.display_name if thread.resolved_by else None,
        "comments": [_comment(comment) for comment in thread.comments.all()],
        "created_at": thread.created_at,
    }


def _place(part: str, line: int | None, side: str) -> dict[str, Any] | None:
    return {"part": part, "line": line, "side": side} if part else None


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.pk,
        "author": comment.author_label,
        "body": comment.body,
        "suggestion": comment.suggestion,
        "applied_as": comment.applied_as.number if comment.applied_as else None,
        "created_at": comment.created_at,
        "edited_at": comment.edited_at,
    }
