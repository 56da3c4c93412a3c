"""Features are registered under the names that spans carry, with persons who answer for them."""

from __future__ import annotations

import pytest

from accounts.models import Membership, Project, Role, User
from accounts.services.projects import delete_project
from audit.models import AuditEntry
from features import queries
from features.models import Feature, Target
from features.services.errors import BadFeature, NothingToDo
from features.services.registry import (
    About,
    about_of,
    archive_feature,
    change_feature,
    restore_feature,
)
from features.services.upkeep import delete_project_data
from tests.features.making import make_feature, make_person, make_target


def test_a_feature_has_an_owner_and_a_deputy(project: Project, alice: User, bob: User) -> None:
    made = make_feature(project, owner=alice, deputy=bob, title="Refunds", actor=alice)
    found = queries.feature_named(project, "refund-agent")
    assert found == made
    assert (found.owner, found.deputy, found.heading) == (alice, bob, "Refunds")
    assert AuditEntry.objects.get(action="feature.created").details["after"]["owner"] == str(alice)


def test_only_members_answer_for_it(project: Project, alice: User, charlie: User) -> None:
    with pytest.raises(BadFeature, match="no member") as refused:
        make_feature(project, owner=charlie)
    assert refused.value.where == "owner"
    with pytest.raises(BadFeature, match="somebody other"):
        make_feature(project, owner=alice, deputy=alice)


@pytest.mark.parametrize(
    "name",
    ["", "  ", " a", "x" * 201, "a\0b", "a\nb", "new", "rules/x", "a//b", "../a", "a/targets",
     "x/targets/1", "\ud800"],
)  # fmt: skip
def test_names_that_no_address_can_hold_are_refused(project: Project, name: str) -> None:
    with pytest.raises(BadFeature):
        make_feature(project, name)


def test_a_name_is_registered_once(project: Project) -> None:
    make_feature(project, "team/billing bot é")
    with pytest.raises(BadFeature, match="registered already"):
        make_feature(project, "team/billing bot é")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "wiki", "http://", "https://[x"])
def test_a_runbook_is_a_web_address(project: Project, url: str) -> None:
    with pytest.raises(BadFeature) as refused:
        make_feature(project, runbook_url=url)
    assert refused.value.where == "runbook_url"


def test_changes_say_what_was_before(project: Project, alice: User, bob: User) -> None:
    feature = make_feature(project, owner=alice)
    change_feature(feature, About(owner=bob, title="Refunds"), actor=alice)
    change_feature(feature, About(owner=bob, title="Refunds"), actor=alice)
    entry = AuditEntry.objects.get(action="feature.changed")
    assert entry.details["before"] == {"title": "", "owner": str(alice)}
    assert entry.details["after"] == {"title": "Refunds", "owner": str(bob)}


def test_the_list_says_what_nobody_answered(project: Project, alice: User, bob: User) -> None:
    gone = make_person(project, "gone", Role.ENGINEER)
    make_feature(project, "a", owner=gone, deputy=bob, runbook_url="https://wiki.example/a")
    Membership.objects.filter(user=gone).delete()
    feature = make_feature(project, "b")
    make_target(feature, bob, alice)
    rows = queries.list_features(project)
    assert [row.feature.name for row in rows] == ["a", "b"]
    assert rows[0].questions == ["owner left the project", "no target"]
    assert rows[1].questions == [
        "no owner", "no deputy", "cost of a bad output unknown", "no runbook",
    ]  # fmt: skip
    # Who left may stay named while other things change.
    change_feature(
        rows[0].feature, About(**{**vars(about_of(rows[0].feature)), "title": "A"}), actor=alice
    )


def test_an_archived_feature_keeps_its_target(project: Project, alice: User, bob: User) -> None:
    feature = make_feature(project)
    make_target(feature, bob, alice)
    archive_feature(feature, actor=alice)
    assert queries.list_features(project) == []
    assert [row.feature for row in queries.list_features(project, archived=True)] == [feature]
    assert queries.target_of(project, "refund-agent") is not None
    with pytest.raises(NothingToDo):
        archive_feature(feature, actor=alice)
    restore_feature(feature, actor=alice)
    assert len(queries.list_features(project)) == 1


def test_nothing_is_left_of_a_deleted_project(project: Project, alice: User, bob: User) -> None:
    make_target(make_feature(project), bob, alice)
    assert delete_project_data() == 0
    delete_project(project, typed_name=project.name, actor=alice)
    assert delete_project_data(project.pk) == 2
    assert not Feature.objects.exists()
    assert not Target.objects.exists()
