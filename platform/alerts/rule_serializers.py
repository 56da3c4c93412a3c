"""Shapes of the REST of alert rules: what may be sent, what is answered."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from alerts.models import AlertRule, Severity
from alerts.rules.metrics import METRICS
from alerts.rules.windows import LENGTHS
from kit.rest_lists import ListParameters

_NAMES = ", ".join(key for key in METRICS if key != "drift")
_METRIC = f"What is watched: {_NAMES}, drift, or what an app adds."
_AMOUNT = (
    "The bar, or by how much it changes, in the smallest unit of the figure: microseconds, "
    "nano-dollars, a share as 0.05; a change in percent as 0.5."
)


def _text(**more: Any) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, **more)


class _RuleSerializer(serializers.Serializer[Any]):
    """What a rule may say; each figure and condition takes what it needs."""

    scope = _text(max_length=2000, help_text="Which traces, in the query language; empty: all.")
    match = _text(max_length=2000, help_text="What the figure `matching` counts.")
    score = _text(max_length=200)
    score_bar = serializers.FloatField(required=False, allow_null=True)
    score_is_most = serializers.BooleanField(required=False, help_text="What is above misses it.")
    other = _text(max_length=200, help_text="The second score of `fluent_wrong`.")
    other_bar = serializers.FloatField(required=False, allow_null=True)
    other_is_most = serializers.BooleanField(required=False)
    subject = _text(max_length=40, help_text="Of `drift`: id of the schedule.")
    amount = serializers.DecimalField(28, 9, required=False, help_text=_AMOUNT)
    is_percent = serializers.BooleanField(required=False)
    baseline = serializers.ChoiceField(
        AlertRule.Baseline.choices, required=False, allow_blank=True, help_text="Of a change."
    )
    baseline_days = serializers.IntegerField(required=False, min_value=3, max_value=14)
    window_minutes = serializers.ChoiceField(list(LENGTHS), required=False)
    least = serializers.IntegerField(required=False, min_value=0, max_value=1_000_000)
    breaches = serializers.IntegerField(required=False, min_value=1, max_value=5)
    windows = serializers.IntegerField(required=False, min_value=1, max_value=5)
    clear_minutes = serializers.IntegerField(required=False, min_value=0, max_value=1440)
    severity = serializers.ChoiceField(Severity.choices, required=False)
    feature = _text(max_length=200)
    owner = _text(max_length=254, help_text="Address of a member; empty: the feature’s.")
    runbook_url = _text(max_length=500)
    channels = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=20,
        help_text="Ids; empty: all that want the severity.",
    )  # fmt: skip
    is_enabled = serializers.BooleanField(required=False)


class NewRuleSerializer(_RuleSerializer):
    """A rule that is to be made, or tried on the past."""

    name = serializers.CharField(max_length=200)
    metric = serializers.CharField(max_length=30, help_text=_METRIC)
    condition = serializers.ChoiceField(AlertRule.Condition.choices, default="above")


class TriedRuleSerializer(NewRuleSerializer):
    """A rule that is tried on the past; it needs no name."""

    name = serializers.CharField(max_length=200, required=False, default="A draft")


class ChangedRuleSerializer(_RuleSerializer):
    """What may change; what is left out stays."""

    name = serializers.CharField(max_length=200, required=False)
    metric = serializers.CharField(max_length=30, required=False, help_text=_METRIC)
    condition = serializers.ChoiceField(AlertRule.Condition.choices, required=False)
    muted_until = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Opens nothing until then, 30 days at most."
    )


class RuleSerializer(serializers.ModelSerializer[AlertRule]):
    """A rule as it stands."""

    owner = serializers.EmailField(source="owner.email", default=None)
    channels = serializers.SerializerMethodField()
    incident = serializers.IntegerField(source="incident_id", allow_null=True)
    url = serializers.CharField(source="page_path")

    class Meta:
        model = AlertRule
        fields: tuple[str, ...] = (
            "id", "name", "metric", "scope", "match", "score", "score_bar", "score_is_most",
            "other", "other_bar", "other_is_most", "subject", "condition", "amount", "is_percent",
            "baseline", "baseline_days", "window_minutes", "least", "breaches", "windows",
            "clear_minutes", "severity", "feature", "owner", "runbook_url", "channels",
            "is_enabled", "muted_until", "state", "since", "evaluated_at", "next_at", "last_value",
            "last_bar", "last_count", "problem", "incident", "created_at", "changed_at", "url",
        )  # fmt: skip
        read_only_fields = fields

    def get_channels(self, rule: AlertRule) -> list[int]:
        """Ids of those that are chosen; empty: all that want the severity."""
        return [one.pk for one in rule.channels.all() if one.deleted_at is None]


class RulePageSerializer(serializers.Serializer[Any]):
    """A page of rules."""

    data = RuleSerializer(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


class RuleListSerializer(ListParameters):
    """Which rules."""

    state = serializers.ChoiceField(AlertRule.State.choices, required=False, default="")


class EpisodeSerializer(serializers.Serializer[Any]):
    """A time in which it would have fired."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True, help_text="null: it goes on.")
    worst = serializers.FloatField(allow_null=True)


class PointSerializer(serializers.Serializer[Any]):
    """What one look would have said."""

    at = serializers.DateTimeField(help_text="Where the window ends.")
    value = serializers.FloatField(allow_null=True)
    bar = serializers.FloatField(allow_null=True)
    count = serializers.IntegerField()
    verdict = serializers.ChoiceField(["breach", "fine", "unknown"])


class BacktestSerializer(serializers.Serializer[Any]):
    """The past as the rule would have seen it."""

    days = serializers.IntegerField(help_text="0: there is too much traffic to look back.")
    step_seconds = serializers.IntegerField()
    fired = serializers.IntegerField()
    episodes = EpisodeSerializer(many=True)
    points = PointSerializer(many=True)
