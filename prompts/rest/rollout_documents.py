"""Rollouts and what happened to them as the REST API gives them. Shares are in percent."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from prompts.models import Rollout, RolloutEvent
from prompts.rest.documents import Document


def percent(share: int) -> float:
    """Hundredths of a percent as percent."""
    return share / 100


class StageDocument(Document):
    """A share, and how long it stands before the next."""

    share = serializers.FloatField(help_text="Percent.")
    soak_minutes = serializers.IntegerField()


class RolloutDocument(Document):
    """Two versions of a label at once: the candidate has a share of the keys."""

    id = serializers.IntegerField()
    prompt = serializers.CharField()
    label_ = serializers.CharField()
    review = serializers.IntegerField(allow_null=True, help_text="Its change request.")
    from_ = serializers.IntegerField(help_text="The version that served before.")
    to = serializers.IntegerField(help_text="The candidate.")
    status = serializers.ChoiceField(choices=Rollout.Status.choices)
    mode = serializers.ChoiceField(choices=Rollout.Mode.choices)
    share = serializers.FloatField(help_text="Percent; of a halted one, that at its halt.")
    stages = StageDocument(many=True)
    next_stage_at = serializers.DateTimeField(allow_null=True)
    waits_for = serializers.CharField(help_text="Why the next stage has not begun.")
    guards = serializers.ListField(
        child=serializers.DictField(), help_text="`{metric, margin}`: what halts it."
    )
    verdicts = serializers.DictField(help_text="By metric: what its guard says now.")
    test = serializers.DictField(allow_null=True, help_text="Of an A/B test: plan and verdict.")
    started_at = serializers.DateTimeField()
    started_by = serializers.CharField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_why = serializers.CharField(help_text="Why it was halted.")


class RolloutPageDocument(Document):
    """A page of rollouts, the newest first."""

    data_ = RolloutDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class RolloutEventDocument(Document):
    """One thing that happened."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=RolloutEvent.Kind.choices)
    share_before = serializers.FloatField()
    share_after = serializers.FloatField()
    at = serializers.DateTimeField()
    by = serializers.CharField(help_text="A person, a key, or what in the product did it.")
    reason = serializers.CharField()
    evidence = serializers.DictField(allow_null=True, help_text="What a guard saw.")


class RolloutEventPageDocument(Document):
    """A page of events, the newest first."""

    data_ = RolloutEventDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


def rollout_document(rollout: Rollout) -> dict[str, Any]:
    """The values of a `RolloutDocument`."""
    return {
        "id": rollout.pk,
        "prompt": rollout.prompt.name,
        "label": rollout.label,
        "review": rollout.request.number if rollout.request else None,
        "from": rollout.base.number,
        "to": rollout.candidate.number,
        "status": rollout.status,
        "mode": rollout.mode,
        "share": percent(rollout.share),
        "stages": [
            {"share": percent(stage["share"]), "soak_minutes": stage["soak_minutes"]}
            for stage in rollout.stages
        ],
        "next_stage_at": rollout.next_stage_at,
        "waits_for": rollout.waits_for,
        "guards": rollout.guards,
        "verdicts": rollout.verdicts,
        "test": rollout.test,
        "started_at": rollout.started_at,
        "started_by": rollout.started_by.display_name if rollout.started_by else None,
        "ended_at": rollout.ended_at,
        "ended_why": rollout.ended_why,
    }


def event_document(event: RolloutEvent) -> dict[str, Any]:
    """The values of a `RolloutEventDocument`."""
    return {
        "id": event.pk,
        "kind": event.kind,
        "share_before": percent(event.share_before),
        "share_after": percent(event.share_after),
        "at": event.at,
        "by": event.by_label,
        "reason": event.reason,
        "evidence": event.evidence,
    }
