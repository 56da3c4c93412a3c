"""Lists over REST that are ordered by their ids: what may be asked of them, and one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from kit.paging import BadCursor, decode_cursor, encode_cursor

MOST_ROWS = 200


class ListParameters(serializers.Serializer[Any]):
    """Which part of a list."""

    limit = serializers.IntegerField(
        required=False, default=50, min_value=1, max_value=MOST_ROWS, help_text="Rows on a page."
    )
    cursor = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="`next_cursor` of the page before."
    )

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        """What was asked, checked. Raises: ValidationError."""
        form = cls(data=request.query_params)
        form.is_valid(raise_exception=True)
        return dict(form.validated_data)


def pk_of(cursor: str) -> int:
    """The id after which a page starts. Raises: ValidationError."""
    try:
        (pk,) = decode_cursor(cursor, parts=1)
    except BadCursor as bad:
        raise ValidationError({"cursor": str(bad)}) from None
    if type(pk) is not int:
        raise ValidationError({"cursor": "The cursor is not one that this list gave out."})
    return pk


def pk_page(
    rows: QuerySet[Any], asked: Mapping[str, Any], shown: Callable[[list[Any]], Any]
) -> Response:
    """The page of `rows` that `asked` names, the newest first. Raises: ValidationError.

    `shown` makes documents of the rows of one page.
    """
    if asked["cursor"]:
        rows = rows.filter(pk__lt=pk_of(asked["cursor"]))
    found = list(rows.order_by("-pk")[: asked["limit"] + 1])
    more, found = len(found) > asked["limit"], found[: asked["limit"]]
    cursor = encode_cursor(found[-1].pk) if more else None
    return Response({"data": shown(found), "next_cursor": cursor})
