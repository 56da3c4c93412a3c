"""Who is to judge a change request, and what each of them said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from prompts.models import AskedReviewer, ChangeRequest, Review
from prompts.rules.facts import Facts

HUES = ("a", "b", "c", "d")


@dataclass(frozen=True)
class ReviewerRow:
    """One line of the card. `state` is approved, changes_requested, dropped, or '' for nothing."""

    user: User
    words: str
    state: str
    roles: tuple[str, ...]
    review: Review | None
    is_me: bool


def hue_of(user_pk: int | None) -> str:
    """The tint of a person's avatar, the same on every page."""
    return HUES[(user_pk or 0) % len(HUES)]


def reviewer_rows(
    request: ChangeRequest,
    facts: Facts,
    asked: Sequence[AskedReviewer],
    reviews: Sequence[Review],
    me: User | None,
) -> list[ReviewerRow]:
    """Whoever was asked or gave a verdict, required owners first, authors left out."""
    latest: dict[int, Review] = {}
    people: dict[int, User] = {one.user_id: one.user for one in asked}
    for review in reviews:
        if review.verdict != Review.Verdict.COMMENTED:
            latest[review.author_id] = review
            people.setdefault(review.author_id, review.author)
    required = {one.user_id for one in asked if one.is_required}
    owners = {person.pk for person in facts.owners.people} if facts.owners else set()
    deputies = {person.pk for person in facts.owners.deputies} if facts.owners else set()
    rows = []
    for pk, user in people.items():
        review_of_them = latest.get(pk)
        state, words = _said(request, facts, review_of_them)
        roles = []
        if request.prompt.owner_id == pk:
            roles.append("owner")
        if pk in owners:
            roles.append("folder owner")
        if pk in deputies:
            roles.append("stands in")
        if pk in required and not roles:
            roles.append("required")
        is_me = me is not None and me.pk == pk
        rows.append(ReviewerRow(user, words, state, tuple(roles), review_of_them, is_me))
    return sorted(
        rows, key=lambda row: (row.user.pk not in owners, row.is_me, row.user.display_name.lower())
    )


def _said(request: ChangeRequest, facts: Facts, review: Review | None) -> tuple[str, str]:
    if review is None:
        return "", "not reviewed"
    if review.dropped:
        return "dropped", f"{review.get_verdict_display().lower()} {review.version}, dropped"
    if review.verdict == Review.Verdict.CHANGES_REQUESTED:
        return "changes_requested", "requested changes"
    if review.author_id in facts.author_pks:
        return "dropped", "approved, but wrote a part of it"
    return "approved", f"approved {review.version}"
