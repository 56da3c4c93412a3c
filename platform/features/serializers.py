"""Features, targets and mapping rules as JSON; numbers are ratios, money is text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from features.mapping import (
    FIELDS,
    LONGEST_VALUE,
    MOST_CONDITIONS,
    MOST_RULES,
    OPS,
    Condition,
    condition_of,
)
from features.models import (
    BarDirection,
    BlastRadius,
    Feature,
    MappingRule,
    MappingState,
    SensitiveData,
    Target,
)
from features.names import LONGEST
from features.services.rules import NewRule
from features.terms import LONGEST_TEXT, MOST_SAMPLE, MOST_SLICES, NAMES, Terms
from kit.figures import instant


class Body(serializers.Serializer[Any]):
    """A body in which no other fields may stand."""

    def to_internal_value(self, data: Any) -> Any:
        """The values. Raises: ValidationError, also for a name that is not one of these."""
        values = super().to_internal_value(data)
        if other := sorted(str(name) for name in set(data) - set(self.fields)):
            raise serializers.ValidationError(dict.fromkeys(other, "There is no such field."))
        return values


class ChangedFeature(Body):
    """What may be said of a feature; what is left out stays."""

    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    owner = serializers.EmailField(
        required=False, allow_null=True, help_text="Address of a member; null: nobody."
    )
    deputy = serializers.EmailField(required=False, allow_null=True)
    runbook_url = serializers.CharField(max_length=500, required=False, allow_blank=True)
    archived = serializers.BooleanField(required=False)


class NewFeature(ChangedFeature):
    """A feature to be registered."""

    name = serializers.CharField(
        max_length=LONGEST,
        trim_whitespace=False,
        help_text="As spans carry it in roadworthy.feature; it never changes.",
    )
    archived = None  # type: ignore[assignment]


class TermsBody(Body):
    """The content of a target."""

    metric = serializers.CharField(max_length=200, help_text="Name of a score.")
    bar = serializers.FloatField()
    bar_direction = serializers.ChoiceField(BarDirection.choices, default=BarDirection.AT_LEAST)
    margin = serializers.FloatField(default=0.03, min_value=0)
    smallest_sample = serializers.IntegerField(default=0, min_value=0, max_value=MOST_SAMPLE)
    slices = serializers.ListField(
        child=serializers.CharField(max_length=100), default=list, max_length=MOST_SLICES
    )
    business_metric = serializers.CharField(max_length=200, default="", allow_blank=True)
    business_note = serializers.CharField(max_length=LONGEST_TEXT, default="", allow_blank=True)
    tolerated_failure_ratio = serializers.FloatField(
        default=None, allow_null=True, min_value=0, max_value=1
    )
    bad_output_usd = serializers.DecimalField(
        max_digits=20, decimal_places=9, min_value=Decimal(0), default=None, allow_null=True
    )
    blast_radius = serializers.ListField(
        child=serializers.ChoiceField(BlastRadius.choices), default=list, max_length=10
    )
    blast_note = serializers.CharField(max_length=500, default="", allow_blank=True)
    regulatory_regime = serializers.CharField(max_length=500, default="", allow_blank=True)
    sensitive_data = serializers.ListField(
        child=serializers.ChoiceField(SensitiveData.choices), default=list, max_length=20
    )
    p95_latency_ms = serializers.IntegerField(default=None, allow_null=True, min_value=1)
    first_token_ms = serializers.IntegerField(default=None, allow_null=True, min_value=1)
    availability_ratio = serializers.FloatField(
        default=None, allow_null=True, min_value=0, max_value=1
    )
    reason = serializers.CharField(max_length=LONGEST_TEXT, default="", allow_blank=True)

    def terms(self) -> Terms:
        """What was sent."""
        return Terms(**{name: self.validated_data[name] for name in NAMES})


class NewTarget(TermsBody):
    """A target to be kept as a draft or proposed at once."""

    state = serializers.ChoiceField(["draft", "proposed"], default="proposed")


class DecisionBody(Body):
    """What who decides says."""

    note = serializers.CharField(max_length=LONGEST_TEXT, default="", allow_blank=True)


class ConditionBody(Body):
    """One thing that must hold of a span."""

    field = serializers.ChoiceField(list(FIELDS))
    op = serializers.ChoiceField(list(OPS))
    value = serializers.CharField(max_length=LONGEST_VALUE, trim_whitespace=False)
    key = serializers.CharField(
        max_length=LONGEST_VALUE, default="", allow_blank=True, help_text="Of an attribute."
    )


class RuleBody(Body):
    """One rule: all conditions hold."""

    feature = serializers.CharField(max_length=LONGEST, trim_whitespace=False)
    when = ConditionBody(many=True, max_length=MOST_CONDITIONS)  # type: ignore[call-arg]


class RulesBody(Body):
    """All rules of a project, in order."""

    rules = RuleBody(many=True, max_length=MOST_RULES)  # type: ignore[call-arg]
    stored_since = serializers.DateTimeField(
        default=None,
        allow_null=True,
        help_text="Stored spans that started since then follow too; null: none.",
    )

    def new_rules(self) -> list[NewRule]:
        """What was sent."""
        return [
            NewRule(rule["feature"], [Condition(**one) for one in rule["when"]])
            for rule in self.validated_data["rules"]
        ]


class TargetDocument(TermsBody):
    """A target as it is read."""

    feature = serializers.CharField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(Target.State.choices)
    base = serializers.IntegerField(allow_null=True)
    author = serializers.CharField()
    created_at = serializers.DateTimeField()
    proposed_at = serializers.DateTimeField(allow_null=True)
    approver = serializers.CharField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    replaced_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()


class FeatureDocument(serializers.Serializer[Any]):
    """A feature as it is read."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    owner = serializers.EmailField(allow_null=True)
    deputy = serializers.EmailField(allow_null=True)
    runbook_url = serializers.CharField()
    archived = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    target = TargetDocument(allow_null=True)  # the approved one
    open_target = serializers.IntegerField(
        allow_null=True, help_text="Number of the draft or proposal."
    )


