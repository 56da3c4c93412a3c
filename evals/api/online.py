"""REST of online evals: rules, and retrieval apart from generation."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from evals.api.base import EvalsView
from evals.models import OnlineRule
from evals.queries.grounding import grounding_of
from evals.queries.online import list_rules, rule_of
from evals.rest import online_documents as documents
from evals.services.online import change_rule, create_rule, delete_rule, wanted_of
from prompts.api.base import after_of, page_of
from prompts.rest.parameters import PageParameters


class OnlineRules(EvalsView):
    """`/api/v1/online-rules`"""

    @extend_schema(
        operation_id="list_online_rules",
        parameters=[PageParameters],
        responses={200: documents.OnlineRulePageDocument},
    )
    def get(self, request: Request) -> Response:
        """A page of rules with what they did, by name."""
        asked = self.asked(request, PageParameters)
        rows = list_rules(self.opened(request))
        if (after := after_of(asked, str)) is not None:
            rows = [row for row in rows if row.rule.name > after]
        return page_of(
            rows[: asked["limit"] + 1],
            asked["limit"],
            documents.rule_document,
            lambda row: row.rule.name,
        )

    @extend_schema(
        operation_id="create_online_rule",
        parameters=[PROJECT],
        request=documents.NewRuleBody,
        responses={201: documents.OnlineRuleDocument, 400: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Let an evaluator look at a sample of what begins from now on."""
        project = self.opened(request)
        given = self.given(request, documents.NewRuleBody)
        made = create_rule(project, documents.wanted_from(given), actor=self.actor(request))
        return Response(_told(made), status=status.HTTP_201_CREATED)


class OneOnlineRule(EvalsView):
    """`/api/v1/online-rules/{id}`"""

    def rule(self, request: Request, pk: int) -> OnlineRule:
        """The rule. Raises: NotFound, and those of `opened`."""
        found = rule_of(self.opened(request), pk)
        if found is None:
            raise NotFound(f"This project has no rule {pk}.")
        return found

    @extend_schema(
        operation_id="get_online_rule",
        parameters=[PROJECT],
        responses={200: documents.OnlineRuleDocument, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """What it looks at, and what it did."""
        return Response(_told(self.rule(request, pk)))

    @extend_schema(
        operation_id="change_online_rule",
        parameters=[PROJECT],
        request=documents.ChangeRuleBody,
        responses={200: documents.OnlineRuleDocument, 400: PROBLEM, 404: PROBLEM},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Let it be so from now on; what is left out stays."""
        rule = self.rule(request, pk)
        given = self.given(request, documents.ChangeRuleBody)
        wanted = documents.wanted_from(given, wanted_of(rule))
        return Response(_told(change_rule(rule, wanted, actor=self.actor(request))))

    @extend_schema(
        operation_id="delete_online_rule",
        parameters=[PROJECT],
        responses={204: None, 404: PROBLEM},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Forget it; what it judged stays."""
        delete_rule(self.rule(request, pk), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Grounding(EvalsView):
    """`/api/v1/grounding`"""

    @extend_schema(
        operation_id="get_grounding",
        parameters=[documents.GroundingParameters],
        responses={200: documents.GroundingDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Live traces by whether retrieval and generation pass, and the hallucination rate."""
        project = self.opened(request)
        asked = self.asked(request, documents.GroundingParameters)
        found = grounding_of(
            project,
            asked["retrieval"],
            asked["generation"],
            feature=asked["feature"],
            days=asked["days"],
        )
        return Response(documents.grounding_document(found))


def _told(rule: OnlineRule) -> dict[str, object]:
    (row,) = list_rules(rule.project, only=rule.pk)
    return documents.rule_document(row)
