"""Spend without a feature gets one: a rule, and the feature where it is new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Project
from accounts.services.trail import Actor
from features.mapping import Condition
from features.queries import feature_named
from features.services.registry import create_feature
from features.services.rules import NewRule, add_rule


@transaction.atomic
def name_spend(
    project: Project,
    feature: str,
    conditions: Sequence[Condition],
    *,
    since: datetime | None,
    actor: Actor,
) -> bool:
    """Let spans that meet `conditions` be of `feature`; True where it was registered by this.

    Stored spans that started at or after `since` follow soon; None: they stay. One audit entry of
    the rules, and one of the feature where it is new. Raises: BadFeature, BadRule.
    """
    is_new = feature_named(project, feature) is None
    if is_new:
        create_feature(project, feature, actor=actor)
    add_rule(project, NewRule(feature, conditions), actor=actor, since=since)
    return is_new
