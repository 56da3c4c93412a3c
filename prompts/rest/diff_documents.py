"""The comparison of two versions as the REST API gives it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from prompts.diff import Card, Diff, Names, Row, Run
from prompts.rest.documents import Document


class RunDocument(Document):
    """Neighbouring characters of a line."""

    text = serializers.CharField()
    is_changed = serializers.BooleanField(help_text="Words that make the difference in the line.")
    mark = serializers.ChoiceField(choices=["", "variable", "reference"])


class RowDocument(Document):
    """A line on both sides; a side without one has no number and no runs."""

    kind = serializers.ChoiceField(choices=["equal", "changed", "added", "removed"])
    left_no = serializers.IntegerField(allow_null=True)
    right_no = serializers.IntegerField(allow_null=True)
    left = RunDocument(many=True)
    right = RunDocument(many=True)


class CardDocument(Document):
    """One part: a message, a tool, the schema, the model, the parameters or the config."""

    title = serializers.CharField()
    left_key = serializers.CharField(
        allow_null=True, help_text="Names the part in the old version, for comments on its lines."
    )
    right_key = serializers.CharField(allow_null=True, help_text="The same in the new version.")
    note = serializers.CharField(help_text="What lines cannot say: another role, another place.")
    added = serializers.IntegerField(help_text="Lines.")
    removed = serializers.IntegerField(help_text="Lines.")
    is_changed = serializers.BooleanField()
    is_coarse = serializers.BooleanField(help_text="Too much differs to compare all by words.")
    rows = RowDocument(many=True)


class NamesDocument(Document):
    """Names in order of first use."""

    added = serializers.ListField(child=serializers.CharField())
    removed = serializers.ListField(child=serializers.CharField())
    kept = serializers.ListField(child=serializers.CharField())


class TokensDocument(Document):
    """Estimated tokens, about 5 % off for English."""

    old = serializers.IntegerField(allow_null=True)
    new = serializers.IntegerField(allow_null=True)
    delta = serializers.IntegerField(allow_null=True)


class DiffDocument(Document):
    """Two versions compared."""

    from_ = serializers.IntegerField()
    to = serializers.IntegerField()
    added = serializers.IntegerField(help_text="Lines in all parts.")
    removed = serializers.IntegerField(help_text="Lines in all parts.")
    is_changed = serializers.BooleanField()
    variables = NamesDocument()
    references = NamesDocument()
    tokens = TokensDocument()
    parts = CardDocument(many=True)


def diff_document(found: Diff, *, whole: bool) -> dict[str, Any]:
    """The values of a `DiffDocument` without its versions; `whole`: also what is the same."""
    return {
        "added": found.added,
        "removed": found.removed,
        "is_changed": found.is_changed,
        "variables": _names(found.variables),
        "references": _names(found.references),
        "tokens": {
            "old": found.tokens.old,
            "new": found.tokens.new,
            "delta": found.tokens.delta,
        },
        "parts": [_card(card) for card in (found.cards if whole else found.changed)],
    }


def _names(names: Names) -> dict[str, Any]:
    return {
        "added": list(names.added),
        "removed": list(names.removed),
        "kept": list(names.kept),
    }


def _card(card: Card) -> dict[str, Any]:
    return {
        "title": card.title,
        "left_key": card.left_key,
        "right_key": card.right_key,
        "note": card.note,
        "added": card.added,
        "removed": card.removed,
        "is_changed": card.is_changed,
        "is_coarse": card.is_coarse,
        "rows": [_row(row) for row in card.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "left_no": row.left_no,
        "right_no": row.right_no,
        "left": [_run(run) for run in row.left],
        "right": [_run(run) for run in row.right],
    }


def _run(run: Run) -> dict[str, Any]:
    return {"text": run.text, "is_changed": run.is_changed, "mark": run.mark}
