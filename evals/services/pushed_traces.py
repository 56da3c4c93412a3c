"""The trace of an output that was made elsewhere and came without one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from evals.models import Experiment
from evals.values.pushed import PushedResult
from gateway import client
from pricing.price import usd
from traces.ingest.record import Kind, Level, SpanRecord
from traces.query.compiling import HIDDEN_ENVIRONMENT

TAG = "experiment"


def ids_of(experiment: Experiment, one: PushedResult) -> tuple[str, str]:
    """Trace and span of a result: the same each time the same is pushed."""
    said = [one.item, one.repeat, one.output, one.error, one.duration_us, str(one.started_at)]
    told = json.dumps([experiment.external_id, *said], sort_keys=True, default=str)
    digest = hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()
    return digest[:32], digest[32:48]


def keep_traces(experiment: Experiment, results: Sequence[PushedResult]) -> None:
    """Each of `results` stands as a trace of one span, outside of all traffic."""
    if results:
        client.keep(experiment.project_id, [_record(experiment, one) for one in results])


def _record(experiment: Experiment, result: PushedResult) -> SpanRecord:
    trace_id, span_id = ids_of(experiment, result)
    length = (result.duration_us or 0) * 1000
    started = result.started_at or experiment.started_at or experiment.created_at
    start = int(started.timestamp() * 1_000_000) * 1000
    is_call = bool(experiment.model) or result.output_tokens is not None
    name, _, version = experiment.prompt_label.rpartition(" v")
    told = {"experiment": experiment.number, "item": result.item, "repeat": result.repeat}
    return SpanRecord(
        trace_id=trace_id,
        span_id=span_id,
        name=experiment.name,
        start_ns=start,
        end_ns=start + length,
        kind=Kind.GENERATION if is_call else Kind.CHAIN,
        level=Level.ERROR if result.error else Level.DEFAULT,
        status_message=result.error or None,
        model=experiment.model or None,
        in_uncached=result.input_tokens,
        out_text=result.output_tokens,
        cost_given=None if result.cost_nano is None else {"total": usd(result.cost_nano)},
        ttft_us=result.first_token_us,
        environment=HIDDEN_ENVIRONMENT,
        feature=experiment.feature or None,
        prompt_name=name or None,
        prompt_version=version or None,
        tags=[TAG],
        metadata=told,
        input=result.input,
        output=result.output,
        dialect="native",
    )
