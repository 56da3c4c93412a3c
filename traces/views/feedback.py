"""What pages show of scores and outcomes."""

from __future__ import annotations

from typing import Any

from kit.figures import percent
from traces.pages.score_chips import MOST_EXPLAINED, letters, row_chips
from traces.pages.score_rows import SpanVerdict, span_verdicts, strip_outcomes, strip_scores
from traces.queries.around import p95_of_name, session_turn
from traces.queries.score_definitions import meanings
from traces.queries.scores import (
    outcomes_of_trace,
    score_names,
    scores_of_page,
    scores_of_spans,
    scores_of_trace,
)
from traces.queries.summaries import TraceSummary


def scores_context(project_id: int, traces: list[TraceSummary]) -> dict[str, Any]:
    """The column Scores of a page of the list; three statements, however many rows.

    Letters are given out over all names of the project, so that older rows bear the same ones.
    """
    found = scores_of_page(project_id, [trace.trace_id for trace in traces])
    if not found:
        return {"row_scores": {}}
    names = sorted({score.name for scores in found.values() for score in scores})
    known = letters(sorted({*score_names(project_id), *names}))
    means = meanings(project_id)
    return {
        "row_scores": {
            trace.trace_id: row_chips(
                found[trace.trace_id], known, means.primary.get(trace.feature or ""), means.bars
            )
            for trace in traces
            if trace.trace_id in found
        },
        "score_letters": [(known[name], name) for name in names[:MOST_EXPLAINED]],
    }


def trace_feedback(project_id: int, trace: TraceSummary) -> dict[str, Any]:
    """Scores and outcomes of a trace, its spans and its session; three statements."""
    scores = scores_of_trace(project_id, trace.trace_id, trace.session_id)
    bars = meanings(project_id).bars if scores else {}
    chips, more = strip_scores(scores, bars)
    outcomes = outcomes_of_trace(project_id, trace.trace_id, trace.session_id)
    return {
        "scores": scores,
        "strip_scores": chips,
        "strip_scores_more": more,
        "strip_outcomes": strip_outcomes(outcomes),
    }


def verdicts_on_spans(project_id: int, trace_id: str) -> dict[str, SpanVerdict]:
    """The score that each row of the tree shows; one statement, two where a score has a bar."""
    bars = meanings(project_id).bars
    return span_verdicts(scores_of_spans(project_id, trace_id, bars), bars) if bars else {}


def strip_context(project_id: int, trace: TraceSummary) -> dict[str, Any]:
    """What the summary strip says beside the totals; five statements."""
    p95 = p95_of_name(project_id, trace)
    context: dict[str, Any] = {"p95_us": p95, "turn": session_turn(project_id, trace)}
    if p95 and not trace.is_running:
        over = trace.duration_us / p95 - 1
        context["over_p95"] = f"+{percent(over)} vs p95" if over > 0 else "within p95"
        context["is_over_p95"] = over > 0
    return context | trace_feedback(project_id, trace)
