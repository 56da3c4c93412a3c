"""Scores, outcomes and definitions as the REST API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ValidationError

from kit.paging import BadCursor, decode_cursor
from traces.feedback.given import Fault, GivenOutcome, GivenScore
from traces.models import DataType, Outcome, Score, ScoreDefinition, ScoreSource
from traces.queries.scores import FeedbackFilter, Key
from traces.rest.parameters import MOST_ROWS, Parameters
from traces.values.instants import iso, nanoseconds

MOST_BYTES = 8 * 2**20
MOST_BYTES_FROM_A_PAGE = 256 * 2**10
Moment = Annotated[datetime, Meta(tz=True, description="ISO 8601 with a zone; now when left out.")]


def _about(text: str) -> Any:
    return Meta(description=text)


class ScoreBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A score as it is sent."""

    name: str
    value: Annotated[
        bool | int | float | str,
        _about("A number, true or false, or the name of a category."),
    ]
    id: Annotated[str, _about("The later write of an id replaces; made when left out.")] = ""
    trace_id: Annotated[str, _about("It need not have arrived yet.")] = ""
    span_id: str = ""
    session_id: str = ""
    run_id: Annotated[str, _about("Of an experiment.")] = ""
    data_type: Annotated[str, _about(f"{', '.join(DataType.values)}; else by the value.")] = ""
    source: Annotated[str, _about(f"{', '.join(ScoreSource.values)}; else code.")] = ""
    comment: str = ""
    metadata: dict[str, Any] | None = None
    environment: str = ""
    at: Moment | None = None


class OutcomeBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An outcome as it is sent."""

    name: Annotated[str, _about("resolved, refunded, escalated, …")]
    id: Annotated[str, _about("The later write of an id replaces; made when left out.")] = ""
    trace_id: Annotated[str, _about("It need not have arrived yet.")] = ""
    session_id: str = ""
    value: Annotated[
        int | float | str | None, _about("As text it is exact; nine digits after the point.")
    ] = None
    unit: Annotated[str, _about("Of the value, such as USD.")] = ""
    comment: str = ""
    metadata: dict[str, Any] | None = None
    at: Moment | None = None


Body = TypeVar("Body", ScoreBody, OutcomeBody)


class TooLarge(APIException):
    """The body is over the limit."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


class Undecoded(APIException):
    """The Content-Encoding of the body cannot be undone, or not within the limit."""

    def __init__(self, status_code: int, text: str) -> None:
        super().__init__(text)
        self.status_code = status_code


def schema(body: type[ScoreBody] | type[OutcomeBody]) -> dict[str, Any]:
    """One or a list, for the OpenAPI document."""
    one = msgspec.json.schema(body)["$defs"][body.__name__]
    many = {"type": "array", "items": one, "minItems": 1, "maxItems": 1000}
    return {"application/json": {"oneOf": [one, {**many, "title": f"{body.__name__}List"}]}}


def parsed(sent: bytes, body: type[Body]) -> tuple[list[Body], bool]:
    """The items sent, and whether they came as a list. Raises: ValidationError, naming each."""
    try:
        found = msgspec.json.decode(sent)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValidationError(f"The body is not JSON: {error}") from None
    many = isinstance(found, list)
    items, errors = [], []
    for index, item in enumerate(found if many else [found]):
        try:
            items.append(msgspec.convert(item, body))
        except msgspec.ValidationError as error:
            text, _, path = str(error).partition(" - at `$")
            errors.append(Fault(index, path.strip("`."), text))
    if errors:
        raise refused(errors, many=many)
    if not items:
        raise ValidationError("The list is empty.")
    return items, many


def refused(faults: list[Fault], *, many: bool) -> ValidationError:
    """A problem document that names the item and field of every fault."""
    if not many:
        return ValidationError({fault.field or "body": fault.text for fault in faults})
    return ValidationError(
        {f"[{fault.index}]" + f".{fault.field}" * bool(fault.field): fault.text for fault in faults}
    )


def given_score(body: ScoreBody, source: str) -> GivenScore:
    """What the service takes; `source` stands in where the body says none."""
    fields = msgspec.structs.asdict(body)
    return GivenScore(**{**fields, "source": body.source or source})


