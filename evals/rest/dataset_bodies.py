"""What is asked of datasets over REST, and what is sent to change them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from evals.models import Source, Split
from evals.services.items import MOST_CHANGES, AddItem, Change, ChangeItem, PutItem, RemoveItem
from prompts.rest.bodies import Body
from prompts.rest.parameters import PageParameters

MOST_NUMBER = 2**31 - 1


class DatasetParameters(PageParameters):
    """Which datasets."""

    search = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="A part of name or description."
    )
    archived = serializers.BooleanField(
        required=False, default=False, help_text="true: those that were archived."
    )


class ItemParameters(PageParameters):
    """Which items of which version."""

    version = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_NUMBER, help_text="The newest when left out."
    )
    search = serializers.CharField(required=False, allow_blank=True, default="")
    slice = serializers.CharField(
        required=False, allow_blank=True, help_text="Empty: items without a slice."
    )
    split = serializers.ChoiceField(choices=Split.choices, required=False)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=Source.choices, required=False
    )
    draft = serializers.BooleanField(required=False, allow_null=True, default=None)


class VersionParameter(PageParameters):
    """The version of one item."""

    version = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_NUMBER, help_text="The newest when left out."
    )


class DiffParameters(PageParameters):
    """What a version is compared with."""

    against = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_NUMBER,
        help_text="An older version; the one before when left out. 0 is empty.",
    )


class DescribeDatasetBody(Body):
    """What is said about a dataset; what is left out stays."""

    description = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=20_000
    )
    metadata = serializers.JSONField(required=False, allow_null=True)
    input_schema = serializers.JSONField(
        required=False, allow_null=True, help_text="A JSON Schema that inputs satisfy."
    )
    expected_schema = serializers.JSONField(
        required=False, allow_null=True, help_text="A JSON Schema that expected outputs satisfy."
    )
    archived = serializers.BooleanField(required=False, help_text="false: bring it back.")


class NewDatasetBody(Body):
    """A dataset to make; its first items make version 1."""

    name = serializers.CharField(max_length=1000, trim_whitespace=False)
    description = serializers.CharField(
        required=False, allow_blank=True, default="", trim_whitespace=False, max_length=20_000
    )
    metadata = serializers.JSONField(required=False, allow_null=True, default=None)
    input_schema = serializers.JSONField(required=False, allow_null=True, default=None)
    expected_schema = serializers.JSONField(required=False, allow_null=True, default=None)


class ItemBody(Body):
    """An item. What is left out stays as it is, or of a new item empty."""

    id = serializers.CharField(max_length=1000, required=False, trim_whitespace=False)
    title = serializers.CharField(required=False, allow_blank=True)
    input = serializers.JSONField(required=False, allow_null=True)
    expected = serializers.JSONField(required=False, allow_null=True)
    characteristics = serializers.JSONField(
        required=False, help_text="Sentences that a good answer satisfies."
    )
    metadata = serializers.JSONField(required=False, allow_null=True)
    slice = serializers.CharField(required=False, allow_blank=True)
    split = serializers.ChoiceField(choices=Split.choices, required=False)
    draft = serializers.BooleanField(required=False)
    archived = serializers.BooleanField(required=False)
    cluster = serializers.CharField(
        required=False, allow_blank=True, help_text="Items of one cluster are not independent."
    )
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=Source.choices, required=False, help_text="Only of a new item."
    )
    source_trace_id = serializers.CharField(required=False, allow_blank=True, max_length=200)
    source_span_id = serializers.CharField(required=False, allow_blank=True, max_length=200)


class ItemChangesBody(Body):
    """Changes that become one version together, or none with a fault."""

    message = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)
    add = ItemBody(many=True, required=False, help_text="New items; their ids are free.")
    put = ItemBody(many=True, required=False, help_text="Added, or changed where the id stands.")
    change = ItemBody(many=True, required=False, help_text="Items that stand.")
    remove = serializers.ListField(
        child=serializers.CharField(max_length=1000), required=False, max_length=MOST_CHANGES
    )


def changes_of(given: dict[str, Any]) -> list[Change]:
    """What the service takes, of a valid body: additions, then changes, then removals."""
    changes: list[Change] = [new_item(AddItem, one) for one in given.get("add", ())]
    changes += [new_item(PutItem, one) for one in given.get("put", ())]
    changes += [ChangeItem(one.get("id", ""), fields_of(one)) for one in given.get("change", ())]
    changes += [RemoveItem(key) for key in given.get("remove", ())]
    return changes


def fields_of(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of an item's body by the names that the service has."""
    ours = {"draft": "is_draft", "archived": "is_archived"}
    others = {"id", "source", "source_trace_id", "source_span_id"}
    return {ours.get(name, name): value for name, value in given.items() if name not in others}


def new_item(kind: type[AddItem], given: dict[str, Any]) -> AddItem:
    """An item to be made, with its provenance."""
    trace_id = given.get("source_trace_id", "")
    source = given.get("source") or (Source.PRODUCTION if trace_id else Source.HUMAN)
    return kind(
        fields_of(given),
        key=given.get("id", ""),
        source=source,
        source_trace_id=trace_id,
        source_span_id=given.get("source_span_id", ""),
    )
