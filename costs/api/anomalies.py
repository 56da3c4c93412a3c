"""`/api/v1/anomalies` and `/api/v1/planned-events`: what was unexpected, and what is planned."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, Scope
from accounts.rest import PROBLEM, PROJECT
from costs.api.base import CostsView
from costs.models import Anomaly, PlannedEvent
from costs.queries.anomalies import anomalies_of
from costs.rest import anomalies as rest
from costs.services import anomalies as services
from kit.rest_lists import ListParameters, pk_page


class ReadView(CostsView):
    """A key that may read reads; engineers, and keys that may administrate, change."""

    scope = {"GET": Scope.READ, "POST": Scope.ADMIN, "DELETE": Scope.ADMIN}
    least_to_write = Role.ENGINEER

    def anomaly(self, request: Request, pk: int) -> Anomaly:
        """Raises: NotFound, and those of `opened`."""
        rows = anomalies_of(self.opened(request)).select_related("project", "acknowledged_by")
        found = rows.filter(pk=pk).first()
        if found is None:
            raise NotFound(f"This project has no anomaly {pk}.")
        return found


class Anomalies(ReadView):
    """`/api/v1/anomalies`"""

    @extend_schema(
        operation_id="list_anomalies",
        parameters=[rest.AnomalyParameters, PROJECT],
        responses={200: rest.AnomalyPageSerializer, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Spend that nobody expected, the last found first."""
        asked = rest.AnomalyParameters.of(request)
        rows = anomalies_of(self.opened(request)).select_related("project", "acknowledged_by")
        for name in ("state", "grain", "feature"):
            if name in asked:
                rows = rows.filter(**{name: asked[name]})
        if "since" in asked:
            rows = rows.filter(since__gte=asked["since"])
        return pk_page(rows, asked, lambda page: [rest.anomaly_document(one) for one in page])


class OneAnomaly(ReadView):
    """`/api/v1/anomalies/{id}`"""

    @extend_schema(
        operation_id="get_anomaly",
        parameters=[PROJECT],
        responses={200: rest.WholeAnomalySerializer, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """One anomaly: who spent it, what it grew by, what was used."""
        return Response(rest.whole_document(self.anomaly(request, pk)))


class Acknowledge(ReadView):
    """`/api/v1/anomalies/{id}/acknowledge`"""

    @extend_schema(
        operation_id="acknowledge_anomaly",
        parameters=[PROJECT],
        request=None,
        responses={200: rest.AnomalySerializer, 404: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Somebody looks after it; it stays open. Again changes nothing."""
        done = services.acknowledge(self.anomaly(request, pk), actor=self.actor(request))
        return Response(rest.anomaly_document(done))


class Normal(ReadView):
    """`/api/v1/anomalies/{id}/normal`"""

    @extend_schema(
        operation_id="call_anomaly_normal",
        parameters=[PROJECT],
        request=None,
        responses={200: rest.AnomalySerializer, 404: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """What runs since then is normal: later spend is compared with it."""
        done = services.call_normal(self.anomaly(request, pk), actor=self.actor(request))
        return Response(rest.anomaly_document(done))


class PlannedEvents(ReadView):
    """`/api/v1/planned-events`"""

    @extend_schema(
        operation_id="list_planned_events",
        parameters=[ListParameters, PROJECT],
        responses={200: rest.PlannedEventPageSerializer},
    )
    def get(self, request: Request) -> Response:
        """Launches and holidays, the last planned first."""
        rows = PlannedEvent.objects.filter(project=self.opened(request))
        asked = ListParameters.of(request)
        return pk_page(rows, asked, lambda page: [rest.event_document(one) for one in page])

    @extend_schema(
        operation_id="plan_event",
        parameters=[PROJECT],
        request=rest.NewEventSerializer,
        responses={201: rest.PlannedEventSerializer, 400: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Expect other spend for a time: twice the bars, or on a holiday no alert at all."""
        project = self.opened(request)
        given: dict[str, Any] = self.given(request, rest.NewEventSerializer)
        made = services.plan_event(
            project,
            since=given["since"],
            until=given["until"],
            note=given["note"],
            feature=given["feature"],
            is_holiday=given["holiday"],
            actor=self.actor(request),
        )
        return Response(rest.event_document(made), status=status.HTTP_201_CREATED)


class OneEvent(ReadView):
    """`/api/v1/planned-events/{id}`"""

    @extend_schema(
        operation_id="drop_planned_event",
        parameters=[PROJECT],
        responses={204: None, 404: PROBLEM},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """The event is expected no more."""
        found = PlannedEvent.objects.filter(project=self.opened(request), pk=pk).first()
        if found is None:
            raise NotFound(f"This project has no planned event {pk}.")
        services.drop_event(found, actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
