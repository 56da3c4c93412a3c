"""Bodies and documents of the registry as files."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from prompts.models import ChangeRequest
from prompts.rest.bodies import Body
from prompts.rest.parameters import ProjectParameter


class FilesBody(Body):
    """Files by their paths; see `docs/prompt-files.md`."""

    files = serializers.DictField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False),
        help_text="The text of each file by its path below the folder of prompts.",
    )
    prune = serializers.BooleanField(
        default=False, help_text="true: labels, versions and prompts without a file go."
    )


class ReviewsParameters(ProjectParameter):
    """Which reviews."""

    number = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**31 - 1),
        min_length=1,
        max_length=1000,
        help_text="Given once for each review.",
    )


class FilesDocument(serializers.Serializer[Any]):
    """The whole registry."""

    files = serializers.DictField(child=serializers.CharField())


class StepDocument(serializers.Serializer[Any]):
    """One step of a plan."""

    act = serializers.CharField(help_text="create_version, move_label, propose_label, conflict, …")
    prompt = serializers.CharField()
    text = serializers.CharField(help_text="What happens, in words.")
    number = serializers.IntegerField(allow_null=True)
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    before = serializers.IntegerField(allow_null=True, help_text="Where the label stands.")
    review = serializers.IntegerField(allow_null=True, help_text="That asks for the move.")
    url = serializers.CharField(allow_blank=True, help_text="Of the review's page.")


class PlanDocument(serializers.Serializer[Any]):
    """The steps, in order; none where files and project are equal."""

    steps = StepDocument(many=True)


class ReviewStatusDocument(serializers.Serializer[Any]):
    """Where one review stands."""

    number = serializers.IntegerField()
    status = serializers.ChoiceField(choices=ChangeRequest.Status.choices)


class ReviewStatusesDocument(serializers.Serializer[Any]):
    """Those that exist, by number."""

    reviews = ReviewStatusDocument(many=True)
