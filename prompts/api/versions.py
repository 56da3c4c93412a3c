"""REST of versions: listed, added, read as they were written, archived, compared."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from prompts.api.base import after_of, page_of
from prompts.api.below import BelowPrompt
from prompts.api.examples import NEW_VERSION
from prompts.diff import diff
from prompts.models import Prompt, PromptVersion
from prompts.queries.listed import labels_on, version_of, versions_of, with_versions
from prompts.rest import documents
from prompts.rest.bodies import NewVersionBody
from prompts.rest.diff_documents import DiffDocument, diff_document
from prompts.rest.parameters import CompareParameters, VersionParameters
from prompts.services.versions import archive_versions, create_version


class Versions(BelowPrompt):
    """`/api/v1/prompts/{name}/versions`"""

    @extend_schema(
        operation_id="list_prompt_versions",
        parameters=[VersionParameters],
        responses={200: documents.VersionPageDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str) -> Response:
        """A page of versions without what they hold, the newest first."""
        asked = self.asked(request, VersionParameters)
        prompt = self.prompt(request, name)
        found = versions_of(prompt, with_archived=asked["archived"])
        if (after := after_of(asked, int)) is not None:
            found = found.filter(number__lt=after)
        (row,) = with_versions([prompt])
        return page_of(
            list(found[: asked["limit"] + 1]),
            asked["limit"],
            lambda version: documents.version_document(version, row.labels_on(version.number)),
            lambda version: version.number,
        )

    @extend_schema(
        operation_id="create_prompt_version",
        parameters=[PROJECT],
        request=NewVersionBody,
        responses={201: documents.WholeVersionDocument, 400: PROBLEM, 403: PROBLEM, 409: PROBLEM},
        examples=[NEW_VERSION],
    )
    def post(self, request: Request, name: str) -> Response:
        """Add a version. Of `labels` only free ones move; with a protected one nothing is made."""
        prompt = self.prompt(request, name)
        body = NewVersionBody(data=request.data)
        body.is_valid(raise_exception=True)
        version = create_version(
            prompt.project, prompt.name, body.new_version(), actor=self.actor(request)
        )
        document = documents.whole_version_document(version, labels_on(version))
        return Response(document, status=status.HTTP_201_CREATED)


class OneVersion(BelowPrompt):
    """`/api/v1/prompts/{name}/versions/{number}`"""

    @extend_schema(
        operation_id="get_prompt_version",
        parameters=[PROJECT],
        responses={200: documents.WholeVersionDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str, number: int) -> Response:
        """A version as it was written, also one that was archived."""
        version = _version(self.prompt(request, name), number)
        return Response(documents.whole_version_document(version, labels_on(version)))

    @extend_schema(
        operation_id="archive_prompt_version",
        parameters=[PROJECT],
        responses={204: None, 404: PROBLEM, 409: PROBLEM},
    )
    def delete(self, request: Request, name: str, number: int) -> Response:
        """Take it out of use, unless a label, an open review or a rollout points at it."""
        prompt = self.prompt(request, name)
        _version(prompt, number)
        archive_versions(prompt, [number], actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Comparison(BelowPrompt):
    """`/api/v1/prompts/{name}/compare/{old}..{new}`"""

    @extend_schema(
        operation_id="compare_prompt_versions",
        parameters=[CompareParameters],
        responses={200: DiffDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str, old: int, new: int) -> Response:
        """What differs, part by part, line by line and word by word."""
        asked: dict[str, Any] = self.asked(request, CompareParameters)
        prompt = self.prompt(request, name)
        before, after = (_version(prompt, number).content(prompt.kind) for number in (old, new))
        found = diff(before, after, ignore_whitespace=asked["ignore_whitespace"])
        return Response({"from": old, "to": new, **diff_document(found, whole=asked["whole"])})


def _version(prompt: Prompt, number: int) -> PromptVersion:
    found = version_of(prompt, number)
    if found is None:
        raise NotFound(f"{prompt.name} has no version {number}.")
    return found
