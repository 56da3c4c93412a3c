"""REST of prompts: listed, made, described, archived; reading one is `prompts.api.reading`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project, Scope
from accounts.rest import PROBLEM, PROJECT
from prompts.api.base import (
    PromptsView,
    after_of,
    member_named,
    page_of,
)
from prompts.api.examples import NEW_PROMPT
from prompts.api.reading import PromptRead
from prompts.models import Prompt
from prompts.queries.environments import protected_labels
from prompts.queries.listed import labels_on, prompts_matching, with_versions
from prompts.rest import documents
from prompts.rest.bodies import DescribeBody, NewPromptBody
from prompts.rest.parameters import PromptParameters
from prompts.services.versions import archive_prompt, create_version, describe


class Prompts(PromptsView):
    """`/api/v1/prompts`"""

    @extend_schema(
        operation_id="list_prompts",
        parameters=[PromptParameters],
        responses={200: documents.PromptPageDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """A page of prompts, by name."""
        parameters = PromptParameters(data=request.query_params)
        parameters.is_valid(raise_exception=True)
        asked: dict[str, Any] = parameters.validated_data
        project = self.opened(request)
        found = prompts_matching(project.pk, parameters.wanted())
        if (after := after_of(asked, str)) is not None:
            found = found.filter(name__gt=after)
        rows = with_versions(list(found[: asked["limit"] + 1]))
        protected = protected_labels(project)
        return page_of(
            rows,
            asked["limit"],
            lambda row: documents.prompt_document(row, protected),
            lambda row: row.prompt.name,
        )

    @extend_schema(
        operation_id="create_prompt",
        summary="Add a version, of a new prompt where there is none of the name",
        parameters=[PROJECT],
        request=NewPromptBody,
        responses={201: documents.WholeVersionDocument, 400: PROBLEM, 403: PROBLEM, 409: PROBLEM},
        examples=[NEW_PROMPT],
    )
    def post(self, request: Request) -> Response:
        """The version. Of `labels` only free ones move; with a protected one nothing is made."""
        project = self.opened(request)
        body = NewPromptBody(data=request.data)
        body.is_valid(raise_exception=True)
        name = body.validated_data["name"]
        version = create_version(project, name, body.new_version(), actor=self.actor(request))
        document = documents.whole_version_document(version, labels_on(version))
        return Response(document, status=status.HTTP_201_CREATED)


class OnePrompt(PromptRead, PromptsView):
    """`/api/v1/prompts/{name}`"""

    scope = Scope.PROMPTS

    @extend_schema(
        operation_id="describe_prompt",
        parameters=[PROJECT],
        request=DescribeBody,
        responses={200: documents.PromptDocument, 400: PROBLEM, 404: PROBLEM},
    )
    def patch(self, request: Request, name: str) -> Response:
        """Change what is said about it. An admin, or the owner, hands it to another owner."""
        prompt = self.prompt(request, name)
        given = self.given(request, DescribeBody)
        if given.get("owner"):
            given["owner"] = member_named(prompt.project, given["owner"], "owner")
        changed = describe(prompt, actor=self.actor(request), **given)
        return Response(_document(changed.project, changed))

    @extend_schema(
        operation_id="archive_prompt",
        parameters=[PROJECT],
        responses={204: None, 404: PROBLEM, 409: PROBLEM},
    )
    def delete(self, request: Request, name: str) -> Response:
        """Take it out of use: it resolves no more, while history and traces keep it."""
        archive_prompt(self.prompt(request, name), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _document(project: Project, prompt: Prompt) -> dict[str, Any]:
    (row,) = with_versions([prompt])
    return documents.prompt_document(row, protected_labels(project))
