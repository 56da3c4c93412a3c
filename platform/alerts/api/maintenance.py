"""`/api/v1/alerts/maintenance`: times in which nothing is sent, as a deploy says them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from alerts.api.incidents import AlertsView
from alerts.models import MaintenanceWindow
from alerts.queries.quiet import list_windows, window_of
from alerts.quiet import window_end
from alerts.services.quiet import cancel_maintenance, plan_maintenance
from kit.rest_lists import ListParameters, pk_page


class NewMaintenanceSerializer(serializers.Serializer[Any]):
    """What is to be kept and not sent, and why."""

    reason = serializers.CharField(max_length=200)
    begins_at = serializers.DateTimeField(required=False, help_text="left out: now")
    ends_at = serializers.DateTimeField()
    feature = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="'': the project"
    )
    is_weekly = serializers.BooleanField(required=False, default=False)
    zone = serializers.CharField(max_length=64, required=False, default="UTC")


class MaintenanceSerializer(serializers.ModelSerializer[MaintenanceWindow]):
    """A window; `holds_until` is null while it holds nothing back."""

    made_by = serializers.CharField(source="made_by_label")
    holds_until = serializers.SerializerMethodField()

    class Meta:
        model = MaintenanceWindow
        fields = (
            "id", "reason", "feature", "begins_at", "ends_at", "is_weekly", "zone", "made_by",
            "created_at", "holds_until",
        )  # fmt: skip
        read_only_fields = fields

    def get_holds_until(self, row: MaintenanceWindow) -> str | None:
        """When it is over, while now lies in it."""
        until = window_end(window_of(row), timezone.now())
        return None if until is None else until.isoformat()


class MaintenancePageSerializer(serializers.Serializer[Any]):
    """A page of windows."""

    data = MaintenanceSerializer(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


class Maintenance(AlertsView):
    """`/api/v1/alerts/maintenance`"""

    @extend_schema(
        operation_id="list_maintenance",
        parameters=[ListParameters, PROJECT],
        responses={200: MaintenancePageSerializer},
    )
    def get(self, request: Request) -> Response:
        """Weekly windows, and those that are not over, newest first."""
        rows = list_windows(self.opened(request), timezone.now()).order_by("-pk")
        asked = ListParameters.of(request)
        return pk_page(rows, asked, lambda page: MaintenanceSerializer(page, many=True).data)

    @extend_schema(
        operation_id="plan_maintenance",
        parameters=[PROJECT],
        request=NewMaintenanceSerializer,
        responses={201: MaintenanceSerializer, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Incidents of that time are kept and not sent; what still stands at its end is."""
        said = self.given(request, NewMaintenanceSerializer)
        said.setdefault("begins_at", timezone.now())
        made = plan_maintenance(self.opened(request), **said, actor=self.actor(request))
        return Response(MaintenanceSerializer(made).data, status=status.HTTP_201_CREATED)


class OneMaintenance(AlertsView):
    """`/api/v1/alerts/maintenance/{id}`"""

    @extend_schema(
        operation_id="end_maintenance", parameters=[PROJECT], responses={204: None, 404: PROBLEM}
    )
    def delete(self, request: Request, pk: int) -> Response:
        """It is over; what it held back is told at the next look."""
        rows = MaintenanceWindow.objects.filter(project=self.opened(request), pk=min(pk, 2**63 - 1))
        found = rows.select_related("project__organization").first()
        if found is None:
            raise NotFound(f"This project has no window {pk}.")
        cancel_maintenance(found, actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
