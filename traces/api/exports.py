"""REST of exports: asked for, watched, downloaded, cancelled."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import project_for
from accounts.models import Project, User
from accounts.rest import PROBLEM, PROJECT
from accounts.verification import Bearer
from kit.problems import problem
from traces.api.traces import TraceView
from traces.exporting.answer import file_answer
from traces.exporting.formats import FORMATS
from traces.forms.jobs import BadQuery, fixed_query
from traces.models import BulkJob
from traces.queries.jobs import job_of, jobs_of, parts_of
from traces.services.jobs import cancel_job, least_role, make_job, note_download
from traces.values.instants import iso, nanoseconds

_EXPORT = BulkJob.Kind.EXPORT
_SHOWN = 100


class ExportBody(serializers.Serializer[Any]):
    """What is to be exported. Without a range, the last 24 hours."""

    format = serializers.ChoiceField(choices=[*FORMATS], default="jsonl")
    content = serializers.BooleanField(default=False, help_text="With inputs and outputs.")
    q = serializers.CharField(default="", allow_blank=True, trim_whitespace=False)
    environment = serializers.CharField(default="", allow_blank=True)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)

    def to_internal_value(self, data: Any) -> Any:
        """The checked values. Raises: ValidationError, naming each unknown field."""
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            known = ", ".join(self.fields)
            raise ValidationError(dict.fromkeys(unknown, f"No such field. There are: {known}."))
        return super().to_internal_value(data)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Both ends of a range, in their order, or none. Raises: ValidationError."""
        if ("since" in given) != ("until" in given):
            missing = "until" if "since" in given else "since"
            raise ValidationError({missing: "Give both ends of the range."})
        if "since" in given and given["since"] >= given["until"]:
            raise ValidationError({"until": "Must be after `since`."})
        return given

    def parameters(self) -> dict[str, str]:
        """As the address of the list says it."""
        given = self.validated_data
        found = {"q": given["q"], "env": given["environment"]}
        if "since" in given:
            found["t"] = f"{given['since'].isoformat()}..{given['until'].isoformat()}"
        return found


class ExportDocument(serializers.Serializer[Any]):
    """An export. `total` is exact once `state` is no longer due."""

    id = serializers.IntegerField()
    format = serializers.CharField()
    content = serializers.BooleanField()
    state = serializers.ChoiceField(choices=BulkJob.State.choices)
    total = serializers.IntegerField(allow_null=True, help_text="Traces; null until counted.")
    done = serializers.IntegerField()
    written = serializers.IntegerField(help_text="Rows; traces that went meanwhile have none.")
    size = serializers.IntegerField(help_text="Bytes.")
    error = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField(allow_null=True, help_text="Of the file; null while there is none.")


class ExportPageDocument(serializers.Serializer[Any]):
    """The newest hundred."""

    data = ExportDocument(many=True)  # type: ignore[assignment]
    next_cursor = serializers.CharField(allow_null=True)


class ExportView(TraceView):
    """Programs see what any key of the project asked for, people what they did themselves."""

    def person(self, request: Request) -> User | None:
        """Who is signed in; None for a key."""
        return None if isinstance(request.auth, Bearer) else request.user  # type: ignore[return-value]

    def export(self, request: Request, pk: int) -> BulkJob:
        """Raises: NotFound."""
        self.check_parameters(request)
        project_id, _ = self.place(request)
        found = job_of(project_id, self.person(request), pk)
        if found is None or found.kind != _EXPORT:
            raise NotFound("There is no such export.")
        return found


class Exports(ExportView):
    """The list, and asking for one."""

    @extend_schema(
        operation_id="list_exports",
        summary="Exports, newest first",
        parameters=[PROJECT],
        responses={200: ExportPageDocument},
    )
    def get(self, request: Request) -> Response:
        """The newest hundred."""
        self.check_parameters(request)
        project_id, _ = self.place(request)
        found = jobs_of(project_id, self.person(request)).filter(kind=_EXPORT)[:_SHOWN]
        return Response({"data": [_document(job) for job in found], "next_cursor": None})

    @extend_schema(
        operation_id="create_export",
        summary="Export all traces that match, in the background",
        parameters=[PROJECT],
        request=ExportBody,
        responses={202: ExportDocument, 400: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """It is due; ask for it again until its state is done."""
        self.check_parameters(request)
        project_id, slug = self.place(request)
        body = ExportBody(data=request.data)
        body.is_valid(raise_exception=True)
        content = body.validated_data["content"]
        if (person := self.person(request)) is not None:
            project_for(person, slug, least=least_role(_EXPORT, content=content))
        try:
            query = fixed_query(body.parameters())
        except BadQuery as bad:
            raise ValidationError({"q": str(bad)}) from None
        job = make_job(
            Project.objects.select_related("organization").get(pk=project_id),
            _EXPORT,
            actor=self.actor(request),
            query=query,
            format=body.validated_data["format"],
            content=content,
        )
        return Response(_document(job), status=202)


class OneExport(ExportView):
    """One export."""

    @extend_schema(
        operation_id="get_export",
        summary="How far an export came",
        parameters=[PROJECT],
        responses={200: ExportDocument, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Its state."""
        return Response(_document(self.export(request, pk)))

    @extend_schema(
        operation_id="cancel_export",
        summary="Cancel an export",
        parameters=[PROJECT],
        responses={200: ExportDocument, 404: PROBLEM, 409: PROBLEM},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Stop it; 409 where it has ended."""
        job = self.export(request, pk)
        cancel_job(job, actor=self.actor(request))
        job.refresh_from_db()
        return Response(_document(job))


class ExportFile(ExportView):
    """The file of an export."""

    @extend_schema(
        operation_id="download_export",
        summary="The file of an export",
        parameters=[PROJECT],
        responses={200: OpenApiTypes.BINARY, 404: PROBLEM, 409: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The bytes; 409 while it is not written."""
        job = self.export(request, pk)
        if job.is_open:
            return Response(problem(409, "The export is not written yet."), status=409)
        if not job.is_ready:
            raise NotFound("There is no file: the export failed, was cancelled, or expired.")
        actor = self.actor(request)
        note_download(job, actor=actor)
        return file_answer(request._request, job, parts_of(job))


def _document(job: BulkJob) -> dict[str, Any]:
    def moment(at: Any) -> str | None:
        return None if at is None else iso(nanoseconds(at))

    return {
        "id": job.pk,
        "format": job.options["format"],
        "content": bool(job.options.get("content")),
        "state": job.state,
        "total": job.total if job.is_chosen else None,
        "done": job.done,
        "written": job.changed,
        "size": job.size,
        "error": job.error or None,
        "created_at": moment(job.created_at),
        "finished_at": moment(job.finished_at),
        "expires_at": moment(job.expires_at),
        "url": reverse("traces_api:export_file", args=[job.pk]) if job.is_ready else None,
    }
