"""What tests of imports need: the command with its answer, and two projects side by side."""

from __future__ import annotations

from io import StringIO
from typing import Any

import orjson
from django.core.management import call_command

from accounts.models import Project
from tests.traces.stored import fetch
from traces.ingest.rows import COLUMNS
from traces.ingest.writer.merge import unpack
from traces.models import Score

Spans = dict[tuple[str, str], dict[str, Any]]
_OUTSIDE = {"project_id", "trace_id", "span_id"}
NAMES = [name for name in COLUMNS if name not in _OUTSIDE]


def bring(source: str, project: Project, base: str, **options: Any) -> list[str]:
    """Run `roadworthy import`; the lines it wrote."""
    out = StringIO()
    told = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    call_command("import", source, f"--project={project.slug}", f"--from={base}", *told, stdout=out)
    return out.getvalue().splitlines()


def spans_of(project: Project) -> Spans:
    """Every span and what is said of traces, by trace and span."""
    rows = fetch(
        f"select trace_id, span_id, {', '.join(NAMES)} from span where project_id = {project.pk}"
    )
    return {row[:2]: dict(zip(NAMES, row[2:], strict=True)) for row in rows}


def contents_of(project: Project) -> Spans:
    """The documents of the same."""
    rows = fetch(
        f"select trace_id, span_id, body from span_content where project_id = {project.pk}"
    )
    return {row[:2]: orjson.loads(unpack(bytes(row[2]))) for row in rows}


def traces_of(project: Project) -> dict[str, dict[str, Any]]:
    """The rows of the traces."""
    names = (
        "name start_time span_count error_count cost_nano user_id session_id environment release"
    )
    rows = fetch(
        f"select trace_id, {', '.join(names.split())} from trace where project_id = {project.pk}"
    )
    return {row[0]: dict(zip(names.split(), row[1:], strict=True)) for row in rows}


def scores_of(project: Project) -> list[dict[str, Any]]:
    """The scores, without when they were written here."""
    left = {"pk", "project_id", "created_at", "updated_at", "author"}
    found = Score.objects.filter(project_id=project.pk).order_by("id").values()
    return [{k: v for k, v in row.items() if k not in left} for row in found]


def differing(one: Spans, other: Spans, *without: str) -> dict[tuple[str, str], Any]:
    """Where the columns of spans that both have differ, but for those named and the key's."""
    found = {}
    for key in one.keys() & other.keys():
        unlike = {
            name: (value, other[key][name])
            for name, value in one[key].items()
            if name not in (*without, "api_key_id") and value != other[key][name]
        }
        if unlike:
            found[key] = unlike
    return found
