"""REST of labels: where they stand, moved where they are free, rolled back, and their history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from prompts.api.base import after_of, page_of
from prompts.api.below import BelowPrompt
from prompts.models import LabelMove, Prompt
from prompts.queries.environments import protected_labels
from prompts.queries.listed import label_of, moves_of
from prompts.rest import documents
from prompts.rest.bodies import LabelBody, ReasonBody, RollbackBody
from prompts.rest.parameters import MoveParameters
from prompts.rules.history import UNDO_SECONDS
from prompts.services.moving import remove_label, set_labels
from prompts.services.rolling_back import explain_rollback, roll_back, undo_rollback


class OneLabel(BelowPrompt):
    """`/api/v1/prompts/{name}/labels/{label}`"""

    @extend_schema(
        operation_id="get_prompt_label",
        parameters=[PROJECT],
        responses={200: documents.LabelDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str, label: str) -> Response:
        """Where it stands; during a rollout, the version that served before."""
        return Response(_document(self.prompt(request, name), label))

    @extend_schema(
        operation_id="move_prompt_label",
        parameters=[PROJECT],
        request=LabelBody,
        responses={200: documents.LabelDocument, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def put(self, request: Request, name: str, label: str) -> Response:
        """Move a free label. A protected one is refused with the address that proposes the move."""
        prompt = self.prompt(request, name)
        number = self.given(request, LabelBody)["version"]
        set_labels(prompt, number, [label], actor=self.actor(request))
        return Response(_document(prompt, label))

    @extend_schema(
        operation_id="remove_prompt_label",
        parameters=[PROJECT],
        responses={204: None, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def delete(self, request: Request, name: str, label: str) -> Response:
        """Take a free label away."""
        prompt = self.prompt(request, name)
        if not remove_label(prompt, label, actor=self.actor(request)):
            raise _no_label(prompt, label)
        return Response(status=status.HTTP_204_NO_CONTENT)


class History(BelowPrompt):
    """`/api/v1/prompts/{name}/history`"""

    @extend_schema(
        operation_id="list_prompt_label_moves",
        parameters=[MoveParameters],
        responses={200: documents.MovePageDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str) -> Response:
        """Every move of its labels, the newest first: who, when, from where, by which way."""
        asked = self.asked(request, MoveParameters)
        found = moves_of(self.prompt(request, name), label=asked["label"])
        if (after := after_of(asked, int)) is not None:
            found = found.filter(pk__lt=after)
        rows = list(found[: asked["limit"] + 1])
        return page_of(rows, asked["limit"], documents.move_document, lambda move: move.pk)


class Rollback(BelowPrompt):
    """`/api/v1/prompts/{name}/rollback`"""

    @extend_schema(
        operation_id="roll_back_prompt",
        parameters=[PROJECT],
        request=RollbackBody,
        responses={201: documents.RollbackDocument, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, name: str) -> Response:
        """Let a label serve what it served before, whole, from the next read on. No approval."""
        prompt = self.prompt(request, name)
        given = self.given(request, RollbackBody)
        done = roll_back(prompt, given["label"], actor=self.actor(request), reason=given["reason"])
        return Response(_rollback(done), status=status.HTTP_201_CREATED)


class OneRollback(BelowPrompt):
    """`/api/v1/prompts/{name}/rollback/{id}`"""

    @extend_schema(
        operation_id="explain_prompt_rollback",
        parameters=[PROJECT],
        request=ReasonBody,
        responses={200: documents.RollbackDocument, 404: PROBLEM, 409: PROBLEM},
    )
    def patch(self, request: Request, name: str, pk: int) -> Response:
        """Say afterwards why."""
        prompt = self.prompt(request, name)
        given = self.given(request, ReasonBody)
        done = _move(prompt, pk)
        explain_rollback(done.pk, prompt, actor=self.actor(request), reason=given["reason"])
        return Response(_rollback(_move(prompt, pk)))


class UndoneRollback(BelowPrompt):
    """`/api/v1/prompts/{name}/rollback/{id}/undo`"""

    @extend_schema(
        operation_id="undo_prompt_rollback",
        parameters=[PROJECT],
        request=None,
        responses={200: documents.LabelDocument, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, name: str, pk: int) -> Response:
        """Within 30 seconds: the label, or the rollout that it ended, is as it was."""
        prompt = self.prompt(request, name)
        done = _move(prompt, pk)
        undo_rollback(done.pk, prompt, actor=self.actor(request))
        return Response(_document(prompt, done.label))


def _document(prompt: Prompt, label: str) -> dict[str, Any]:
    found = label_of(prompt, label)
    if found is None:
        raise _no_label(prompt, label)
    return documents.label_document(found, protected_labels(prompt.project))


def _no_label(prompt: Prompt, label: str) -> NotFound:
    return NotFound(f"{prompt.name} has no label {label[:100]!r}.")


def _move(prompt: Prompt, pk: int) -> LabelMove:
    found = moves_of(prompt).filter(pk=pk, cause=LabelMove.Cause.ROLLBACK).first()
    if found is None:
        raise NotFound(f"{prompt.name} has no rollback {pk}.")
    return found


def _rollback(done: LabelMove) -> dict[str, Any]:
    return {
        **documents.move_document(done),
        "undo_until": done.at + timedelta(seconds=UNDO_SECONDS),
    }
