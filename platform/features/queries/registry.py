"""Features and their targets as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Project
from accounts.queries import list_members
from features.models import Feature, Target


@dataclass(frozen=True)
class FeatureRow:
    """A feature in the list: what holds, what is open, and what nobody has answered yet."""

    feature: Feature
    target: Target | None  # the approved one
    open_target: Target | None  # a draft or a proposal
    questions: list[str]


def feature_named(project: Project, name: str) -> Feature | None:
    """The registered feature of this name, archived or not; None where there is none."""
    return features_of(project).filter(name=name).first()


def features_of(project: Project) -> QuerySet[Feature]:
    """Every feature of the project with its persons, by name."""
    return (
        Feature.objects.filter(project=project)
        .select_related("owner", "deputy", "project__organization")
        .order_by("name")
    )


def target_of(project: Project, feature_name: str) -> Target | None:
    """The approved target of the feature; None where it has none, or is not registered.

    Also of an archived feature: what depends on its target gets no weaker by that.
    """
    return (
        _targets()
        .filter(feature__project=project, feature__name=feature_name, state=Target.State.APPROVED)
        .first()
    )


def open_target_of(feature: Feature) -> Target | None:
    """Its draft or proposal, of which there is at most one."""
    return list_targets(feature).filter(state__in=Target.OPEN).first()


def list_targets(feature: Feature) -> QuerySet[Target]:
    """All targets of the feature, the newest first."""
    return _targets().filter(feature=feature).order_by("-number")


def target_numbered(feature: Feature, number: int) -> Target | None:
    """The target of that number, if there is one."""
    return list_targets(feature).filter(number=number).first() if number < 2**31 else None


def targets_by_feature(project: Project) -> dict[str, Target]:
    """Name of a feature -> its approved target, for lists."""
    held = _targets().filter(feature__project=project, state=Target.State.APPROVED)
    return {target.feature.name: target for target in held}


def list_features(project: Project, *, archived: bool = False) -> list[FeatureRow]:
    """The project's features by name, each with its target and open questions: three queries."""
    features = list(features_of(project).filter(archived_at__isnull=not archived))
    standing = targets_standing(features)
    members = {member.user.pk for member in list_members(project) if member.user.is_active}
    return [
        FeatureRow(
            feature,
            *standing[feature.pk],
            questions_about(feature, *standing[feature.pk], members=members),
        )
        for feature in features
    ]


def targets_standing(
    features: Sequence[Feature],
) -> dict[int, tuple[Target | None, Target | None]]:
    """By the key of each feature its approved target, and the one that is open: one query."""
    targets = _targets().filter(
        feature__in=features, state__in=[*Target.OPEN, Target.State.APPROVED]
    )
    held: dict[int, Target] = {}
    opened: dict[int, Target] = {}
    for target in targets:
        among = held if target.state == Target.State.APPROVED else opened
        among[target.feature_id] = target
    return {one.pk: (held.get(one.pk), opened.get(one.pk)) for one in features}


def questions_about(
    feature: Feature, target: Target | None, opened: Target | None, *, members: set[int]
) -> list[str]:
    """What nobody has answered yet, in words; `members` are the ids of active ones."""
    found = []
    for word, person in (("owner", feature.owner), ("deputy", feature.deputy)):
        if person is None:
            found.append(f"no {word}")
        elif person.pk not in members:
            found.append(f"{word} left the project")
    if target is None and opened is None:
        found.append("no target")
    elif target is None:
        found.append("target not approved")
    if target is not None and target.bad_output_usd is None:
        found.append("cost of a bad output unknown")
    if not feature.runbook_url:
        found.append("no runbook")
    return found


def _targets() -> QuerySet[Target]:
    return Target.objects.select_related(
        "feature__project__organization", "feature__owner", "author", "approver"
    )
