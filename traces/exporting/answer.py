"""An export as the answer to a request: its parts one after the other, one in memory at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from traces.exporting import places
from traces.exporting.formats import format_named
from traces.models import BulkJob


def file_answer(request: HttpRequest, job: BulkJob, parts: Sequence[int]) -> StreamingHttpResponse:
    """The whole file, to be saved under a name that says what it is."""
    form = format_named(job.options["format"], content=bool(job.options.get("content")))
    is_async = isinstance(request, ASGIRequest)
    body = _read_async(job.pk, parts) if is_async else _read(job.pk, parts)
    response = StreamingHttpResponse(body, content_type=form.content_type)
    name = f"{job.project.slug}-traces-{job.created_at:%Y%m%d-%H%M%S}.{form.extension}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = str(job.size)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _read(job_id: int, parts: Sequence[int]) -> Iterator[bytes]:
    for place in parts:
        yield places.read(job_id, place)


async def _read_async(job_id: int, parts: Sequence[int]) -> AsyncIterator[bytes]:
    """Django would collect a plain iterator in memory before it answers."""
    for place in parts:
        yield await sync_to_async(places.read, thread_sensitive=False)(job_id, place)
