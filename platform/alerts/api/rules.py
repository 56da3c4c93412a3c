"""`/api/v1/alerts/rules`: listed, made, tried on the past, changed, deleted."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from alerts import rule_serializers as forms
from alerts.api.incidents import AlertsView
from alerts.models import AlertRule
from alerts.queries import rules as queries
from alerts.queries.rule_history import Backtest, backtest
from alerts.services import rules as services
from kit.rest_lists import pk_page


class RulesView(AlertsView):
    """A key reads with the scope read and writes with evals; a person as an engineer."""

    def rule(self, request: Request, pk: int) -> AlertRule:
        """A rule of the project. Raises: NotFound."""
        found = queries.get_rule(self.opened(request), pk)
        if found is None:
            raise NotFound(f"This project has no rule {pk}.")
        return found


class Rules(RulesView):
    """`/api/v1/alerts/rules`"""

    @extend_schema(
        operation_id="list_alert_rules",
        parameters=[forms.RuleListSerializer, PROJECT],
        responses={200: forms.RulePageSerializer},
    )
    def get(self, request: Request) -> Response:
        """The project's rules, newest first."""
        asked = forms.RuleListSerializer.of(request)
        rows = queries.list_rules(self.opened(request))
        if asked["state"]:
            rows = rows.filter(state=asked["state"])
        return pk_page(rows, asked, lambda page: forms.RuleSerializer(page, many=True).data)

    @extend_schema(
        operation_id="create_alert_rule",
        parameters=[PROJECT],
        request=forms.NewRuleSerializer,
        responses={201: forms.RuleSerializer, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Make a rule; it looks within a minute."""
        project = self.opened(request)
        said = self.given(request, forms.NewRuleSerializer)
        made = services.create_rule(project, **said, actor=self.actor(request))
        return Response(_document(self.rule(request, made.pk)), status=status.HTTP_201_CREATED)


class OneRule(RulesView):
    """`/api/v1/alerts/rules/{id}`"""

    @extend_schema(
        operation_id="get_alert_rule",
        parameters=[PROJECT],
        responses={200: forms.RuleSerializer, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """One rule, with where it stands."""
        return Response(_document(self.rule(request, pk)))

    @extend_schema(
        operation_id="change_alert_rule",
        parameters=[PROJECT],
        request=forms.ChangedRuleSerializer,
        responses={200: forms.RuleSerializer, 404: PROBLEM, 409: PROBLEM},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is sent; the rest stays. `muted_until` mutes it, null ends that."""
        rule = self.rule(request, pk)
        said = self.given(request, forms.ChangedRuleSerializer)
        actor = self.actor(request)
        is_muting = "muted_until" in said
        until = said.pop("muted_until", None)
        if said:
            services.change_rule(rule, **said, actor=actor)
        if is_muting:
            services.mute_rule(rule, until=until, actor=actor)
        return Response(_document(self.rule(request, pk)))

    @extend_schema(operation_id="delete_alert_rule", parameters=[PROJECT], responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """It watches no more, and its incident is resolved."""
        services.delete_rule(self.rule(request, pk), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RuleBacktest(RulesView):
    """`/api/v1/alerts/rules/{id}/backtest`"""

    @extend_schema(
        operation_id="backtest_alert_rule",
        parameters=[PROJECT],
        responses={200: forms.BacktestSerializer, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """When it would have fired in the last 14 days."""
        return Response(_past(backtest(self.rule(request, pk), timezone.now())))


class TriedRule(RulesView):
    """`/api/v1/alerts/rules/backtest`"""

    @extend_schema(
        operation_id="try_alert_rule",
        parameters=[PROJECT],
        request=forms.TriedRuleSerializer,
        responses={200: forms.BacktestSerializer, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """When a rule that is not made would have fired in the last 14 days."""
        project = self.opened(request)
        said = self.given(request, forms.TriedRuleSerializer)
        return Response(_past(backtest(services.draft_rule(project, **said), timezone.now())))


def _document(rule: AlertRule) -> Any:
    return forms.RuleSerializer(rule).data


def _past(found: Backtest) -> dict[str, Any]:
    document: serializers.Serializer[Any] = forms.BacktestSerializer(
        {
            "days": found.days,
            "step_seconds": int(found.step.total_seconds()),
            "fired": len(found.episodes),
            "episodes": [
                {"since": one.since, "until": one.until, "worst": _number(one.worst)}
                for one in found.episodes
            ],
            "points": [
                {
                    "at": one.at,
                    "value": _number(one.value),
                    "bar": _number(one.bar),
                    "count": one.count,
                    "verdict": one.verdict.value,
                }
                for one in found.said
            ],
        }
    )
    return dict(document.data)


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
