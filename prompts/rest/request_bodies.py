"""Bodies of requests about change requests, their verdicts, checks, comments and rollouts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from prompts.models import PRODUCTION, WHOLE, Check, Thread
from prompts.rest.bodies import Body, ReasonBody, emails, number, text
from prompts.services.checking import MOST_ROWS
from prompts.services.discussing import LONGEST_COMMENT, LONGEST_PART
from prompts.services.proposing import LONGEST_TITLE
from prompts.services.rolling import MOST_STAGES, Stage


class ProposalBody(Body):
    """Which label of which prompt is to move to which version, and why."""

    prompt = serializers.CharField(max_length=1000, trim_whitespace=False)
    label = serializers.CharField(  # type: ignore[assignment]
        required=False, default=PRODUCTION, max_length=100
    )
    version = number()
    title = text(max_length=LONGEST_TITLE, help_text="What changes for users, in a line.")
    description = text(max_length=100_000, help_text="Markdown.")
    reviewers = emails(required=False, default=list, help_text="E-mail addresses of members.")
    draft = serializers.BooleanField(
        required=False, default=False, help_text="true: nobody is asked before it is opened."
    )


class ChangeBody(Body):
    """What is to be otherwise; what is left out stays."""

    title = serializers.CharField(required=False, max_length=LONGEST_TITLE)
    description = serializers.CharField(required=False, allow_blank=True, max_length=100_000)
    version = number(required=False, help_text="Propose this one; approvals are dropped.")
    base = number(
        required=False,
        help_text="Compare with what the label serves now, which this number must be; approvals "
        "are dropped.",
    )


class ReviewersBody(Body):
    """Who is to review."""

    reviewers = emails(allow_empty=False, help_text="E-mail addresses of members.")


class VerdictBody(Body):
    """A person's verdict on the version that they looked at."""

    verdict = serializers.ChoiceField(choices=["approve", "request_changes", "comment"])
    version = number()
    revision = serializers.IntegerField(
        required=False,
        default=None,
        allow_null=True,
        min_value=1,
        help_text="Of the document that was looked at: refused if anything changed since.",
    )
    note = text(max_length=LONGEST_COMMENT)


class OverrideBody(ReasonBody):
    """The version that may pass without a green check, and why."""

    version = number()


class CheckRowBody(Body):
    """A row of a check's table, as texts."""

    name = serializers.CharField(max_length=200)
    old = text(max_length=200)
    new = text(max_length=200)
    change = text(max_length=200)
    bar = text(max_length=200)
    result = text(max_length=200)


class CheckBody(Body):
    """What a source says of a version, like the status of a commit."""

    name = serializers.CharField(max_length=100)
    state = serializers.ChoiceField(choices=Check.State.choices)
    version = number(required=False, default=None, help_text="Else the one proposed now.")
    summary = text(max_length=500)
    url = text(max_length=2000, help_text="Where its evidence is.")
    rows = CheckRowBody(many=True, required=False, default=list)

    def validate_url(self, value: str) -> str:
        """Nothing but a link. Raises: ValidationError."""
        if value and not value.lower().startswith(("http://", "https://")):
            raise serializers.ValidationError("A link begins with http:// or https://.")
        return value

    def validate_rows(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Raises: ValidationError."""
        if len(value) > MOST_ROWS:
            raise serializers.ValidationError(f"A check has at most {MOST_ROWS} rows.")
        return value


class PlaceBody(Body):
    """A line of one side of the comparison."""

    part = serializers.CharField(
        max_length=LONGEST_PART, help_text="`left_key` or `right_key` of a compared part."
    )
    line = serializers.IntegerField(min_value=1, max_value=1_000_000)
    side = serializers.ChoiceField(
        choices=Thread.Side.choices, required=False, default=Thread.Side.NEW.value
    )


class CommentBody(Body):
    """A remark; with a suggestion, text for the line instead of it ('' takes it away)."""

    body = text(max_length=LONGEST_COMMENT)
    suggestion = text(default=None, allow_null=True, max_length=LONGEST_COMMENT)


class ThreadBody(CommentBody):
    """The first remark of a discussion, of a line or (without a place) of the whole."""

    place = PlaceBody(required=False, default=None, allow_null=True)


class ResolveBody(Body):
    """Whether a discussion is closed."""

    resolved = serializers.BooleanField(required=False, default=True)


class ApplyBody(Body):
    """Which suggestion of a discussion becomes a version."""

    comment = serializers.IntegerField(
        required=False,
        default=None,
        min_value=1,
        help_text="Its comment; the newest suggestion when left out.",
    )


class ShareField(serializers.DecimalField):
    """Percent with at most two decimals, kept as hundredths of a percent."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(
            max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100), **parts
        )

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Hundredths of a percent. Raises: ValidationError."""
        checked = super().run_validation(data)
        return int(checked * 100) if isinstance(checked, Decimal) else checked


class StageBody(Body):
    """A share that stands for a while before the next."""

    share = ShareField()
    soak_minutes = serializers.IntegerField(min_value=1, max_value=60 * 24 * 365)


class GuardBody(Body):
    """What halts the rollout, once the metric is surely worse by more than the margin."""

    metric = serializers.CharField(
        max_length=250, help_text="errors, latency, cost, thumbs_down or score:NAME."
    )
    margin = serializers.FloatField(min_value=0, help_text="A share of 1, or of the score's range.")


class TestBody(Body):
    """An A/B test with fixed shares and one verdict at its end."""

    metric = serializers.CharField(max_length=250)
    effect = serializers.FloatField(help_text="The least difference that matters, such as 0.02.")


class RolloutBody(Body):
    """How an approved version is given traffic: whole at once where nothing is said."""

    share = ShareField(required=False, help_text="Percent to begin with; 100 when left out.")
    stages = StageBody(
        many=True, required=False, default=list, help_text="The first has the share it begins with."
    )
    guards = GuardBody(
        many=True, required=False, default=None, allow_null=True, help_text="Else the usual ones."
    )
    test = TestBody(required=False, default=None, allow_null=True)

    def validate_stages(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Raises: ValidationError."""
        if len(value) > MOST_STAGES:
            raise serializers.ValidationError(f"A rollout has at most {MOST_STAGES} stages.")
        return value

    def stages_given(self) -> list[Stage]:
        """The stages of a valid body."""
        return [Stage(**stage) for stage in self.validated_data["stages"]]

    def share_given(self) -> int:
        """Where it begins, of WHOLE."""
        first = self.validated_data["stages"][:1]
        return int(self.validated_data.get("share", first[0]["share"] if first else WHOLE))


class ShareBody(ReasonBody):
    """Another share for the candidate; 100 completes the rollout."""

    share = ShareField()
