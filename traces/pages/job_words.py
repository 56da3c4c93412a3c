"""What a job is and how far it came, in words."""

from __future__ import annotations

from dataclasses import dataclass

from traces.exporting.formats import FORMATS
from traces.models import BulkJob
from traces.values.acts import act_of

_TONES = {
    BulkJob.State.DUE: "running",
    BulkJob.State.RUNNING: "running",
    BulkJob.State.DONE: "ok",
    BulkJob.State.CANCELLED: "partial",
    BulkJob.State.FAILED: "error",
}
_DONE = {
    BulkJob.Kind.EXPORT: "written",
    BulkJob.Kind.TAG: "tagged",
    BulkJob.Kind.UNTAG: "untagged",
    BulkJob.Kind.DELETE: "deleted",
}


@dataclass(frozen=True)
class JobWords:
    """A job for its row and its page. `share` is None while it is not known."""

    title: str
    tone: str
    state: str
    progress: str
    result: str
    share: int | None  # of 1000


def job_words(job: BulkJob) -> JobWords:
    """The words of a job."""
    return JobWords(
        title=_title(job),
        tone=_TONES[BulkJob.State(job.state)],
        state=job.get_state_display(),
        progress=_progress(job),
        result=_result(job),
        share=job.done * 1000 // job.total if job.is_chosen and job.total else None,
    )


def traces(count: int) -> str:
    """`1 trace`, `4,112 traces`."""
    return f"{count:,} trace{'s' * (count != 1)}"


def _title(job: BulkJob) -> str:
    if (act := act_of(job.kind)) is not None:
        return act.title(job.options)
    if job.kind == BulkJob.Kind.EXPORT:
        content = "with" if job.options.get("content") else "without"
        return f"Export as {FORMATS.get(job.options.get('format', ''), '?')}, {content} content"
    tags = ", ".join(job.options.get("tags", []))
    if job.kind == BulkJob.Kind.TAG:
        return f"Tag with {tags}"
    return f"Remove {tags}" if job.kind == BulkJob.Kind.UNTAG else "Delete traces"


def _progress(job: BulkJob) -> str:
    if not job.is_chosen:
        return f"{traces(job.total)} found so far"
    return f"{job.done:,} of {traces(job.total)}"


def _result(job: BulkJob) -> str:
    """What it did, and of how many the outcome was another."""
    if job.is_open or not job.is_chosen:
        return ""
    act = act_of(job.kind)
    done = _DONE[BulkJob.Kind(job.kind)] if act is None else act.done
    said = f"{traces(job.changed)} {done}"
    other = job.done - job.changed
    if not other:
        return said
    if act is not None:
        return f"{said}, {other:,} {act.left}"
    gone = job.kind in (BulkJob.Kind.EXPORT, BulkJob.Kind.DELETE)
    return f"{said}, {other:,} {'gone meanwhile' if gone else 'left as they were'}"