def given_outcome(body: OutcomeBody) -> GivenOutcome:
    """What the service takes. Raises: ValueError where the value is no number."""
    fields = msgspec.structs.asdict(body)
    try:
        value = None if body.value is None else Decimal(str(body.value))
    except InvalidOperation:
        raise ValueError("Must be a number.") from None
    return GivenOutcome(**{**fields, "value": value})


class FeedbackParameters(Parameters):
    """Every parameter of the list of outcomes."""

    name = serializers.CharField(required=False)
    trace_id = serializers.CharField(required=False)
    session_id = serializers.CharField(required=False)
    since = serializers.DateTimeField(required=False, help_text="Given at or after this instant.")
    until = serializers.DateTimeField(required=False, help_text="Given before this instant.")
    limit = serializers.IntegerField(
        required=False, default=50, min_value=1, max_value=MOST_ROWS, help_text="Rows on a page."
    )
    cursor = serializers.CharField(required=False, allow_blank=True, default="")
    project = serializers.CharField(required=False, help_text="Only for a signed-in person.")

    def wanted(self) -> FeedbackFilter:
        """The filter of a valid set of parameters."""
        known = FeedbackFilter.__dataclass_fields__
        given: dict[str, Any] = dict(self.validated_data)
        return FeedbackFilter(**{name: given[name] for name in known if name in given})

    def after(self) -> Key | None:
        """The key of the cursor. Raises: ValidationError."""
        cursor: str = self.validated_data["cursor"]
        if not cursor:
            return None
        try:
            at, its_id = decode_cursor(cursor, parts=2)
            moment = datetime.fromisoformat(at)
        except (BadCursor, TypeError, ValueError):
            raise ValidationError({"cursor": "Not a cursor that this list gave out."}) from None
        if moment.tzinfo is None or not isinstance(its_id, str) or "\0" in its_id:
            raise ValidationError({"cursor": "Not a cursor that this list gave out."})
        return moment, its_id


class ScoreParameters(FeedbackParameters):
    """Every parameter of the list of scores."""

    span_id = serializers.CharField(required=False)
    source = serializers.ChoiceField(choices=ScoreSource.values, required=False)  # type: ignore[assignment]


def score_value(score: Score) -> float | bool | str | None:
    """The value in its own type."""
    if score.data_type == DataType.CATEGORY:
        return score.label
    return bool(score.num) if score.data_type == DataType.BOOLEAN else score.num


def score_document(score: Score) -> dict[str, Any]:
    """A score."""
    return {
        "id": score.id,
        "name": score.name,
        "value": score_value(score),
        "data_type": score.data_type,
        "source": score.source,
        "trace_id": score.trace_id or None,
        "span_id": score.span_id,
        "session_id": score.session_id,
        "run_id": score.run_id,
        "comment": score.comment,
        "metadata": score.metadata,
        "environment": score.environment,
        "author": score.author,
        **_times(score),
    }


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """An outcome; its value is decimal text."""
    return {
        "id": outcome.id,
        "name": outcome.name,
        "trace_id": outcome.trace_id or None,
        "session_id": outcome.session_id,
        "value": None if outcome.value is None else decimal_text(outcome.value),
        "unit": outcome.unit,
        "comment": outcome.comment,
        "metadata": outcome.metadata,
        "author": outcome.author,
        **_times(outcome),
    }


def decimal_text(value: Decimal) -> str:
    """Without the zeros that the column adds."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _times(row: Score | Outcome) -> dict[str, str | None]:
    return {
        name: iso(nanoseconds(getattr(row, name))) for name in ("at", "created_at", "updated_at")
    }


def definition_document(definition: ScoreDefinition) -> dict[str, Any]:
    """A definition."""
    names = (
        "name", "data_type", "description", "minimum", "maximum", "categories", "bar",
        "bar_direction", "passing", "sources", "primary_for", "is_archived",
    )  # fmt: skip
    made = {"created_at": iso(nanoseconds(definition.created_at))}
    return {name: getattr(definition, name) for name in names} | made
