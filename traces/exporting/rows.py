"""Traces of a project as rows of an export, in the order in which they were asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from governance.redaction import redact
from traces.exporting.columns import Exported
from traces.exporting.contents import Texts, groups, root_texts_of, wholes_of
from traces.models import Score, Trace
from traces.queries.summaries import COLUMNS, TraceSummary, summary

_IDS = ("trace_id", "root_span_id", "span_id", "parent_span_id")


@dataclass
class _Leaving:
    """What leaves the house passes the rules once more: one may be younger than the trace."""

    values: dict[str, Any] = field(default_factory=dict)
    spans: list[dict[str, Any]] = field(default_factory=list)


def exported(
    project_id: int, trace_ids: Sequence[str], *, content: bool, spans: bool
) -> Iterator[Exported]:
    """A row for each trace that is still there. `content` adds the texts of the first span, and
    `spans`, only beside it, all spans with what they hold."""
    found = Trace.objects.filter(project_id=project_id, trace_id__in=trace_ids)
    rows = {row[0]: summary(row) for row in found.values_list(*COLUMNS)}
    scores = _scores(project_id, list(rows))
    for group in groups([rows[trace_id] for trace_id in trace_ids if trace_id in rows]):
        wholes = wholes_of(project_id, group) if spans else {}
        said = root_texts_of(project_id, group) if content and not spans else {}
        for trace in group:
            leaving = _Leaving(_values(trace, scores.get(trace.trace_id, [])))
            leaving.spans = wholes.get(trace.trace_id, [])
            if content:
                leaving.values |= _texts(trace, leaving.spans, said.get(trace.trace_id))
            _mask(leaving)
            yield Exported(leaving.values, leaving.spans if spans else None)


def _mask(leaving: _Leaving) -> None:
    """Apply the rules to every text but the ids, by which rows are joined."""
    kept = [(row, {name: row[name] for name in _IDS if name in row}) for row in leaving.spans]
    own = {name: leaving.values[name] for name in _IDS if name in leaving.values}
    redact([leaving])
    leaving.values |= own
    for row, (_, ids) in zip(leaving.spans, kept, strict=True):
        row |= ids


def _values(trace: TraceSummary, scores: list[dict[str, Any]]) -> dict[str, Any]:
    tokens = trace.tokens is not None
    cost = trace.cost
    return {
        "trace_id": trace.trace_id,
        "name": trace.name,
        "status": trace.status,
        "start_time": trace.start_time,
        "end_time": trace.end_time,
        "duration_us": trace.duration_us,
        "environment": trace.environment,
        "feature": trace.feature,
        "release": trace.release,
        "user_id": trace.user_id,
        "session_id": trace.session_id,
        "models": trace.models,
        "prompts": [{"name": name, "version": version} for name, version in trace.prompts],
        "tags": trace.tags,
        "span_count": trace.span_count,
        "error_count": trace.error_count,
        "open_count": trace.open_count,
        "call_count": trace.call_count,
        "unmetered_calls": trace.call_count - trace.metered_count,
        "unpriced_calls": trace.unpriced_count,
        "input_tokens": trace.tokens_in if tokens else None,
        "output_tokens": trace.tokens_out if tokens else None,
        "cost_usd": None if cost is None else Decimal(cost).scaleb(-9),
        "cost_nano_usd": cost,
        "scores": scores,
        "root_span_id": trace.root_span_id,
    }


def _scores(project_id: int, trace_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    rows = Score.objects.filter(project_id=project_id, trace_id__in=trace_ids)
    for trace_id, span_id, name, data_type, num, label, source in rows.order_by(
        "trace_id", "at", "id"
    ).values_list("trace_id", "span_id", "name", "data_type", "num", "label", "source"):
        value = bool(num) if data_type == "boolean" and num is not None else num
        said = {"name": name, "value": label if value is None else value, "source": source}
        found.setdefault(trace_id, []).append(said | ({"span_id": span_id} if span_id else {}))
    return found


def _texts(
    trace: TraceSummary, spans: Sequence[dict[str, Any]], said: Texts | None
) -> dict[str, str | None]:
    """What went into the first span and came out of it, else the first words known of both."""
    sent, received = said or (None, None)
    if root := next((span for span in spans if span["span_id"] == trace.root_span_id), None):
        sent, received = root["input_text"], root["output_text"]
    return {
        "input": trace.input_preview if sent is None else sent,
        "output": trace.output_preview if received is None else received,
    }
