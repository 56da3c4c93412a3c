"""REST of prices: the project's own, what holds for a model, what a change would do."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Scope
from accounts.rest import PROBLEM, PROJECT, ProjectView
from kit.figures import instant
from kit.rest_lists import ListParameters, pk_page
from pricing import serializers as forms
from pricing.card import Card, CostSource
from pricing.models import Price, PriceJob
from pricing.queries import list_jobs, prices_of, table_for
from pricing.recosting import models_seen
from pricing.services import jobs, prices
from pricing.terms import BadPrice, Terms, micros


class _Question(serializers.Serializer[Any]):
    model = serializers.CharField(max_length=200, help_text="As the span names it.")
    provider = serializers.CharField(max_length=100, required=False, default="")
    at = serializers.DateTimeField(required=False, help_text="Now when left out.")
    service = serializers.ChoiceField(
        choices=["", "batch", "flex", "priority", "fast"], required=False, default=""
    )
    project = serializers.CharField(required=False)


class PriceView(ProjectView):
    """Prices: read as a member or with the scope read, changed as an admin."""

    scope = {"GET": Scope.READ, "POST": Scope.ADMIN, "PATCH": Scope.ADMIN, "DELETE": Scope.ADMIN}

    def price(self, request: Request, pk: int) -> Price:
        """A price of the project. Raises: NotFound."""
        project = self.opened(request)
        price = prices_of(project).filter(pk=pk).first()
        if price is None:
            raise NotFound(f"This project has no price {pk}.")
        price.project = project
        return price


def _terms(request: Request) -> Terms:
    wanted = forms.NewPriceSerializer(data=request.data)
    wanted.is_valid(raise_exception=True)
    return wanted.terms()


class Prices(PriceView):
    """`/api/v1/prices`"""

    @extend_schema(
        operation_id="list_prices",
        parameters=[ListParameters, PROJECT],
        responses={200: forms.PricePageSerializer},
    )
    def get(self, request: Request) -> Response:
        """The project's own prices, newest first, past periods too."""
        asked = ListParameters.of(request)
        return pk_page(
            prices_of(self.opened(request)),
            asked,
            lambda rows: [forms.price_document(row) for row in rows],
        )

    @extend_schema(
        operation_id="set_price",
        parameters=[PROJECT],
        request=forms.NewPriceSerializer,
        responses={201: forms.PriceSerializer, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """State a price; the one that runs ends, and calls since then are computed again."""
        try:
            made = prices.set_price(
                self.opened(request), _terms(request), actor=self.actor(request)
            )
        except BadPrice as bad:
            raise ValidationError({bad.where: str(bad)}) from None
        return Response(forms.price_document(made), status=status.HTTP_201_CREATED)


class OnePrice(PriceView):
    """`/api/v1/prices/{id}`"""

    @extend_schema(
        operation_id="get_price", parameters=[PROJECT], responses={200: forms.PriceSerializer}
    )
    def get(self, request: Request, pk: int) -> Response:
        """One price."""
        return Response(forms.price_document(self.price(request, pk)))

    @extend_schema(
        operation_id="change_price",
        parameters=[PROJECT],
        request=forms.ChangedPriceSerializer,
        responses={200: forms.PriceSerializer, 409: PROBLEM},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """End a price, or change its note. What it states never changes: state a new one."""
        wanted = forms.ChangedPriceSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        if other := sorted(set(request.data) - set(wanted.fields)):
            raise ValidationError(dict.fromkeys(other, "Only valid_to and note may change."))
        price, actor = self.price(request, pk), self.actor(request)
        given = wanted.validated_data
        price = prices.change_price(
            price, ends_at=given.get("valid_to"), note=given.get("note"), actor=actor
        )
        return Response(forms.price_document(price))

    @extend_schema(operation_id="remove_price", parameters=[PROJECT], responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Take the price out as if it had never been stated."""
        prices.remove_price(self.price(request, pk), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ResolvePrice(PriceView):
    """`/api/v1/prices/resolve`"""

    @extend_schema(
        operation_id="resolve_price",
        parameters=[_Question],
        responses={200: forms.ResolvedSerializer},
    )
    def get(self, request: Request) -> Response:
        """Which prices hold for a model at a time, and why."""
        question = _Question(data=request.query_params)
        question.is_valid(raise_exception=True)
        given = question.validated_data
        at = micros(forms.now_us(given.get("at")))
        table = table_for(self.opened(request).pk)
        provider, model = given["provider"] or None, given["model"]
        card = table.card(provider, model, None, at, given["service"])
        if not isinstance(card, Card):
            return Response(forms.no_card_document(card.reason))
        if card.source is not CostSource.PROJECT:
            reason = "The project states no price that fits; the base table has one."
            return Response(forms.card_document(card, price_id=None, reason=reason))
        own = table.own_price(provider, model, None, at)
        whose = f"for {own.provider}" if own and own.provider else "for any provider"
        reason = f"The project's price of {own.pattern if own else model} {whose} is the closest."
        return Response(forms.card_document(card, price_id=int(card.reference), reason=reason))


class PreviewPrice(PriceView):
    """`/api/v1/prices/preview`"""

    @extend_schema(
        operation_id="preview_price",
        parameters=[PROJECT],
        request=forms.NewPriceSerializer,
        responses={200: forms.PreviewSerializer, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """What stating this price would change; nothing is written."""
        try:
            told = prices.preview_set(self.opened(request), _terms(request))
        except BadPrice as bad:
            raise ValidationError({bad.where: str(bad)}) from None
        return Response(forms.preview_document(told))


class UnpricedModels(PriceView):
    """`/api/v1/prices/unpriced`"""

    @extend_schema(
        operation_id="list_unpriced_models",
        parameters=[PROJECT],
        responses={200: forms.UnpricedSerializer},
    )
    def get(self, request: Request) -> Response:
        """Models of the last 30 days with calls that have no cost, and why."""
        project = self.opened(request)
        seen = models_seen(project.pk)
        if seen is None:
            return Response({"since": None, "data": []})
        table = table_for(project.pk)
        rows = []
        for model in seen.models:
            if not model.unpriced:
                continue
            card = table.card(model.provider, model.model, model.requested, micros(model.last_at))
            why = card.why_not((None,) * 7) if isinstance(card, Card) else card.reason
            rows.append(
                {
                    "model": model.model,
                    "provider": model.provider,
                    "calls": model.calls,
                    "unpriced": model.unpriced,
                    "last_at": instant(model.last_at),
                    "reason": why,
                }
            )
        return Response({"since": instant(seen.since), "data": rows})


class OneJob(PriceView):
    """`/api/v1/prices/jobs/{id}`"""

    def job(self, request: Request, pk: int) -> PriceJob:
        """A job of the project. Raises: NotFound."""
        job = PriceJob.objects.filter(project=self.opened(request), pk=pk).first()
        if job is None:
            raise NotFound(f"This project has no such job {pk}.")
        return job

    @extend_schema(
        operation_id="get_price_job", parameters=[PROJECT], responses={200: forms.JobSerializer}
    )
    def get(self, request: Request, pk: int) -> Response:
        """How far it is."""
        return Response(forms.job_document(self.job(request, pk)))

    @extend_schema(
        operation_id="cancel_price_job",
        parameters=[PROJECT],
        responses={200: forms.JobSerializer, 409: PROBLEM},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Stop it; what is computed already stays."""
        stopped = jobs.cancel_job(self.job(request, pk), actor=self.actor(request))
        return Response(forms.job_document(stopped))


class Jobs(PriceView):
    """`/api/v1/prices/jobs`"""

    @extend_schema(
        operation_id="list_price_jobs",
        parameters=[PROJECT],
        responses={200: forms.JobSerializer(many=True)},
    )
    def get(self, request: Request) -> Response:
        """The newest jobs, open ones first."""
        found = list_jobs(self.opened(request))
        return Response({"data": [forms.job_document(job) for job in found], "next_cursor": None})
