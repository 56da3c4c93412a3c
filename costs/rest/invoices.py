"""Shapes of the REST of invoices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from costs.invoicing.comparing import Comparison
from costs.invoicing.sides import Cell
from costs.models import Invoice
from costs.services.invoices import ADD, REPLACE
from pricing.price import usd

SAID = ("name", "provider", "only", "overlap")


class InvoiceParameters(serializers.Serializer[Any]):
    """What is said of a file."""

    name = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=200, help_text="Of the file."
    )
    provider = serializers.ChoiceField(
        choices=Invoice.Provider.choices, required=False, allow_blank=True, default="",
        help_text="Where the file's columns do not say.",
    )  # fmt: skip
    only = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=200,
        help_text="Only rows of this project, workspace or key of the provider.",
    )  # fmt: skip
    overlap = serializers.ChoiceField(
        choices=[REPLACE, ADD], required=False, allow_blank=True, default="",
        help_text="Days that are here already: replaced, or both count.",
    )  # fmt: skip


class UploadSerializer(InvoiceParameters):
    """A form with the file."""

    file = serializers.FileField()


class InvoiceSerializer(serializers.Serializer[Any]):
    """An export. Amounts are decimal text in USD; null where it has none."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    provider = serializers.CharField()
    only = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    has_tokens = serializers.BooleanField()
    has_money = serializers.BooleanField()
    billed_usd = serializers.CharField(allow_null=True)
    rows = serializers.IntegerField()
    rows_left_out = serializers.IntegerField()
    unknown_lines = serializers.IntegerField()
    replaced = serializers.ListField(child=serializers.DictField())
    sha256 = serializers.CharField()
    created_at = serializers.DateTimeField()


class InvoicePageSerializer(serializers.Serializer[Any]):
    """A page of exports."""

    data = InvoiceSerializer(many=True)  # type: ignore[assignment]
    next_cursor = serializers.CharField(allow_null=True)


class LoadedSerializer(InvoiceSerializer):
    """What became of a file."""

    new = serializers.BooleanField()
    told = serializers.CharField()


class InvoiceCauseSerializer(serializers.Serializer[Any]):
    """A likely cause; null where its amount cannot be told."""

    kind = serializers.CharField()
    amount_usd = serializers.CharField(allow_null=True)
    evidence = serializers.CharField()


class InvoiceCellSerializer(serializers.Serializer[Any]):
    """A model and a day, or all. Null is what the export does not say."""

    day = serializers.DateField(allow_null=True)
    model = serializers.CharField()
    traced_as = serializers.ListField(child=serializers.CharField())
    billed_usd = serializers.CharField(allow_null=True)
    traced_usd = serializers.CharField()
    difference_usd = serializers.CharField(allow_null=True)
    difference_share = serializers.FloatField(allow_null=True)
    billed_tokens = serializers.DictField(allow_null=True)
    traced_tokens = serializers.DictField()
    token_difference = serializers.IntegerField(allow_null=True)
    billed_requests = serializers.IntegerField(allow_null=True)
    calls = serializers.IntegerField()
    unpriced_calls = serializers.IntegerField()
    causes = InvoiceCauseSerializer(many=True)
    unexplained_usd = serializers.CharField(allow_null=True)
    unexplained_share = serializers.FloatField(allow_null=True)


class ComparisonSerializer(serializers.Serializer[Any]):
    """What was billed against what traces say."""

    invoice = serializers.IntegerField()
    beside = serializers.ListField(child=serializers.IntegerField())
    total = InvoiceCellSerializer()
    unexplained_either_way_usd = serializers.CharField(allow_null=True)
    models = InvoiceCellSerializer(many=True)
    days = InvoiceCellSerializer(many=True)


def invoice_document(found: Invoice, cost: int | None) -> dict[str, Any]:
    """An export as a document."""
    return {
        "id": found.pk, "name": found.name, "provider": found.provider, "only": found.only,
        "first_day": found.first_day, "last_day": found.last_day, "has_tokens": found.has_tokens,
        "has_money": found.has_money, "billed_usd": usd(cost), "rows": found.rows,
        "rows_left_out": found.left_out, "unknown_lines": found.unknown,
        "replaced": found.replaced, "sha256": found.sha256,
        "created_at": found.created_at.isoformat(),
    }  # fmt: skip


def comparison_document(
    found: Invoice, compared: Comparison, beside: Sequence[int]
) -> dict[str, Any]:
    """A comparison as a document: all, by model, and by model and day."""
    return {
        "invoice": found.pk,
        "beside": list(beside),
        "total": _cell(compared.total),
        "unexplained_either_way_usd": usd(compared.gross),
        "models": [_cell(one) for one in compared.by_model()],
        "days": [_cell(one) for one in compared.cells],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    remainder = cell.remainder
    return {
        "day": cell.day, "model": cell.model, "traced_as": sorted(cell.names),
        "billed_usd": usd(cell.billed), "traced_usd": usd(cell.ours),
        "difference_usd": usd(cell.difference), "difference_share": cell.share,
        "billed_tokens": cell.billed_tokens, "traced_tokens": cell.our_tokens,
        "token_difference": cell.token_difference, "billed_requests": cell.requests,
        "calls": cell.calls, "unpriced_calls": cell.unpriced,
        "causes": [
            {"kind": one.kind, "amount_usd": usd(one.amount), "evidence": one.evidence}
            for one in cell.causes
        ],
        "unexplained_usd": usd(remainder),
        "unexplained_share": abs(remainder) / abs(cell.billed)
        if remainder is not None and cell.billed else None,
    }  # fmt: skip
