"""`GET /api/v1/prompts/{name}` for signed-in persons, and where no ASGI server stands in front.

Programs with a key are answered by `prompts.serving.endpoint` before Django; the document is one.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request

from accounts.models import Scope
from accounts.rest import PROBLEM, PROJECT, ProjectView
from kit.errors import DomainError
from prompts.models import Prompt
from prompts.serving.asked import BadQuery, asked_of, filled
from prompts.serving.at_once import answer_at_once
from prompts.serving.choosing import NotServed
from prompts.serving.reading import Unresolved


class ServedDocument(serializers.Serializer[Any]):
    """Which version a read got, and why."""

    label = serializers.CharField(  # type: ignore[assignment]
        allow_null=True, help_text="null: a version was asked for."
    )
    arm = serializers.ChoiceField(["only", "base", "candidate"])
    why = serializers.CharField()
    rollout = serializers.IntegerField(allow_null=True)
    share = serializers.FloatField(allow_null=True, help_text="Percent of the candidate.")


class PromptReadDocument(serializers.Serializer[Any]):
    """A version as it is used: `prompt` has its references put in, `raw` as it was written."""

    name = serializers.CharField()
    version = serializers.IntegerField()
    type = serializers.ChoiceField(choices=Prompt.Type.choices)
    prompt = serializers.JSONField(help_text="Text, or a list of messages.")
    raw = serializers.JSONField()
    tools = serializers.ListField(child=serializers.DictField())
    response_schema = serializers.DictField(allow_null=True)
    model = serializers.CharField(help_text="'' where none is stated.")
    parameters = serializers.DictField()
    config = serializers.DictField()
    variables = serializers.ListField(child=serializers.CharField())
    references = serializers.ListField(child=serializers.DictField())
    labels = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())
    message = serializers.CharField()
    author = serializers.CharField()
    created_at = serializers.DateTimeField()
    served = ServedDocument()
    compiled = serializers.JSONField(required=False, help_text="With `variables` alone.")
    missing = serializers.ListField(child=serializers.CharField(), required=False)


PARAMETERS = [
    OpenApiParameter("label", str, description="Default: production. latest: the newest version."),
    OpenApiParameter("version", int, description="Instead of a label."),
    OpenApiParameter(
        "key", str, description="Id of the user or session; it keeps its arm during a rollout."
    ),
    OpenApiParameter(
        "variables", str, description="A JSON object; `compiled` has it filled in then."
    ),
    PROJECT,
]


class PromptRead(ProjectView):
    """`/api/v1/prompts/{name}`"""

    scope = Scope.PROMPTS

    @extend_schema(
        operation_id="read_prompt",
        parameters=PARAMETERS,
        responses={
            200: PromptReadDocument,
            304: OpenApiResponse(description="If-None-Match names what would be sent."),
            400: PROBLEM,
            404: PROBLEM,
            409: OpenApiResponse(description="A reference in it cannot be followed."),
        },
    )
    def get(self, request: Request, name: str) -> HttpResponse:
        """The version that serves: the hot read. It carries an ETag; ask again with If-None-Match.

        During a rollout the same `key` always gets the same version; without one, the version that
        served before. A rollback is in effect at most a second later in every process.
        """
        project_id, _ = self.place(request)
        try:
            asked = asked_of(request.META.get("QUERY_STRING", ""))
            answer = answer_at_once(
                project_id, name, label=asked.label, number=asked.number, key=asked.key
            )
        except BadQuery as bad:
            raise ValidationError(str(bad)) from None
        except NotServed as missing:
            raise NotFound(str(missing)) from None
        except Unresolved as broken:
            raise DomainError(str(broken)) from None
        body = answer.body if asked.variables is None else filled(answer.body, asked.variables)
        return HttpResponse(body, content_type="application/json")