class RulesDocument(serializers.Serializer[Any]):
    """The rules as they stand, and whether stored spans are following them."""

    rules = RuleBody(many=True)
    revision = serializers.IntegerField()
    following_since = serializers.DateTimeField(allow_null=True)
    seen = serializers.IntegerField()
    changed = serializers.IntegerField()


class FeaturePage(serializers.Serializer[Any]):
    """One page of features."""

    data = FeatureDocument(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


class TargetPage(serializers.Serializer[Any]):
    """One page of targets."""

    data = TargetDocument(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


def feature_document(
    feature: Feature, held: Target | None, opened: Target | None
) -> dict[str, Any]:
    """A feature for JSON."""
    return {
        "name": feature.name,
        "title": feature.title,
        "description": feature.description,
        "owner": feature.owner.email if feature.owner else None,
        "deputy": feature.deputy.email if feature.deputy else None,
        "runbook_url": feature.runbook_url,
        "archived": feature.archived_at is not None,
        "created_at": instant(feature.created_at),
        "target": target_document(held) if held else None,
        "open_target": opened.number if opened else None,
    }


def target_document(target: Target) -> dict[str, Any]:
    """A target for JSON."""
    said = {name: getattr(target, name) for name in NAMES}
    usd = target.bad_output_usd
    times = ("created_at", "proposed_at", "decided_at", "replaced_at")
    return {
        **said,
        "bad_output_usd": None if usd is None else f"{usd.normalize():f}",
        "feature": target.feature.name,
        "number": target.number,
        "state": target.state,
        "base": target.base,
        "author": target.author_label,
        "approver": target.approver_label or None,
        "note": target.note,
        **{name: None if (at := getattr(target, name)) is None else instant(at) for name in times},
    }


def rules_document(rows: list[MappingRule], state: MappingState) -> dict[str, Any]:
    """The rules for JSON."""
    return {
        "rules": [
            {
                "feature": row.feature.name,
                "when": [condition_of(one).plain() for one in row.conditions],
            }
            for row in rows
        ],
        "revision": state.revision,
        "following_since": None if state.due_since is None else instant(state.due_since),
        "seen": state.seen,
        "changed": state.changed,
    }
