"""`/api/v1/budgets/check`, `/reserve` and `/settle`: what a caller asks before and after a call."""

from __future__ import annotations

from django.db.models import prefetch_related_objects
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import GatewayThrottle
from accounts.models import Project, Role, Scope
from accounts.rest import PROBLEM, PROJECT
from accounts.verification import Bearer
from costs.api.base import CostsView
from costs.queries.budgets import Call
from costs.queries.calls import counts_against, standings_for
from costs.rest import budgets as rest
from costs.services.errors import OverBudget
from costs.services.reserving import must_hold, reserve
from costs.services.settling import settle


class GatewayView(CostsView):
    """A key needs the scope gateway; a person, the role of an engineer."""

    scope = Scope.GATEWAY
    least_to_write = Role.ENGINEER
    throttle_classes = (GatewayThrottle,)

    def place_of(self, request: Request) -> Project:
        """The project, of a key's without asking the database. Raises: as `opened`."""
        if isinstance(request.auth, Bearer):
            return Project(pk=request.auth.project_id, organization_id=request.auth.organization_id)
        return self.opened(request)


def _call(request: Request, given: dict[str, object]) -> Call:
    key = request.auth.public_key if isinstance(request.auth, Bearer) else ""
    return Call(
        feature=str(given["feature"]),
        model=str(given["model"]),
        segment=str(given["user_segment"]),
        key=key,
    )


class Check(GatewayView):
    """`/api/v1/budgets/check`"""

    @extend_schema(
        operation_id="check_budgets",
        parameters=[rest.CallSerializer, PROJECT],
        responses={200: rest.CheckSerializer},
    )
    def get(self, request: Request) -> Response:
        """Whether a call of a feature, model or segment may run now; nothing is put aside."""
        asked = rest.CallSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        project, now = self.place_of(request), timezone.now()
        place = project.pk, project.organization_id, _call(request, given)
        found = [one for one in standings_for([place], now) if counts_against(one.budget, place)]
        prefetch_related_objects([one.budget for one in found], "owner")
        reason = ""
        for standing in found:
            wanted = rest.nano(given["amount_usd"]) if standing.budget.is_money else given["tokens"]
            try:
                # A budget that is gone lets nothing through, however little is asked.
                must_hold(standing, max(wanted, 1), now)
            except OverBudget as over:
                reason = reason or str(over)
        documents = [rest.budget_document(one, now) for one in found]
        return Response({"allowed": not reason, "reason": reason, "budgets": documents})


class Reserve(GatewayView):
    """`/api/v1/budgets/reserve`"""

    @extend_schema(
        operation_id="reserve_budget",
        parameters=[PROJECT],
        request=rest.ReserveSerializer,
        responses={201: rest.ReservationSerializer, 402: rest.OverBudgetSerializer, 400: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Put aside what a call may cost; 402 where a hard budget does not hold it."""
        given = self.given(request, rest.ReserveSerializer)
        made = reserve(
            self.place_of(request),
            nano=rest.nano(given["amount_usd"]),
            tokens=given["tokens"],
            call=_call(request, given),
            key_id=request.auth.key_id if isinstance(request.auth, Bearer) else None,
            uid=given["id"],
            seconds=given["ttl_seconds"],
        )
        return Response(rest.reservation_document(made), status=201)


class Settle(GatewayView):
    """`/api/v1/budgets/settle`"""

    @extend_schema(
        operation_id="settle_budget",
        parameters=[PROJECT],
        request=rest.SettleSerializer,
        responses={200: rest.ReservationSerializer, 400: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Say what a call cost in the end; 0 gives back what was put aside."""
        given = self.given(request, rest.SettleSerializer)
        done = settle(
            self.place_of(request),
            given["id"],
            nano=rest.nano(given["amount_usd"]),
            tokens=given["tokens"],
        )
        return Response(rest.reservation_document(done))
