"""Comments stand on lines, follow them to new versions, and suggestions become versions."""

from __future__ import annotations

import pytest

from accounts.models import Project, User
from prompts.models import ChangeRequest, PromptVersion, Thread
from prompts.services.discussing import (
    Place,
    apply,
    current_place,
    edit_comment,
    reply,
    resolve,
    start_thread,
)
from prompts.services.errors import NeedsPerson, NothingToDo, NotOpen, VersionMoved
from prompts.services.proposing import point_at
from prompts.services.reviewing import approve
from tests.prompts.making import make_request, make_reviewer, make_version, protect, text

NEW, OLD = Thread.Side.NEW, Thread.Side.OLD


@pytest.fixture
def jun(project: Project) -> User:
    return make_reviewer(project, "jun")


@pytest.fixture
def request_(project: Project, bob: User) -> ChangeRequest:
    protect(project)
    return make_request(project, bob)


def part_of(request: ChangeRequest) -> str:
    from prompts.diff import diff

    kind = request.prompt.kind
    cards = diff(request.from_version.content(kind), request.version.content(kind)).cards
    return next(card.right_key for card in cards if card.rows)


def test_a_comment_follows_its_line_until_the_line_changes(
    request_: ChangeRequest, project: Project, bob: User, jun: User
) -> None:
    part = part_of(request_)
    thread = start_thread(request_, actor=jun, body="Why a day?", place=Place(part, 3, NEW))
    assert thread.line_text == "Never promise a day."
    make_version(project, content=text("A first line.\n" + request_.version.body), actor=bob)
    point_at(request_, 3, actor=bob)
    fresh = ChangeRequest.objects.get(pk=request_.pk)
    place = current_place(thread, fresh)
    assert place is not None
    assert place.line_no == 4
    make_version(project, content=text("Never promise anything."), actor=bob)
    point_at(request_, 4, actor=bob)
    assert current_place(thread, ChangeRequest.objects.get(pk=request_.pk)) is None


def test_a_suggestion_becomes_the_version_that_is_proposed(
    request_: ChangeRequest, bob: User, jun: User
) -> None:
    approve(request_, actor=jun, version=2)
    place = Place(part_of(request_), 3, NEW)
    thread = start_thread(
        request_, actor=jun, body="Better:", place=place, suggestion="Give the range in §4.2."
    )
    comment = thread.comments.get()
    made = apply(comment, actor=bob)
    assert made.body.splitlines()[2] == "Give the range in §4.2."
    assert (made.number, made.origin) == (3, PromptVersion.Origin.SUGGESTION)
    assert made.message == f"Suggestion of Jun in review #{request_.number}"
    fresh = ChangeRequest.objects.get(pk=request_.pk)
    assert (fresh.version, fresh.status) == (made, "open")  # what was approved is another version
    thread.refresh_from_db()
    assert thread.resolved_at is not None
    with pytest.raises(NothingToDo, match="already"):
        apply(comment, actor=bob)
    late = reply(thread, actor=jun, body="", suggestion="Or this.")
    thread.refresh_from_db()
    assert thread.resolved_at is None  # a reply opens it again
    with pytest.raises(VersionMoved):
        apply(late, actor=bob)


def test_what_cannot_be_said(request_: ChangeRequest, bob: User, jun: User) -> None:
    part = part_of(request_)
    with pytest.raises(NothingToDo):
        start_thread(request_, actor=jun, body="  ")
    for place in (Place(part, 99, NEW), Place("tool/none", 1, NEW)):
        with pytest.raises(NotOpen, match="no such line"):
            start_thread(request_, actor=jun, body="x", place=place)
    with pytest.raises(NotOpen, match="proposed version"):
        start_thread(request_, actor=jun, body="x", place=Place(part, 1, OLD), suggestion="y")
    thread = start_thread(request_, actor=jun, body="Of the whole.")
    assert resolve(thread, True, actor=bob).resolved_by == bob
    with pytest.raises(NeedsPerson):
        edit_comment(thread.comments.get(), actor=bob, body="mine")
    assert edit_comment(thread.comments.get(), actor=jun, body="All of it.").edited_at
