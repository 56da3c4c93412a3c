"""What the list of traces offers for many: to become items of a dataset, to be labelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import Role
from evals.services.from_traces import add_traces, checked_options
from evals.services.sending import queue_options, send_traces
from traces.models import BulkJob
from traces.values.acts import Act


def _title(options: Mapping[str, Any]) -> str:
    return f"Add to {options.get('dataset', '?')}"


def _run(job: BulkJob, trace_ids: Sequence[str]) -> int:
    return add_traces(job.project, trace_ids, job.options, actor=job.created_by or job.made_with)


ADD_TO_DATASET = Act(
    kind="dataset",
    verb="Add to dataset",
    done="added",
    icon="data",
    least=Role.ENGINEER.value,
    fields="evals:bulk_fields",
    options=checked_options,
    title=_title,
    run=_run,
    left="there already or without an input",
    key="d",
)


def _queue_title(options: Mapping[str, Any]) -> str:
    return f"Send to {options.get('name', '?')}"


def _send(job: BulkJob, trace_ids: Sequence[str]) -> int:
    return send_traces(job.project, trace_ids, job.options, actor=job.created_by or job.made_with)


SEND_TO_QUEUE = Act(
    kind="queue",
    verb="Send to queue",
    done="sent",
    icon="queue",
    least=Role.ENGINEER.value,
    fields="evals:queue_send_fields",
    options=queue_options,
    title=_queue_title,
    run=_send,
    left="in the queue already, or gone",
)
