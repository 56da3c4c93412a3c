"""The fields of the language: one table for compiler, suggestions and reference."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from traces.ingest.record import Kind


class Type(Enum):
    """What the values of a field are, and with which operators they are compared."""

    TEXT = "text"
    CHOICE = "one of a few words"
    TIME = "time"
    MONEY = "money"
    COUNT = "number"
    SCORE = "number, yes or no, or word"
    ANY = "text or number"
    HAS = "field"


EQUAL = (":", "=", "!=")
ORDERED = (*EQUAL, ">", ">=", "<", "<=")
NUMERIC = frozenset({Type.TIME, Type.MONEY, Type.COUNT})

KINDS = tuple(kind.name.lower() for kind in Kind)
STATUSES = ("ok", "error", "recovered", "running")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. `trace` and `span` are its columns; without one it is answered otherwise.

    `letter` is that of the trace's facets. `content`: it stands in the content alone, and is read
    from there newest first. `in_span`: it may stand inside `span(…)`.
    """

    name: str
    type: Type
    doc: str
    example: str
    trace: str = ""
    span: str = ""
    letter: str = ""
    choices: tuple[str, ...] = ()
    in_span: bool = True
    content: bool = False
    keyed: bool = False  # written as name.<key>

    @property
    def operators(self) -> tuple[str, ...]:
        """The operators that it takes."""
        return ORDERED if self.type in {*NUMERIC, Type.SCORE, Type.ANY} else EQUAL

    @property
    def written(self) -> str:
        """How a query begins that asks for it: `name`, `score.<name>`."""
        return f"{self.name}.<name>" if self.keyed else self.name


_ALL = (
    Field(
        name="name", type=Type.TEXT, trace="name", span="name",
        doc="Name of the trace; inside span(…) of the span.", example="name:resolve_ticket",
    ),
    Field(
        name="kind", type=Type.CHOICE, letter="k", span="kind", choices=KINDS,
        doc="Kind of a span.", example="kind:tool",
    ),
    Field(
        name="feature", type=Type.TEXT, trace="feature", span="feature",
        doc="The feature that the trace belongs to.", example="feature:refund-agent",
    ),
    Field(
        name="segment", type=Type.TEXT, content=True,
        doc="Segment of the user (roadworthy.user.segment).", example="segment:enterprise",
    ),
    Field(
        name="route", type=Type.TEXT, content=True,
        doc="Route of a gateway by which the call found its model (roadworthy.route).",
        example="route:cheap-first",
    ),
    Field(
        name="key", type=Type.TEXT, span="api_key_id",
        doc="Name or public key of the project key that sent a span.", example="key:pk-rw-*",
    ),
    Field(
        name="index", type=Type.TEXT, content=True,
        doc="Index that was searched (roadworthy.index.name).", example="index:help-center",
    ),
    Field(
        name="outcome", type=Type.TEXT, in_span=False,
        doc="What became of the trace or its session.", example="outcome:resolved",
    ),
    Field(
        name="id", type=Type.TEXT,
        doc="Id of the trace or of a span, or of the provider's response.",
        example="id:4bf92f3577b34da6a3ce929d0e0e4736",
    ),
    Field(
        name="status", type=Type.CHOICE, choices=STATUSES,
        doc="error: a span failed and the trace with it. recovered: a span failed, and the root "
        "ended without an error. "
        "running: a span has no end yet. ok: neither.",
        example="status:error",
    ),
    Field(
        name="model", type=Type.TEXT, letter="m", span="model",
        doc="A model that answered, or was asked where none is known to have answered.",
        example="model:claude-*",
    ),
    Field(
        name="provider", type=Type.TEXT, span="provider",
        doc="Provider of a model that was called.", example="provider:openai",
    ),
    Field(
        name="prompt", type=Type.TEXT, span="prompt_name",
        doc="Name of a prompt that was used, or name/version.", example="prompt:refund/3",
    ),
    Field(
        name="prompt.version", type=Type.TEXT, span="prompt_version",
        doc="Version of a prompt that was used.", example="prompt.version:3",
    ),
    Field(
        name="user", type=Type.TEXT, trace="user_id", span="user_id",
        doc="Id of the user.", example="user:u_48213",
    ),
    Field(
        name="session", type=Type.TEXT, trace="session_id", span="session_id",
        doc="Id of the session or conversation.", example="session:s_301",
    ),
    Field(
        name="env", type=Type.TEXT, trace="environment", span="environment",
        doc="Environment. Without it, traces of experiments are left out.",
        example="env:production",
    ),
    Field(
        name="release", type=Type.TEXT, trace="release", span="release",
        doc="Release that ran.", example="release:2026-11-*",
    ),
    Field(
        name="tag", type=Type.TEXT, letter="t", in_span=False,
        doc="A tag of the trace.", example="tag:beta",
    ),
    Field(
        name="latency", type=Type.TIME, trace="duration_us", span="duration_us",
        doc="Time from first start to last end; inside span(…) of the span. "
        "Unknown while nothing has ended.",
        example="latency>2s",
    ),
    Field(
        name="ttft", type=Type.TIME, span="ttft_us",
        doc="Time to the first token of a call.", example="ttft:1s..3s",
    ),
    Field(
        name="tokens", type=Type.COUNT,
        doc="Input and output tokens together, where a call said them.", example="tokens>20k",
    ),
    Field(
        name="cost", type=Type.MONEY, trace="cost_nano", span="cost_nano",
        doc="Cost in dollars, where a call could be priced.", example="cost>=$0.05",
    ),
    Field(
        name="score", type=Type.SCORE, keyed=True,
        doc="A score of that name on the trace or a span of it; inside span(…) on the span.",
        example="score.faithfulness<80%",
    ),
    Field(
        name="feedback", type=Type.CHOICE, choices=("up", "down"), in_span=False,
        doc="Thumbs of users: scores whose source is user.", example="feedback:down",
    ),
    Field(
        name="dataset", type=Type.TEXT, content=True,
        doc="Id of the dataset, or name of the experiment, that the trace was run for.",
        example="dataset:golden-refunds",
    ),
    Field(
        name="input", type=Type.TEXT, content=True,
        doc="Words of the input of a span.", example='input:"where is my order"',
    ),
    Field(
        name="output", type=Type.TEXT, content=True,
        doc="Words of the output of a span.", example="output:sorry",
    ),
    Field(
        name="has", type=Type.HAS,
        doc="The field is known: any of these, and error.", example="has:feedback",
    ),
    Field(
        name="attr", type=Type.ANY, content=True, keyed=True,
        doc="An attribute or a metadata entry of a span, or an attribute of its resource.",
        example="attr.http.response.status_code>=500",
    ),
)  # fmt: skip

FIELDS: dict[str, Field] = {field.name: field for field in _ALL}

# What people who know other tools type first.
MEANT = {
    "environment": "env", "duration": "latency", "user_id": "user", "userid": "user",
    "session_id": "session", "sessionid": "session", "trace": "id", "trace_id": "id",
    "level": "status", "error": "has:error", "version": "prompt.version", "tags": "tag",
    "total_cost": "cost", "type": "kind", "metadata": "attr.<name>", "scores": "score.<name>",
    "attributes": "attr.<name>", "span_id": "id", "time_to_first_token": "ttft",
    "api_key": "key", "public_key": "key",
}  # fmt: skip
