"""`/api/v1/costs/plans`: what a feature will cost, kept, and what came of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project, Role, Scope
from accounts.rest import PROBLEM, PROJECT
from costs.api.base import CostsView
from costs.models import Plan, PlanVersion
from costs.queries.plans import newest_versions, outlooks, plans_of, reality, versions_of
from costs.rest import plans as rest
from costs.services import plans as services
from costs.services.errors import BadTerms, PlanIsGone
from kit.rest_lists import ListParameters, pk_page

VERSION = OpenApiParameter("version", int, description="Its number; the newest by default.")


class PlansView(CostsView):
    """A key that may read reads; engineers, and keys of evals, make plans."""

    scope = {
        "GET": Scope.READ, "POST": Scope.EVALS, "PUT": Scope.EVALS, "DELETE": Scope.EVALS,
    }  # fmt: skip
    least_to_write = Role.ENGINEER

    def plan(self, request: Request, pk: int) -> tuple[Project, Plan]:
        """The project and its plan. Raises: NotFound, and those of `opened`."""
        project = self.opened(request)
        found = plans_of(project).filter(pk=pk).first()
        if found is None:
            raise NotFound(f"This project has no cost plan {pk}.")
        return project, found

    def told(self, project: Project, plan: Plan, version: PlanVersion) -> dict[str, Any]:
        """The document of a version."""
        terms, models = outlooks(version)
        real = reality(project.pk, terms, models[0], datetime.now(UTC).date())
        return rest.plan_document(version, plan.name, real)

    def handle_exception(self, exc: Exception) -> Response:
        """Refusals of plans in the status that fits them."""
        if isinstance(exc, BadTerms):
            exc = ValidationError({exc.where or "terms": str(exc)})
        if isinstance(exc, PlanIsGone):
            exc = NotFound(str(exc))
        return super().handle_exception(exc)


class Plans(PlansView):
    """`/api/v1/costs/plans`"""

    @extend_schema(
        operation_id="list_cost_plans",
        parameters=[ListParameters, PROJECT],
        responses={200: rest.PlanPageSerializer},
    )
    def get(self, request: Request) -> Response:
        """The project's plans, the newest first, with the money of their first 30 days."""
        rows = plans_of(self.opened(request))
        return pk_page(rows, ListParameters.of(request), _shorts)

    @extend_schema(
        operation_id="create_cost_plan",
        parameters=[PROJECT],
        request=rest.NewPlanSerializer,
        responses={201: rest.PlanSerializer, 400: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Make a plan, at prices that are kept with it."""
        project = self.opened(request)
        given = self.given(request, rest.NewPlanSerializer)
        made = services.create_plan(
            project,
            name=given["name"],
            draft=rest.draft_of(given["terms"]),
            note=given["note"],
            actor=self.actor(request),
        )
        said = self.told(project, made, versions_of(made)[0])
        return Response(said, status=status.HTTP_201_CREATED)


class OnePlan(PlansView):
    """`/api/v1/costs/plans/{id}`"""

    @extend_schema(
        operation_id="get_cost_plan",
        parameters=[VERSION, PROJECT],
        responses={200: rest.PlanSerializer, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """One version of a plan: money, where its budget breaks, what was spent since."""
        project, plan = self.plan(request, pk)
        asked = request.query_params.get("version", "")
        versions = versions_of(plan)
        found = [one for one in versions if not asked or str(one.number) == asked]
        if not found:
            raise NotFound("This plan has no such version.")
        return Response(self.told(project, plan, found[0]))

    @extend_schema(
        operation_id="change_cost_plan",
        parameters=[PROJECT],
        request=rest.NewPlanSerializer,
        responses={200: rest.PlanSerializer, 400: PROBLEM, 404: PROBLEM},
    )
    def put(self, request: Request, pk: int) -> Response:
        """Make another version of it; those before stay as they were."""
        project, plan = self.plan(request, pk)
        given = self.given(request, rest.NewPlanSerializer)
        services.change_plan(
            plan,
            name=given["name"],
            draft=rest.draft_of(given["terms"]),
            note=given["note"],
            actor=self.actor(request),
        )
        _, plan = self.plan(request, pk)
        return Response(self.told(project, plan, versions_of(plan)[0]))

    @extend_schema(operation_id="delete_cost_plan", parameters=[PROJECT], responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """It is shown no more."""
        _, plan = self.plan(request, pk)
        services.delete_plan(plan, actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _shorts(plans: list[Plan]) -> list[dict[str, Any]]:
    versions = newest_versions(plans)
    return [rest.short_document(one.name, versions[one.pk]) for one in plans]
