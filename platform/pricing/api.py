"""REST of prices: the project's own, what holds for a model, what a change would do."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import door_for
from accounts.models import ApiKey, Project, Role, Scope, User
from accounts.services.trail import Actor
from accounts.verification import Bearer
from kit.figures import instant
from kit.paging import BadCursor, decode_cursor, encode_cursor
from pricing import serializers as forms
from pricing.card import Card, CostSource
from pricing.models import Price, PriceJob
from pricing.queries import list_jobs, prices_of, table_for
from pricing.recosting import models_seen
from pricing.services import jobs, prices
from pricing.terms import BadPrice, Terms, micros

PROBLEM = OpenApiResponse(description="A problem document (RFC 9457).")
PROJECT = OpenApiParameter("project", str, description="Slug; only for a signed-in person.")


class _List(serializers.Serializer[Any]):
    limit = serializers.IntegerField(required=False, default=50, min_value=1, max_value=200)
    cursor = serializers.CharField(required=False, allow_blank=True, default="")
    project = serializers.CharField(required=False)


class _Question(serializers.Serializer[Any]):
    model = serializers.CharField(max_length=200, help_text="As the span names it.")
    provider = serializers.CharField(max_length=100, required=False, default="")
    at = serializers.DateTimeField(required=False, help_text="Now when left out.")
    service = serializers.ChoiceField(
        choices=["", "batch", "flex", "priority", "fast"], required=False, default=""
    )
    project = serializers.CharField(required=False)


class PriceView(APIView):
    """The project of the key (read to see, admin to change), or the one a person names."""

    scope = {"GET": Scope.READ, "POST": Scope.ADMIN, "PATCH": Scope.ADMIN, "DELETE": Scope.ADMIN}

    def project(self, request: Request) -> Project:
        """Raises: Http404, PermissionDenied, ValidationError where nobody says which."""
        if isinstance(request.auth, Bearer):
            return Project.objects.select_related("organization").get(pk=request.auth.project_id)
        slug = request.query_params.get("project", "")
        if not slug:
            raise ValidationError({"project": "Say which project, or send a key."})
        assert isinstance(request.user, User)  # noqa: S101  (the permission class saw to it)
        least = Role.VIEWER if request.method == "GET" else Role.ADMIN
        return door_for(request.user, slug, least=least).project

    def actor(self, request: Request) -> Actor:
        """Who acts, for the audit trail."""
        if isinstance(request.auth, Bearer):
            return ApiKey.objects.get(pk=request.auth.key_id)
        if isinstance(request.user, User):
            return request.user
        raise PermissionDenied

    def price(self, request: Request, pk: int) -> Price:
        """A price of the project. Raises: NotFound."""
        price = prices_of(self.project(request)).filter(pk=pk).first()
        if price is None:
            raise NotFound(f"This project has no price {pk}.")
        price.project = self.project(request)
        return price


def _terms(request: Request) -> Terms:
    wanted = forms.NewPriceSerializer(data=request.data)
    wanted.is_valid(raise_exception=True)
    return wanted.terms()


class Prices(PriceView):
    """`/api/v1/prices`"""

    @extend_schema(
        operation_id="list_prices", parameters=[_List], responses={200: forms.PricePageSerializer}
    )
    def get(self, request: Request) -> Response:
        """The project's own prices, newest first, past periods too."""
        given = _List(data=request.query_params)
        given.is_valid(raise_exception=True)
        page = given.validated_data
        stored = prices_of(self.project(request)).order_by("-pk")
        if page["cursor"]:
            try:
                (after,) = decode_cursor(page["cursor"], parts=1)
                stored = stored.filter(pk__lt=int(after))
            except (BadCursor, TypeError, ValueError):
                raise ValidationError({"cursor": "Not a cursor of this list."}) from None
        rows = list(stored[: page["limit"] + 1])
        more, rows = len(rows) > page["limit"], rows[: page["limit"]]
        cursor = encode_cursor(rows[-1].pk) if more else None
        return Response(
            {"data": [forms.price_document(row) for row in rows], "next_cursor": cursor}
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
                self.project(request), _terms(request), actor=self.actor(request)
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
        if "note" in given:
            price = prices.note_price(price, given["note"], actor=actor)
        if "valid_to" in given:
            price = prices.end_price(price, given["valid_to"], actor=actor)
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
        table = table_for(self.project(request).pk)
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
            told = prices.preview_set(self.project(request), _terms(request))
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
        project = self.project(request)
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
        job = PriceJob.objects.filter(project=self.project(request), pk=pk).first()
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
        found = list_jobs(self.project(request))
        return Response({"data": [forms.job_document(job) for job in found], "next_cursor": None})
