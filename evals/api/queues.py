"""REST of review queues: made and filled by people and programs, labelled by people alone."""

from __future__ import annotations

import secrets
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project, Role, User
from accounts.rest import PROBLEM, PROJECT
from evals.api.base import EvalsView
from evals.models import Evaluator, Experiment, QueueItem, ReviewQueue
from evals.queries.labels import labels_of_project
from evals.queries.queue_candidates import of_traces, pick
from evals.queries.queues import queue_of, queues_of, state_counts
from evals.rest import queue_documents as documents
from evals.rest.queue_bodies import (
    AddBody,
    ItemParameters,
    LabelParameters,
    LabelsBody,
    QueueBody,
)
from evals.services import labelling
from evals.services.labelling import Given
from evals.services.queues import Wanted, add_items, create_queue
from kit.rest_lists import ListParameters, pk_page

PEOPLE_ONLY = "Labels come from people: sign in, a key cannot say what a person thinks."


class QueuesView(EvalsView):
    """Finds the queue that an address names."""

    def queue(self, request: Request, pk: int) -> ReviewQueue:
        """An open queue. Raises: NotFound, and those of `opened`."""
        project = self.opened(request)
        found = queue_of(project, pk) if pk < 2**63 else None
        if found is None or found.archived_at is not None:
            raise NotFound(f"This project has no queue {pk}.")
        return found

    def labeller(self, request: Request) -> User:
        """The person who labels. Raises: PermissionDenied for a key."""
        actor = self.actor(request)
        if not isinstance(actor, User):
            raise PermissionDenied(PEOPLE_ONLY)
        return actor

    def item(self, queue: ReviewQueue, pk: int) -> QueueItem:
        """An answer of the queue. Raises: NotFound."""
        found = queue.items.filter(pk=pk).first() if pk < 2**63 else None
        if found is None:
            raise NotFound(f"The queue {queue.pk} has no answer {pk}.")
        found.queue = queue
        return found

    def evaluator(self, project: Project, name: str) -> Evaluator | None:
        """The evaluator of that name, None for ''. Raises: ValidationError."""
        if not name:
            return None
        found = (
            Evaluator.objects.filter(project=project, name=name, archived_at=None).first()
            if "\0" not in name
            else None
        )
        if found is None:
            raise ValidationError({"evaluator": f"There is no evaluator {name[:200]!r}."})
        return found


class Queues(QueuesView):
    """`/api/v1/queues`"""

    least_to_write = Role.REVIEWER

    @extend_schema(
        operation_id="list_queues",
        parameters=[PROJECT, ListParameters],
        responses={200: documents.QueuePageDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """A page of open queues, the newest first."""

        def shown(rows: list[Any]) -> list[dict[str, Any]]:
            return [
                documents.queue_document(
                    one,
                    {"open": one.items_open, "done": one.items_done, "flagged": one.items_flagged},
                )
                for one in rows
            ]

        rows = queues_of(self.opened(request))
        return pk_page(rows, self.asked(request, ListParameters), shown)

    @extend_schema(
        operation_id="create_queue",
        parameters=[PROJECT],
        request=QueueBody,
        responses={201: documents.QueueDocument, 400: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Make a queue. A person needs the role reviewer."""
        project = self.opened(request)
        given = self.given(request, QueueBody)
        wanted = Wanted(
            name=given["name"],
            description=given["description"],
            instructions=given["instructions"],
            evaluator=self.evaluator(project, given["evaluator"]),
            fields=given.get("asked", ()),
            people_each=given["people_each"],
            is_blind=given["blind"],
        )
        made = create_queue(project, wanted, actor=self.actor(request))
        return Response(documents.queue_document(made, {}), status=status.HTTP_201_CREATED)


class OneQueue(QueuesView):
    """`/api/v1/queues/{id}`"""

    @extend_schema(
        operation_id="get_queue",
        parameters=[PROJECT],
        responses={200: documents.QueueDocument, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """One queue."""
        queue = self.queue(request, pk)
        return Response(documents.queue_document(queue, state_counts(queue)))


class QueueItems(QueuesView):
    """`/api/v1/queues/{id}/items`"""

    @extend_schema(
        operation_id="list_queue_items",
        parameters=[PROJECT, ItemParameters],
        responses={200: documents.QueueItemPageDocument, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """A page of answers, the newest first."""
        queue = self.queue(request, pk)
        asked = self.asked(request, ItemParameters)
        rows = queue.items.filter(state=asked["state"]) if "state" in asked else queue.items.all()
        return pk_page(
            rows,
            asked,
            lambda found: [documents.item_document(one, is_blind=queue.is_blind) for one in found],
        )

    @extend_schema(
        operation_id="add_queue_items",
        parameters=[PROJECT],
        request=AddBody,
        responses={200: documents.AddedDocument, 400: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Add traces, or answers picked for a reason; what is there already is passed over."""
        queue = self.queue(request, pk)
        given = self.given(request, AddBody)
        reason = given.get("reason", QueueItem.Reason.CHOSEN)
        if traces := given.get("traces"):
            found = of_traces(traces)
        else:
            experiment = None
            if given.get("experiment") is not None:
                experiment = Experiment.objects.filter(
                    project=queue.project, number=given["experiment"]
                ).first()
                if experiment is None:
                    raise ValidationError({"experiment": "There is no experiment of that number."})
            by = self.evaluator(queue.project, given["evaluator"]) or queue.evaluator
            found = pick(
                queue, by, reason, most=given["most"], seed=secrets.randbits(32),
                experiment=experiment,
            )  # fmt: skip
        added = add_items(queue, found, actor=self.actor(request), reason=reason)
        return Response({"added": added.added, "known": added.known, "missing": added.missing})


class NextItem(QueuesView):
    """`/api/v1/queues/{id}/next`"""

    @extend_schema(
        operation_id="take_queue_item",
        parameters=[PROJECT],
        request=None,
        responses={200: documents.QueueItemDocument, 204: None, 403: PROBLEM, 404: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Take the next answer for 15 minutes; 204 where none is left. Only for a person."""
        queue = self.queue(request, pk)
        found = labelling.take_next(queue, self.labeller(request))
        if found is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(documents.item_document(found, is_blind=queue.is_blind))


class ItemLabels(QueuesView):
    """`/api/v1/queues/{id}/items/{item}/labels`"""

    @extend_schema(
        operation_id="label_queue_item",
        parameters=[PROJECT],
        request=LabelsBody,
        responses={200: documents.QueueItemDocument, 400: PROBLEM, 403: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, pk: int, item: int) -> Response:
        """Say what one thinks of an answer. Only for a person; 409 where another has it."""
        queue = self.queue(request, pk)
        found = self.item(queue, item)
        given = self.given(request, LabelsBody)
        said = {one["name"]: Given(one["value"], one["reason"]) for one in given["labels"]}
        known = {str(one["name"]) for one in queue.fields}
        if unknown := sorted(set(said) - known):
            raise ValidationError({"labels": f"The queue does not ask for {unknown[0][:200]!r}."})
        kept = labelling.save_labels(
            found, said, actor=self.labeller(request), seconds=given.get("seconds")
        )
        return Response(documents.item_document(kept, is_blind=queue.is_blind))


class Labels(QueuesView):
    """`/api/v1/labels`"""

    @extend_schema(
        operation_id="list_labels",
        parameters=[PROJECT, LabelParameters],
        responses={200: documents.LabelPageDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """A page of labels by people, the newest first."""
        asked = self.asked(request, LabelParameters)
        rows = labels_of_project(self.opened(request), name=asked["name"])
        return pk_page(rows, asked, lambda found: list(map(documents.label_document, found)))
