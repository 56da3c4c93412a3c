"""`/api/v1/costs/units`: what one of something costs, and what counts as a good end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Scope
from accounts.rest import PROBLEM, PROJECT
from costs.api.base import CostsView
from costs.models import GoodEnd
from costs.pages.units import document_of
from costs.queries.units import choices_of, range_of_days, units_by
from costs.rest import units as rest
from costs.services.errors import BadGoodEnd
from costs.services.outcomes import choose_good_end, drop_good_end
from pricing.price import usd


class UnitCosts(CostsView):
    """`/api/v1/costs/units`"""

    scope = Scope.READ

    @extend_schema(
        operation_id="get_unit_costs",
        parameters=[rest.UnitsParameters, PROJECT],
        responses={200: rest.UnitsSerializer, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Cost of a request, a trace, a session and a good end, with ranges."""
        project = self.opened(request)
        asked = rest.UnitsParameters(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        feature = given["feature"].strip()
        if not feature.isprintable():
            raise ValidationError({"feature": "It has characters that no name has."})
        within = range_of_days(str(given["days"]), datetime.now(UTC).date())
        by = str(given["by"])
        found = units_by(project, within, by, feature)
        return Response(
            {
                "since": within.since, "until": within.until,
                "whole": document_of(found.whole, by),
                "experiments_usd": usd(found.try_outs),
                "traces_looked_at": found.looked_at, "traces": found.traces,
                "all_looked_at": found.is_all,
                "data": [document_of(row, by) for row in found.rows],
                "next_cursor": None,
            }
        )  # fmt: skip


class GoodEnds(CostsView):
    """`/api/v1/costs/good-ends`"""

    scope = {"GET": Scope.READ, "PUT": Scope.ADMIN, "DELETE": Scope.ADMIN}

    @extend_schema(
        operation_id="list_good_ends",
        parameters=[PROJECT],
        responses={200: rest.GoodEndsSerializer},
    )
    def get(self, request: Request) -> Response:
        """What counts as a good end, by feature."""
        project = self.opened(request)
        chosen = sorted(choices_of(project).items())
        return Response({"data": [_told(one) for _, one in chosen], "next_cursor": None})

    @extend_schema(
        operation_id="choose_good_end",
        parameters=[PROJECT],
        request=rest.GoodEndSerializer,
        responses={200: rest.GoodEndSerializer, 400: PROBLEM},
    )
    def put(self, request: Request) -> Response:
        """Choose it, of a feature or of all without a choice of their own."""
        project = self.opened(request)
        given = self.given(request, rest.GoodEndSerializer)
        try:
            chosen = choose_good_end(project, **given, actor=self.actor(request))
        except BadGoodEnd as bad:
            raise ValidationError({bad.where or "good_end": str(bad)}) from bad
        return Response(_told(chosen))

    @extend_schema(
        operation_id="drop_good_end",
        parameters=[PROJECT, rest.DroppedParameters],
        responses={204: None, 404: PROBLEM},
    )
    def delete(self, request: Request) -> Response:
        """Drop the choice of `?feature=`."""
        project = self.opened(request)
        chosen = choices_of(project).get(request.query_params.get("feature", ""))
        if chosen is not None:
            drop_good_end(chosen, actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _told(one: GoodEnd) -> dict[str, Any]:
    return {
        "feature": one.feature, "kind": one.kind, "name": one.name, "test": one.test,
        "value": one.value, "bar": one.bar, "source": one.source,
    }  # fmt: skip
