"""`/api/v1/budgets`: listed, made, changed, raised, drilled, deleted."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, Scope
from accounts.rest import PROBLEM, PROJECT
from costs.api.base import CostsView
from costs.models import Budget, Unit
from costs.models import Scope as BudgetScope
from costs.queries.budgets import budgets_of, standings
from costs.rest import budgets as rest
from costs.services import budgets as services
from kit.rest_lists import ListParameters, pk_page


class BudgetsView(CostsView):
    """A key that may read reads; admins, and keys with that scope, change."""

    scope = {
        "GET": Scope.READ, "POST": Scope.ADMIN, "PATCH": Scope.ADMIN, "DELETE": Scope.ADMIN,
    }  # fmt: skip

    def told(self, budgets: list[Budget]) -> list[dict[str, Any]]:
        """Documents of budgets."""
        now = timezone.now()
        return [rest.budget_document(one, now) for one in standings(budgets, now)]


class Budgets(BudgetsView):
    """`/api/v1/budgets`"""

    @extend_schema(
        operation_id="list_budgets",
        parameters=[ListParameters, PROJECT],
        responses={200: rest.BudgetPageSerializer},
    )
    def get(self, request: Request) -> Response:
        """The project's budgets and its organization's, with what is spent, newest first."""
        rows = budgets_of(self.opened(request))
        return pk_page(rows, ListParameters.of(request), self.told)

    @extend_schema(
        operation_id="create_budget",
        parameters=[PROJECT],
        request=rest.NewBudgetSerializer,
        responses={201: rest.BudgetSerializer, 400: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Make a budget; a hard one refuses reservations that would go over it."""
        project = self.opened(request)
        given = self.given(request, rest.NewBudgetSerializer)
        if given["scope"] == BudgetScope.ORGANIZATION:
            self.refuse_key(request)
        is_money = "limit_usd" in given
        owner = self.member(project, given["owner"]) if "owner" in given else None
        made = services.create_budget(
            project,
            name=given["name"],
            scope=given["scope"],
            value=given["value"],
            unit=Unit.MONEY if is_money else Unit.TOKENS,
            period=given["period"],
            rolling_hours=given.get("rolling_hours"),
            limit=rest.nano(given["limit_usd"]) if is_money else given["limit_tokens"],
            is_hard=given["hard"],
            owner=owner,
            note=given["note"],
            actor=self.actor(request),
        )
        return Response(self.told([made])[0], status=status.HTTP_201_CREATED)


class OneBudget(BudgetsView):
    """`/api/v1/budgets/{id}`"""

    @extend_schema(
        operation_id="get_budget",
        parameters=[PROJECT],
        responses={200: rest.BudgetSerializer, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """One budget and how it stands."""
        _, budget = self.budget(request, pk)
        return Response(self.told([budget])[0])

    @extend_schema(
        operation_id="change_budget",
        parameters=[PROJECT],
        request=rest.ChangedBudgetSerializer,
        responses={200: rest.BudgetSerializer, 400: PROBLEM, 404: PROBLEM},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given. A hard budget is raised with consent: see `raise`."""
        project, budget = self.budget(request, pk)
        given = self.given(request, rest.ChangedBudgetSerializer)
        changed = services.change_budget(
            budget,
            project=project,
            name=given.get("name"),
            limit=rest.units(budget, given["limit"]) if "limit" in given else None,
            is_hard=given.get("hard"),
            is_enabled=given.get("enabled"),
            owner=self.member(project, given["owner"]) if "owner" in given else None,
            note=given.get("note"),
            actor=self.actor(request),
        )
        return Response(self.told([changed])[0])

    @extend_schema(operation_id="delete_budget", parameters=[PROJECT], responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Nothing is held against it any more."""
        project, budget = self.budget(request, pk)
        services.delete_budget(budget, project=project, actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Raise(BudgetsView):
    """`/api/v1/budgets/{id}/raise`"""

    least_to_write = Role.ENGINEER

    @extend_schema(
        operation_id="ask_budget_raise",
        parameters=[PROJECT],
        request=rest.AskRaiseSerializer,
        responses={201: rest.RaiseSerializer, 400: PROBLEM, 404: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Ask the owner for a higher limit."""
        project, budget = self.budget(request, pk)
        given = self.given(request, rest.AskRaiseSerializer)
        asked = services.ask_raise(
            budget,
            project=project,
            limit=rest.units(budget, given["limit"]),
            reason=given["reason"],
            actor=self.actor(request),
        )
        said = {
            "id": asked.pk, "limit": rest.amount(budget, asked.limit), "reason": asked.reason,
            "state": asked.state,
        }  # fmt: skip
        return Response(said, status=status.HTTP_201_CREATED)


class Drill(BudgetsView):
    """`/api/v1/budgets/{id}/drill`"""

    @extend_schema(
        operation_id="drill_budget",
        parameters=[PROJECT],
        request=None,
        responses={202: None, 404: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Let the page go out as if the budget were gone, to see that it arrives."""
        project, budget = self.budget(request, pk)
        services.drill(budget, project=project, actor=self.actor(request))
        return Response(status=status.HTTP_202_ACCEPTED)
