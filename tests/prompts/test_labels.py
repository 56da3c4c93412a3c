"""Labels move freely, but those of a protected environment only by a review."""

from __future__ import annotations

import pytest

from accounts.models import Project, Role, User
from audit.models import AuditEntry
from prompts.models import Label, LabelMove, Prompt
from prompts.queries.environments import protected_among
from prompts.services.environments import Rules, set_environment
from prompts.services.errors import BadName, NoSuchVersion, ProtectedLabel
from prompts.services.moving import remove_label, set_labels
from prompts.services.versions import NewVersion, create_version
from tests.factories import make_user
from tests.prompts.making import make_reviewer, make_version, protect, text


def where(prompt: Prompt) -> dict[str, int]:
    return {label.name: label.version.number for label in prompt.labels.select_related("version")}


def test_a_free_label_moves_and_every_move_is_kept(project: Project, bob: User) -> None:
    make_version(project)
    prompt = make_version(project).prompt
    assert set_labels(prompt, 1, ["staging", "latest", "canary"], actor=bob) == [
        "staging",
        "canary",
    ]
    assert set_labels(prompt, 2, ["staging"], actor=bob) == ["staging"]
    assert set_labels(prompt, 2, ["staging"], actor=bob) == []
    assert remove_label(prompt, "canary", actor=bob)
    assert not remove_label(prompt, "canary", actor=bob)
    assert where(prompt) == {"staging": 2}
    moves = LabelMove.objects.filter(label="staging").order_by("pk")
    told = [(m.from_version and m.from_version.number, m.to_version.number) for m in moves]
    assert told == [(None, 1), (1, 2)]
    assert AuditEntry.objects.filter(action="prompt_label.moved").count() == 4


def test_a_protected_label_moves_by_no_service_but_a_review(project: Project, bob: User) -> None:
    protect(project)
    prompt = make_version(project).prompt
    with pytest.raises(ProtectedLabel) as refused:
        set_labels(prompt, 1, ["canary", "production"], actor=bob)
    assert "/p/support/reviews/new/?prompt=refund-agent&label=production&version=1" in str(
        refused.value
    )
    new = NewVersion(content=text("x"), labels=["production"])
    with pytest.raises(ProtectedLabel):
        create_version(project, "refund-agent", new, actor=bob)
    with pytest.raises(ProtectedLabel):
        create_version(project, "another", new, actor=bob)
    with pytest.raises(ProtectedLabel):
        remove_label(_labelled(prompt, "production"), "production", actor=bob)
    assert prompt.versions.count() == 1
    assert list(Prompt.objects.values_list("name", flat=True)) == ["refund-agent"]
    assert where(prompt) == {"production": 1}


def _labelled(prompt: Prompt, name: str) -> Prompt:
    Label.objects.create(prompt=prompt, name=name, version=prompt.versions.get())
    return prompt


def test_production_is_protected_once_two_people_can_review(project: Project, alice: User) -> None:
    """With one alone nobody could approve what that person writes."""
    assert protected_among(project, ["production", "staging"]) == []
    second = make_reviewer(project, "jun")
    assert protected_among(project, ["production", "staging"]) == ["production"]
    second.is_active = False
    second.save()
    assert protected_among(project, ["production"]) == []
    set_environment(project, "production", Rules(protection="on"), actor=alice)
    set_environment(project, "staging", Rules(protection="on"), actor=alice)
    assert protected_among(project, ["production", "canary", "staging"]) == [
        "production",
        "staging",
    ]
    make_user("kim@example.com", organization=project.organization, role=Role.ADMIN)
    set_environment(project, "production", Rules(protection="off"), actor=alice)
    assert protected_among(project, ["production"]) == []


def test_what_cannot_be_set_moves_nothing(project: Project, bob: User) -> None:
    prompt = make_version(project).prompt
    with pytest.raises(BadName):
        set_labels(prompt, 1, ["canary", "No Way"], actor=bob)
    with pytest.raises(NoSuchVersion):
        set_labels(prompt, 9, ["canary"], actor=bob)
    assert where(prompt) == {}
