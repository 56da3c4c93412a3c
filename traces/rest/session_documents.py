"""How sessions stand in the REST API: their document, parameters and values."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pricing.price import usd
from traces.queries.criteria import HIDDEN_ENVIRONMENT
from traces.queries.sessions import SessionCriteria, SessionSummary
from traces.rest.documents import TokenTotals
from traces.rest.parameters import MOST_ROWS, Parameters
from traces.values.instants import iso, milliseconds, nanoseconds


class SessionParameters(Parameters):
    """Every parameter of `GET /api/v1/sessions`; any other name or value is 400."""

    since = serializers.DateTimeField(
        required=False, help_text="With a turn that started at or after this instant (ISO 8601)."
    )
    until = serializers.DateTimeField(
        required=False, help_text="With a turn that started before this instant."
    )
    environment = serializers.CharField(
        required=False,
        help_text=f"One environment, or `*` for all; without it all but `{HIDDEN_ENVIRONMENT}`.",
    )
    user_id = serializers.CharField(required=False, help_text="With a turn of this user.")
    q = serializers.CharField(required=False, help_text="A part of the id in any case.")
    limit = serializers.IntegerField(
        required=False, default=50, min_value=1, max_value=MOST_ROWS, help_text="Rows on a page."
    )
    cursor = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="`next_cursor` of the page before."
    )
    project = serializers.CharField(
        required=False, help_text="Slug; only for a signed-in person, a key has its project."
    )

    def criteria(self) -> SessionCriteria:
        """The criteria of a valid set of parameters."""
        given: dict[str, Any] = dict(self.validated_data)
        names = ("since", "until", "environment", "user_id", "q")
        return SessionCriteria(**{name: given[name] for name in names if name in given})


class SessionDocument(serializers.Serializer[Any]):
    """The totals of a session over all of its traces, whatever it was found by."""

    session_id = serializers.CharField()
    start = serializers.IntegerField(help_text="Of the first turn; Unix nanoseconds.")
    end = serializers.IntegerField(help_text="Of the last turn.")
    start_time = serializers.DateTimeField()
    end_time = serializers.DateTimeField()
    last_turn_time = serializers.DateTimeField(help_text="When the last turn started.")
    busy_ms = serializers.FloatField(help_text="The durations of its traces, added up.")
    turns = serializers.IntegerField(help_text="Traces.")
    error_turns = serializers.IntegerField(help_text="Traces with a failed span.")
    open_turns = serializers.IntegerField(help_text="Traces with a span without an end.")
    call_count = serializers.IntegerField(help_text="Calls of a model.")
    tokens = TokenTotals(allow_null=True, help_text="null: no call said.")
    unmetered_calls = serializers.IntegerField()
    cost_usd = serializers.CharField(
        allow_null=True, help_text="Decimal text; null where nothing could be priced, never 0 then."
    )
    unpriced_calls = serializers.IntegerField()
    user_id = serializers.CharField(allow_null=True, help_text="Of the first turn.")
    user_count = serializers.IntegerField()
    environment = serializers.CharField(allow_null=True, help_text="Of the first turn.")
    input_preview = serializers.CharField(allow_null=True, help_text="Of the first turn.")
    thumbs_up = serializers.IntegerField(help_text="Scores of source `user` that say yes, or 1.")
    thumbs_down = serializers.IntegerField(help_text="The same that say no, 0 or -1.")
    url = serializers.CharField(help_text="Address of its page.")


class SessionPageDocument(serializers.Serializer[Any]):
    """A page of sessions, by their last turn, the newest first."""

    data = SessionDocument(many=True)  # type: ignore[assignment]
    next_cursor = serializers.CharField(allow_null=True)
    searched_back_to = serializers.DateTimeField(
        allow_null=True, help_text="Set where the search ran out of time; the cursor goes on."
    )


def session_summary(session: SessionSummary, *, url: str) -> dict[str, Any]:
    """The values of a `SessionDocument`."""
    first, end = nanoseconds(session.first_start), nanoseconds(session.end)
    tokens = {
        "input_total": session.tokens_in,
        "output_total": session.tokens_out,
        "total": session.tokens_in + session.tokens_out,
    }
    return {
        "session_id": session.session_id,
        "start": first,
        "end": end,
        "start_time": iso(first),
        "end_time": iso(end),
        "last_turn_time": iso(nanoseconds(session.last_start)),
        "busy_ms": milliseconds(session.busy_us),
        "turns": session.turns,
        "error_turns": session.errors,
        "open_turns": session.running,
        "call_count": session.calls,
        "tokens": tokens if session.metered else None,
        "unmetered_calls": session.calls - session.metered,
        "cost_usd": usd(session.cost),
        "unpriced_calls": session.unpriced,
        "user_id": session.user_id,
        "user_count": session.users,
        "environment": session.environment,
        "input_preview": session.first_words,
        "thumbs_up": session.thumbs_up,
        "thumbs_down": session.thumbs_down,
        "url": url,
    }
