"""`/api/v1/spend`: what was spent, by one dimension; the figures of the pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Scope
from accounts.rest import PROBLEM, PROJECT
from costs.api.base import CostsView
from costs.queries.days import Days
from costs.queries.dimensions import NARROWS, dimension_of
from costs.queries.spending import spend_by, sum_of
from costs.rest import spend as rest

_USUAL = timedelta(days=28)


class SpendView(CostsView):
    """`/api/v1/spend`"""

    scope = Scope.READ

    @extend_schema(
        operation_id="get_spend",
        parameters=[rest.SpendParameters, PROJECT],
        responses={200: rest.SpendSerializer, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Spend of whole days (UTC; the last 28 unless said), the dearest first.

        Of users, who are known by environment alone, other parameters do not narrow.
        """
        asked = rest.SpendParameters(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        project = self.opened(request)
        until = given.get("until") or datetime.now(UTC).date() + timedelta(days=1)
        since = given.get("since") or until - _USUAL
        if not since < until <= since + timedelta(days=rest.MOST_DAYS):
            since = max(min(since, until - timedelta(days=1)),
                        until - timedelta(days=rest.MOST_DAYS))  # fmt: skip
        dimension = dimension_of(given["by"])
        names = {"env": "environment"}
        equal = {
            column: given[names.get(name, name)]
            for name, column in NARROWS.items()
            if given.get(names.get(name, name)) and (dimension.columns or name == "env")
        }
        days = Days("", "", since, until, since - (until - since), since, "")
        rows = spend_by(project.pk, days, dimension, equal, most_users=given["limit"])
        said = [row for row in rows if row.is_said]
        shown = said[: given["limit"]] + [row for row in rows if not row.is_said]
        return Response(
            rest.spend_document(
                dimension.name, (since, until), shown, sum_of(rows), len(rows) - len(shown)
            )
        )
