"""The list of change requests says the same of approvals as each change request does."""

from __future__ import annotations

import pytest

from accounts.models import Membership, Project, User
from prompts.services.proposing import point_at
from prompts.services.reviewing import approve
from tests.prompts.asking import Api
from tests.prompts.making import make_request, make_reviewer, make_version, protect, text

pytestmark = pytest.mark.django_db


def test_approvals_of_those_who_can_review_and_wrote_no_part_of_it(
    api: Api, project: Project, alice: User, bob: User
) -> None:
    protect(project)
    jun, tom = make_reviewer(project, "jun"), make_reviewer(project, "tom")
    request = make_request(project, bob)
    approve(request, actor=jun, version=2)

    def role(name: str, *people: User) -> None:
        Membership.objects.filter(user__in=people).update(role=name)

    def counted() -> tuple[int, int]:
        told: dict[str, int] = api.get("change-requests/1")["approvals"]
        [row] = api.get("change-requests?which=all")["data"]
        assert row["approvals"] == told
        return told["given"], told["needed"]

    assert counted() == (1, 2)
    role("engineer", jun)
    assert counted() == (0, 2)  # Jun may review no more; Alice and Tom can
    role("engineer", tom)
    assert counted() == (0, 1)
    role("reviewer", jun)
    assert counted() == (1, 2)
    third = make_version(project, content=text("Jun's"), actor=jun)
    point_at(request, third.number, actor=jun)
    assert counted() == (0, 1)  # Jun wrote a part of it: Alice alone is left
    role("reviewer", tom)
    assert counted() == (0, 2)
