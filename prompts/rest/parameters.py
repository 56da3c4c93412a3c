"""Query parameters of the lists of prompts, reviews and rollouts."""

from __future__ import annotations

from rest_framework import serializers

from prompts.models import ChangeRequest, Rollout
from prompts.queries.listed import PromptFilter
from traces.rest.parameters import MOST_ROWS, Parameters


def _text(help_text: str) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, default="", help_text=help_text)


class ProjectParameter(Parameters):
    """Only the project: the parameters of an address that takes no others."""

    project = serializers.CharField(
        required=False, help_text="Slug; only for a signed-in person, a key has its project."
    )


class PageParameters(ProjectParameter):
    """Which part of a list."""

    limit = serializers.IntegerField(
        required=False, default=50, min_value=1, max_value=MOST_ROWS, help_text="Rows on a page."
    )
    cursor = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="`next_cursor` of the page before."
    )


class VersionParameters(PageParameters):
    """Every parameter of the list of versions."""

    archived = serializers.BooleanField(
        required=False, default=False, help_text="true: with those that were archived."
    )


class MoveParameters(PageParameters):
    """Every parameter of the history of a prompt's labels."""

    label = _text("Moves of this label alone.")  # type: ignore[assignment]


class CompareParameters(ProjectParameter):
    """Every parameter of a comparison."""

    whole = serializers.BooleanField(
        required=False, default=False, help_text="true: with the parts that are the same."
    )
    ignore_whitespace = serializers.BooleanField(
        required=False, default=False, help_text="true: lines that differ in spaces are equal."
    )


class RequestParameters(PageParameters):
    """Every parameter of the list of change requests."""

    which = serializers.ChoiceField(
        choices=["all", "open", "mine", "to_review"],
        required=False,
        default="all",
        help_text="open: not ended. mine: written by the signed-in person. to_review: waits for "
        "that person's verdict.",
    )
    status = serializers.ChoiceField(choices=ChangeRequest.Status.choices, required=False)
    prompt = _text("Of this prompt.")
    label = _text("That move this label.")  # type: ignore[assignment]
    search = _text("A part of the title or of the prompt's name, or the number.")


class RolloutParameters(PageParameters):
    """Every parameter of the list of rollouts."""

    status = serializers.ChoiceField(choices=Rollout.Status.choices, required=False)
    prompt = _text("Of this prompt.")
    label = _text("Of this label.")  # type: ignore[assignment]


class PromptParameters(PageParameters):
    """Every parameter of the list of prompts."""

    name = _text("The whole name.")
    folder = _text("Those below it, at whatever depth.")
    tag = _text("With this tag.")
    label = _text("Where this label stands.")  # type: ignore[assignment]
    search = _text("A part of the name or description, in any case.")
    archived = serializers.BooleanField(
        required=False, default=False, help_text="true: those that were archived instead."
    )

    def wanted(self) -> PromptFilter:
        """The filter of a valid set of parameters."""
        given = self.validated_data
        return PromptFilter(
            name=given["name"],
            folder=given["folder"],
            tag=given["tag"],
            label=given["label"],
            search=given["search"],
            is_archived=given["archived"],
        )
