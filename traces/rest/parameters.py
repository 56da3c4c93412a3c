"""The query parameters of the REST list of traces, checked and documented in one place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from traces.queries.criteria import HIDDEN_ENVIRONMENT, STATUSES, Criteria
from traces.queries.orders import BadOrder, Order, order_named
from traces.queries.score_conditions import BadCondition, parse_condition
from traces.query import EVERYTHING, Query

MOST_ROWS = 200
SCORE = "score."  # a parameter for each name: score.helpfulness=<0.5
MOST_CONDITIONS = 10
_MOST_US = 2**62
# Parameters that are criteria of the same name and unit.
_AS_GIVEN = (
    "since", "until", "environment", "status", "name", "model", "prompt", "tag", "user_id",
    "session_id", "feature", "release", "min_tokens", "max_tokens",
    "scores", "outcome",
)  # fmt: skip


class Parameters(serializers.Serializer[Any]):
    """Checked parameters of an address; one that it does not know is refused."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values. Raises: ValidationError, naming each unknown parameter."""
        if unknown := sorted(name for name in set(data) - set(self.fields) if not self.knows(name)):
            known = ", ".join(self.fields)
            raise serializers.ValidationError(
                dict.fromkeys(unknown, f"No such parameter. There are: {known}.")
            )
        return super().to_internal_value(data)

    def knows(self, name: str) -> bool:
        """True for a parameter that is no field but read by the address itself."""
        return False

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse what PostgreSQL cannot hold, and a range that is none."""
        for name, value in values.items():
            if isinstance(value, str) and "\0" in value:
                raise serializers.ValidationError({name: "A NUL character matches nothing."})
        if values.get("since") and values.get("until") and values["since"] >= values["until"]:
            raise serializers.ValidationError({"until": "Must be after `since`."})
        return values


class TraceParameters(Parameters):
    """Every parameter of `GET /api/v1/traces`; a name or value that is not one of these is 400."""

    since = serializers.DateTimeField(
        required=False, help_text="Started at or after this instant (ISO 8601)."
    )
    until = serializers.DateTimeField(required=False, help_text="Started before this instant.")
    environment = serializers.CharField(
        required=False,
        help_text=f"One environment, or `*` for all; without it all but `{HIDDEN_ENVIRONMENT}`.",
    )
    status = serializers.ChoiceField(
        choices=STATUSES,
        required=False,
        help_text="error: a span failed; running: a span has no end yet; ok: neither.",
    )
    name = serializers.CharField(required=False, help_text="The whole name.")
    q = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="A query, such as `status:error latency>2s`: see the page on the query language.",
    )
    order = serializers.CharField(
        required=False,
        default="",
        help_text="`-time` (when left out), `-latency`, `-cost`, `-tokens`, `-score.<name>`; "
        "without the sign upwards. All but time hold only traces where it is known.",
    )
    model = serializers.CharField(required=False, help_text="A model that answered or was asked.")
    prompt = serializers.CharField(required=False, help_text="`name/version` of a prompt used.")
    tag = serializers.CharField(required=False)
    user_id = serializers.CharField(required=False)
    session_id = serializers.CharField(required=False)
    feature = serializers.CharField(required=False)
    release = serializers.CharField(required=False)
    min_duration_ms = serializers.FloatField(required=False, min_value=0, max_value=1e15)
    max_duration_ms = serializers.FloatField(required=False, min_value=0, max_value=1e15)
    min_cost_usd = serializers.DecimalField(
        required=False, min_value=0, max_digits=18, decimal_places=9, help_text="Known costs only."
    )
    max_cost_usd = serializers.DecimalField(
        required=False, min_value=0, max_digits=18, decimal_places=9, help_text="Known costs only."
    )
    min_tokens = serializers.IntegerField(required=False, min_value=0, max_value=_MOST_US)
    max_tokens = serializers.IntegerField(required=False, min_value=0, max_value=_MOST_US)
    outcome = serializers.CharField(
        required=False, help_text="Of the trace or its session, such as resolved; `*` for any."
    )
    limit = serializers.IntegerField(
        required=False, default=50, min_value=1, max_value=MOST_ROWS, help_text="Rows on a page."
    )
    cursor = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="`next_cursor` of the page before."
    )
    project = serializers.CharField(
        required=False, help_text="Slug; only for a signed-in person, a key has its project."
    )

    def knows(self, name: str) -> bool:
        """`score.<name>` is a parameter for whatever name a score has."""
        return name.startswith(SCORE)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Read the conditions on scores as well."""
        values = super().validate(values)
        conditions, errors = [], {}
        for name in self.initial_data:
            if not name.startswith(SCORE):
                continue
            try:
                text = self.initial_data[name]
                conditions.append(parse_condition(name.removeprefix(SCORE), text))
            except BadCondition as bad:
                errors[name] = str(bad)
        if len(conditions) > MOST_CONDITIONS:
            errors["score"] = f"At most {MOST_CONDITIONS} scores at once."
        if errors:
            raise serializers.ValidationError(errors)
        return {**values, "scores": tuple(conditions)}

    def validate_order(self, text: str) -> Order:
        """The order that the text names. Raises: ValidationError."""
        try:
            return order_named(text)
        except BadOrder as bad:
            raise serializers.ValidationError(str(bad)) from None

    def criteria(self, query: Query = EVERYTHING) -> Criteria:
        """The criteria of a valid set of parameters, and of their query."""
        given: dict[str, Any] = dict(self.validated_data)
        found: dict[str, Any] = {name: given[name] for name in _AS_GIVEN if name in given}
        for bound in ("min", "max"):
            if (milliseconds := given.get(f"{bound}_duration_ms")) is not None:
                found[f"{bound}_duration_us"] = round(milliseconds * 1000)
            if (dollars := given.get(f"{bound}_cost_usd")) is not None:
                found[f"{bound}_cost_nano"] = int(dollars * Decimal(10) ** 9)
        return Criteria(**found, query=query)
