"""REST of score definitions: read with the scope read, changed with admin."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, Scope
from accounts.rest import PROBLEM, PROJECT
from kit.paging import BadCursor, decode_cursor, encode_cursor
from traces.api.traces import TraceView
from traces.feedback.given import Terms
from traces.models import ScoreDefinition
from traces.queries.score_definitions import definitions_of, get_definition
from traces.rest import feedback_documents as documents
from traces.rest.feedback import definition_document
from traces.rest.parameters import MOST_ROWS, Parameters
from traces.services.score_definitions import (
    BadDefinition,
    change_definition,
    define_score,
    delete_definition,
    terms_of,
)


class _List(Parameters):
    archived = serializers.BooleanField(required=False, default=True, help_text="false: without.")
    limit = serializers.IntegerField(
        required=False, default=50, min_value=1, max_value=MOST_ROWS, help_text="Rows on a page."
    )
    cursor = serializers.CharField(required=False, allow_blank=True, default="")
    project = serializers.CharField(required=False, help_text="Only for a signed-in person.")


class DefinitionView(TraceView):
    """Definitions of the key's project, or of the one that a signed-in person names."""

    scope = {"GET": Scope.READ, "POST": Scope.ADMIN, "PATCH": Scope.ADMIN, "DELETE": Scope.ADMIN}

    least_to_read = Role.ENGINEER

    def definition(self, request: Request, name: str) -> ScoreDefinition:
        """Raises: NotFound."""
        project = self.opened(request)
        found = get_definition(project.pk, name)
        if found is None:
            raise NotFound(f"This project defines no score {name[:200]!r}.")
        found.project = project
        return found


class ScoreDefinitions(DefinitionView):
    """`/api/v1/score-definitions`"""

    @extend_schema(
        operation_id="list_score_definitions",
        parameters=[_List],
        responses={200: documents.DefinitionPageDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """By name, archived ones too."""
        parameters = _List(data=request.query_params)
        parameters.is_valid(raise_exception=True)
        asked: dict[str, Any] = parameters.validated_data
        found = definitions_of(self.opened(request).pk)
        if not asked["archived"]:
            found = found.filter(is_archived=False)
        if asked["cursor"]:
            try:
                (after,) = decode_cursor(asked["cursor"], parts=1)
            except BadCursor as bad:
                raise ValidationError({"cursor": str(bad)}) from None
            found = found.filter(name__gt=str(after).replace("\0", ""))
        rows = list(found[: asked["limit"] + 1])
        more, rows = len(rows) > asked["limit"], rows[: asked["limit"]]
        cursor = encode_cursor(rows[-1].name) if more else None
        return Response({"data": [definition_document(row) for row in rows], "next_cursor": cursor})

    @extend_schema(
        operation_id="define_score",
        parameters=[PROJECT],
        request=documents.NewDefinition,
        responses={201: documents.DefinitionDocument, 400: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """State what scores of a name mean."""
        project = self.opened(request)
        given = _checked(documents.NewDefinition(data=request.data), request.data)
        try:
            made = define_score(project, Terms(**given), actor=self.actor(request))
        except BadDefinition as bad:
            raise ValidationError(dict(bad.errors)) from None
        return Response(definition_document(made), status=status.HTTP_201_CREATED)


class OneScoreDefinition(DefinitionView):
    """`/api/v1/score-definitions/{name}`"""

    @extend_schema(
        operation_id="get_score_definition",
        parameters=[PROJECT],
        responses={200: documents.DefinitionDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str) -> Response:
        """One definition."""
        return Response(definition_document(self.definition(request, name)))

    @extend_schema(
        operation_id="change_score_definition",
        parameters=[PROJECT],
        request=documents.ChangedDefinition,
        responses={200: documents.DefinitionDocument, 400: PROBLEM, 404: PROBLEM},
    )
    def patch(self, request: Request, name: str) -> Response:
        """Change, archive or bring back; the name stays."""
        definition = self.definition(request, name)
        given = _checked(documents.ChangedDefinition(data=request.data), request.data)
        terms = replace(terms_of(definition), **given)
        try:
            changed = change_definition(definition, terms, actor=self.actor(request))
        except BadDefinition as bad:
            raise ValidationError(dict(bad.errors)) from None
        return Response(definition_document(changed))

    @extend_schema(
        operation_id="delete_score_definition", parameters=[PROJECT], responses={204: None}
    )
    def delete(self, request: Request, name: str) -> Response:
        """Forget what the name means; its scores stay."""
        delete_definition(self.definition(request, name), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _checked(wanted: serializers.Serializer[Any], sent: Any) -> dict[str, Any]:
    """The fields that were given. Raises: ValidationError, also for an unknown field."""
    wanted.is_valid(raise_exception=True)
    if unknown := sorted(set(sent) - set(wanted.fields)):
        raise ValidationError(dict.fromkeys(unknown, "No such field."))
    return dict(wanted.validated_data)
