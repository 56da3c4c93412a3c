"""Traces of a project as rows of an export, in the order in which they were asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from traces.exporting.columns import Exported
from traces.exporting.contents import Held, Texts, groups, root_texts_of, wholes_of
from traces.exporting.masking import mask
from traces.models import Score, Trace
from traces.queries.summaries import COLUMNS, TraceSummary, summary

READ_TRACES = 250  # whose totals are read together


def exported(
    project_id: int, trace_ids: Sequence[str], *, content: bool, spans: bool
) -> Iterator[list[Exported]]:
    """A row for each trace that is still there, as many at a time as were read together.

    `content` adds the texts of the first span, and `spans`, only beside it, all spans with what
    they hold.
    """
    for place in range(0, len(trace_ids), READ_TRACES):
        ids = trace_ids[place : place + READ_TRACES]
        found = Trace.objects.filter(project_id=project_id, trace_id__in=ids)
        known = {row[0]: summary(row) for row in found.values_list(*COLUMNS)}
        scores = _scores(project_id, list(known))
        traces = [known[trace_id] for trace_id in ids if trace_id in known]
        if not spans:
            said = root_texts_of(project_id, traces) if content and traces else {}
            yield [_row(trace, scores, content, said.get(trace.trace_id)) for trace in traces]
            continue
        for group in groups(traces):
            wholes = wholes_of(project_id, group)
            rows = []
            for trace in group:
                held = wholes.get(trace.trace_id, Held())
                listed = b"[" + b",".join(held.spans) + b"]"
                rows.append(_row(trace, scores, content, held.texts, listed))
            yield rows


def _row(
    trace: TraceSummary,
    scores: Mapping[str, list[dict[str, Any]]],
    content: bool,
    said: Texts | None,
    spans: bytes | None = None,
) -> Exported:
    values = _values(trace, scores.get(trace.trace_id, []))
    if content:
        values |= _texts(trace, said)
    mask([values])
    return Exported(values, spans)


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
        "evaluator_cost_usd": Decimal(trace.evaluator_nano).scaleb(-9),
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


def _texts(trace: TraceSummary, said: Texts | None) -> dict[str, str | None]:
    """What went into the first span and came out of it, else the first words known of both."""
    sent, received = said or (None, None)
    return {
        "input": trace.input_preview if sent is None else sent,
        "output": trace.output_preview if received is None else received,
    }
