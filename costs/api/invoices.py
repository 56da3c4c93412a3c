"""`/api/v1/invoices`: providers' exports loaded, listed, compared, deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Scope
from accounts.rest import PROBLEM, PROJECT
from costs.api.base import CostsView
from costs.models import Invoice
from costs.pages.invoice import as_csv
from costs.queries.invoices import comparison_of, invoices_of, totals_of
from costs.rest import invoices as rest
from costs.services import invoices as services
from costs.services.errors import BadInvoice
from kit.rest_lists import ListParameters, pk_page

PIECE = 64 * 1024


class CSVParser(BaseParser):
    """A body that is the file itself, read piece by piece."""

    media_type = "text/csv"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """The pieces of the body."""
        return {"file": _pieces(stream)}


def _pieces(stream: Any) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


class InvoicesView(CostsView):
    """A key that may read reads; admins, and keys with that scope, load and delete."""

    scope = {
        "GET": Scope.READ, "POST": Scope.ADMIN, "DELETE": Scope.ADMIN,
    }  # fmt: skip

    def invoice(self, request: Request, pk: int) -> Invoice:
        """The project's export. Raises: NotFound, and those of `opened`."""
        found = invoices_of(self.opened(request)).select_related("project").filter(pk=pk).first()
        if found is None:
            raise NotFound(f"This project has no invoice {pk}.")
        return found

    def told(self, invoices: list[Invoice]) -> list[dict[str, Any]]:
        """Documents of exports."""
        totals = totals_of(invoices)
        return [rest.invoice_document(one, totals.get(one.pk)) for one in invoices]


class Invoices(InvoicesView):
    """`/api/v1/invoices`"""

    parser_classes = (CSVParser, MultiPartParser)

    @extend_schema(
        operation_id="list_invoices",
        parameters=[ListParameters, PROJECT],
        responses={200: rest.InvoicePageSerializer},
    )
    def get(self, request: Request) -> Response:
        """The exports that are here, newest first."""
        return pk_page(invoices_of(self.opened(request)), ListParameters.of(request), self.told)

    @extend_schema(
        operation_id="load_invoice",
        parameters=[rest.InvoiceParameters, PROJECT],
        request={"text/csv": OpenApiTypes.BINARY, "multipart/form-data": rest.UploadSerializer},
        responses={
            200: rest.LoadedSerializer, 201: rest.LoadedSerializer, 400: PROBLEM, 409: PROBLEM,
        },
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Load an export as CSV: the body itself, or the field `file` of a form.

        200 where this very file is here already. 409 where days are, and `overlap` does not say
        whether they are replaced.
        """
        project = self.opened(request)
        pieces, given = _file_of(request)
        taken = services.take_invoice(project, pieces, actor=self.actor(request), **given)
        said = self.told([taken.invoice])[0] | {"new": taken.is_new, "told": taken.told}
        code = status.HTTP_201_CREATED if taken.is_new else status.HTTP_200_OK
        return Response(said, status=code)


class OneInvoice(InvoicesView):
    """`/api/v1/invoices/{id}`"""

    @extend_schema(
        operation_id="get_invoice",
        parameters=[PROJECT],
        responses={200: rest.InvoiceSerializer, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """One export."""
        return Response(self.told([self.invoice(request, pk)])[0])

    @extend_schema(operation_id="delete_invoice", parameters=[PROJECT], responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """The export and its lines are gone."""
        services.delete_invoice(self.invoice(request, pk), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Compared(InvoicesView):
    """`/api/v1/invoices/{id}/comparison`"""

    @extend_schema(
        operation_id="compare_invoice",
        parameters=[
            PROJECT, OpenApiParameter("as", str, enum=["json", "csv"], description="Default json."),
        ],
        responses={200: rest.ComparisonSerializer, 404: PROBLEM},
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response | HttpResponse:
        """What the provider says against what we counted, by model and day, with the remainder."""
        form = request.query_params.get("as", "json")
        if form not in ("json", "csv"):
            raise ValidationError({"as": "json or csv."})
        found = self.invoice(request, pk)
        compared, beside = comparison_of(found)
        if form == "csv":
            return HttpResponse(as_csv(compared.cells), content_type="text/csv; charset=utf-8")
        return Response(rest.comparison_document(found, compared, [one.pk for one in beside]))


def _file_of(request: Request) -> tuple[Iterable[bytes], dict[str, str]]:
    """The file and what is said of it, in the address or in the form. Raises: BadInvoice."""
    body = request.data if isinstance(request.data, dict) else {}
    file = body.get("file")
    asked = {**{name: body.get(name) for name in rest.SAID}, **request.query_params.dict()}
    form = rest.InvoiceParameters(
        data={name: asked[name] for name in rest.SAID if asked.get(name) is not None}
    )
    form.is_valid(raise_exception=True)
    given = dict(form.validated_data)
    if isinstance(file, UploadedFile):
        return file.chunks(), given | {"name": given["name"] or file.name or ""}
    if isinstance(file, Iterator):
        return file, given
    raise BadInvoice("There is no file: send the CSV as the body, or as the field “file”.", "file")
