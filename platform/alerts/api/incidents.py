"""`/api/v1/alerts`: incidents listed, opened by programs, and acted on."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, Scope
from accounts.queries import list_members
from accounts.rest import PROBLEM, PROJECT, ProjectView
from alerts import serializers as forms
from alerts.models import Incident
from alerts.queries import incidents as queries
from alerts.services import acting
from alerts.services.incidents import open_incident
from kit.rest_lists import pk_page


class AlertsView(ProjectView):
    """A key reads with the scope read and acts with evals; a person acts as an engineer."""

    scope = {
        "GET": Scope.READ,
        "POST": Scope.EVALS,
        "PATCH": Scope.EVALS,
        "PUT": Scope.EVALS,
        "DELETE": Scope.EVALS,
    }
    least_to_write = Role.ENGINEER

    def incident(self, request: Request, pk: int) -> Incident:
        """An incident of the project. Raises: NotFound."""
        found = queries.get_incident(self.opened(request), pk)
        if found is None:
            raise NotFound(f"This project has no incident {pk}.")
        return found

    def given(self, request: Request, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The checked body. Raises: ValidationError."""
        body = kind(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)


class Incidents(AlertsView):
    """`/api/v1/alerts`"""

    @extend_schema(
        operation_id="list_alerts",
        parameters=[forms.IncidentListSerializer, PROJECT],
        responses={200: forms.IncidentPageSerializer},
    )
    def get(self, request: Request) -> Response:
        """The project's incidents, newest first; those folded into another stand with that."""
        asked = forms.IncidentListSerializer.of(request)
        rows = queries.list_incidents(
            self.opened(request), state=asked["state"], feature=asked["feature"]
        )
        return pk_page(rows, asked, lambda page: forms.IncidentSerializer(page, many=True).data)

    @extend_schema(
        operation_id="open_alert",
        parameters=[PROJECT],
        request=forms.NewIncidentSerializer,
        responses={200: forms.IncidentSerializer, 201: forms.IncidentSerializer, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Say that something is wrong: 201 for a new incident, 200 for the one that is open."""
        project = self.opened(request)
        body = forms.NewIncidentSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        made = open_incident(project, **body.wanted(), actor=self.actor(request))
        is_new = made.times_seen == 1
        return Response(
            forms.IncidentSerializer(made).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )


class OneIncident(AlertsView):
    """`/api/v1/alerts/{id}`"""

    @extend_schema(
        operation_id="get_alert",
        parameters=[PROJECT],
        responses={200: forms.WholeIncidentSerializer, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """An incident with its timeline, the newest step first."""
        incident = self.incident(request, pk)
        steps = forms.StepSerializer(queries.list_steps(incident), many=True).data
        return Response({**forms.IncidentSerializer(incident).data, "steps": steps})


class Acknowledged(AlertsView):
    """`/api/v1/alerts/{id}/acknowledge`"""

    @extend_schema(
        operation_id="acknowledge_alert",
        parameters=[PROJECT],
        request=forms.NoteSerializer,
        responses={200: forms.IncidentSerializer, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Somebody is on it; it escalates no further."""
        incident = self.incident(request, pk)
        said = self.given(request, forms.NoteSerializer)
        done = acting.acknowledge(incident, actor=self.actor(request), text=said["text"])
        return Response(forms.IncidentSerializer(done).data)


class Snoozed(AlertsView):
    """`/api/v1/alerts/{id}/snooze`"""

    @extend_schema(
        operation_id="snooze_alert",
        parameters=[PROJECT],
        request=forms.SnoozeSerializer,
        responses={200: forms.IncidentSerializer, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Nothing is heard of it until then; unless it is resolved, it opens again."""
        incident = self.incident(request, pk)
        said = self.given(request, forms.SnoozeSerializer)
        done = acting.snooze(
            incident, until=said["until"], actor=self.actor(request), text=said["text"]
        )
        return Response(forms.IncidentSerializer(done).data)


class Assigned(AlertsView):
    """`/api/v1/alerts/{id}/assign`"""

    @extend_schema(
        operation_id="assign_alert",
        parameters=[PROJECT],
        request=forms.AssignSerializer,
        responses={200: forms.IncidentSerializer, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Give it to a member of the project."""
        incident = self.incident(request, pk)
        email = self.given(request, forms.AssignSerializer)["owner"].lower()
        members = {row.user.email: row.user for row in list_members(incident.project)}
        if email not in members:
            raise ValidationError({"owner": "No member of this project has this address."})
        done = acting.assign(incident, owner=members[email], actor=self.actor(request))
        return Response(forms.IncidentSerializer(done).data)


class Resolved(AlertsView):
    """`/api/v1/alerts/{id}/resolve`"""

    @extend_schema(
        operation_id="resolve_alert",
        parameters=[PROJECT],
        request=forms.NoteSerializer,
        responses={200: forms.IncidentSerializer, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """It is over, with all that is folded into it."""
        incident = self.incident(request, pk)
        said = self.given(request, forms.NoteSerializer)
        done = acting.resolve(incident, actor=self.actor(request), text=said["text"])
        return Response(forms.IncidentSerializer(done).data)
