"""`/api/v1/savings`: what could be saved, and what is not followed."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, Scope
from accounts.rest import PROBLEM, PROJECT
from costs.api.base import CostsView
from costs.models import SavingsAdvice, SavingsReading
from costs.queries.savings import advice_of, reading_of
from costs.rest.savings import DismissSerializer, SavingsPageSerializer, SavingsSerializer
from costs.services import savings as services
from costs.services.errors import BadDismissal
from kit.rest_lists import ListParameters, pk_page
from pricing.price import usd


class SavingsView(CostsView):
    """A key that may read reads; engineers, and keys with the scope `admin`, dismiss."""

    scope = {"GET": Scope.READ, "POST": Scope.ADMIN}  # fmt: skip
    least_to_write = Role.ENGINEER

    def advice(self, request: Request, pk: int) -> SavingsAdvice:
        """The project's advice. Raises: NotFound, and those of `opened`."""
        found = advice_of(self.opened(request)).filter(pk=pk).first()
        if found is None:
            raise NotFound(f"This project has no savings advice {pk}.")
        return found

    def handle_exception(self, exc: Exception) -> Response:
        """A dismissal without a reason is the sender's mistake."""
        if isinstance(exc, BadDismissal):
            exc = ValidationError({"reason": str(exc)})
        return super().handle_exception(exc)


class Savings(SavingsView):
    """`/api/v1/savings`"""

    @extend_schema(
        operation_id="list_savings",
        parameters=[ListParameters, PROJECT],
        responses={200: SavingsPageSerializer},
    )
    def get(self, request: Request) -> Response:
        """Advice that stands or was dismissed, newest first, and what all of it saves at most."""
        project = self.opened(request)
        rows = advice_of(project).exclude(state=SavingsAdvice.State.OVER)
        page = pk_page(rows, ListParameters.of(request), lambda found: list(map(_document, found)))
        page.data |= _of(reading_of(project))
        return page


class Dismiss(SavingsView):
    """`/api/v1/savings/{id}/dismiss`"""

    @extend_schema(
        operation_id="dismiss_savings",
        parameters=[PROJECT],
        request=DismissSerializer,
        responses={200: SavingsSerializer, 400: PROBLEM, 404: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Not followed, and why; it comes back when its amount has doubled."""
        found = self.advice(request, pk)
        given = self.given(request, DismissSerializer)
        done = services.dismiss(found, reason=given["reason"], actor=self.actor(request))
        return Response(_document(done), status=status.HTTP_200_OK)


class Reopen(SavingsView):
    """`/api/v1/savings/{id}/reopen`"""

    @extend_schema(
        operation_id="reopen_savings",
        parameters=[PROJECT],
        request=None,
        responses={200: SavingsSerializer, 404: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """It stands again."""
        done = services.reopen(self.advice(request, pk), actor=self.actor(request))
        return Response(_document(done))


def _of(reading: SavingsReading | None) -> dict[str, Any]:
    return {
        "together_usd": usd(reading.together) if reading else None,
        "month_usd": usd(reading.month) if reading else None,
        "read_until": reading.read_until if reading else None,
    }


def _document(one: SavingsAdvice) -> dict[str, Any]:
    return {
        "id": one.pk, "kind": one.kind, "state": one.state, "feature": one.feature,
        "model": one.model, "prompt": one.prompt, "cheaper_model": one.other,
        "amount_usd": usd(one.amount), "low_usd": usd(one.low), "high_usd": usd(one.high),
        "known": one.is_known, "evidence": one.evidence, "assumptions": one.assumptions,
        "traces": one.traces, "reason": one.reason, "found_at": one.found_at.isoformat(),
    }  # fmt: skip
