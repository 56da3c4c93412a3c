"""Bodies of requests as Langfuse's clients send them; fields that are not known are passed over."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec

from evals.models import Source
from evals.services.items import PutItem
from traces.langfuse.envelope import ApiError, Call


class NewDataset(msgspec.Struct, rename="camel"):
    """A dataset to make, or to change where one of the name stands; null is not said."""

    name: str
    description: str | None = None
    metadata: Any = None
    input_schema: dict[str, Any] | None = None
    expected_output_schema: dict[str, Any] | None = None

    def fields(self) -> dict[str, Any]:
        """What is said, by the names that the service has."""
        said = {
            "description": self.description,
            "metadata": self.metadata,
            "input_schema": self.input_schema,
            "expected_schema": self.expected_output_schema,
        }
        return {name: value for name, value in said.items() if value is not None}


class NewItem(msgspec.Struct, rename="camel"):
    """An item to make, or to change where one of the id stands; null is not said."""

    dataset_name: str
    input: Any = None
    expected_output: Any = None
    metadata: Any = None
    source_trace_id: str | None = None
    source_observation_id: str | None = None
    id: str | None = None
    status: Literal["ACTIVE", "ARCHIVED"] | None = None

    def change(self, key: str) -> PutItem:
        """What the service takes."""
        said = {
            "input": self.input,
            "expected": self.expected_output,
            "metadata": self.metadata,
            "is_archived": None if self.status is None else self.status == "ARCHIVED",
        }
        return PutItem(
            {name: value for name, value in said.items() if value is not None},
            key=key,
            source=Source.PRODUCTION if self.source_trace_id else Source.HUMAN,
            source_trace_id=(self.source_trace_id or "")[:200],
            source_span_id=(self.source_observation_id or "")[:200],
        )


class NewRunItem(msgspec.Struct, rename="camel"):
    """An item and the trace that a run made of it; the run is made where none has the name."""

    run_name: str
    dataset_item_id: str
    trace_id: str | None = None
    observation_id: str | None = None
    run_description: str | None = None
    metadata: Any = None
    dataset_version: str | None = None


Body = TypeVar("Body", bound=msgspec.Struct)


def body_of(call: Call, kind: type[Body]) -> Body:
    """The checked body. Raises: ApiError 400, naming the field."""
    try:
        return msgspec.convert(call.body(), kind)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `$")
        where = path.strip("`.")
        raise ApiError(400, f"{where}: {text}" if where else text) from None
