"""Environments, owners of folders and delegations over REST: bodies and documents."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from accounts.models import User
from prompts.models import Delegation, Environment
from prompts.rest.bodies import Body, emails, text, words
from prompts.rest.documents import Document
from prompts.services.environments import Rules, rules_of

Protection = Environment.Protection
MOST_APPROVALS = 20


class EnvironmentBody(Body):
    """The rules of an environment; what is left out stays as it is, or is as usual."""

    protection = serializers.ChoiceField(
        choices=Protection.choices,
        required=False,
        help_text="automatic: protected as soon as two people can review.",
    )
    protected = serializers.BooleanField(required=False, help_text="In short: on, or off.")
    approvals = serializers.IntegerField(required=False, min_value=0, max_value=MOST_APPROVALS)
    wide_share = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=100,
        help_text="Percent of traffic above which `wide_approvals` are needed.",
    )
    wide_approvals = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=MOST_APPROVALS,
        help_text="null: two, or as many as there are people who can review.",
    )
    required_checks = words(max_length=50, help_text="Names of checks that must be green.")
    check_max_age_hours = serializers.IntegerField(
        required=False, min_value=1, max_value=24 * 366, help_text="After which it must run again."
    )
    resolve_threads = serializers.BooleanField(
        required=False, help_text="true: discussions of lines must be resolved."
    )
    seen_share = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=100,
        help_text="Percent of the arm's reads that must appear in traces before a wide stage.",
    )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Raises: ValidationError where both say whether it is protected."""
        if "protection" in values and "protected" in values:
            raise serializers.ValidationError({"protected": "Say this or protection, not both."})
        return values

    def rules(self, stored: Environment | None) -> Rules:
        """The rules that a valid body gives the environment."""
        given: dict[str, Any] = dict(self.validated_data)
        if "protected" in given:
            given["protection"] = Protection.ON if given.pop("protected") else Protection.OFF
        before = rules_of(stored) if stored is not None else Rules()
        return Rules(**{**asdict(before), **given})


class EnvironmentDocument(Document):
    """An environment and the rules of the label that bears its name."""

    name = serializers.CharField()
    is_protected = serializers.BooleanField(help_text="Whether its label moves only by review now.")
    protection = serializers.ChoiceField(choices=Protection.choices)
    approvals = serializers.IntegerField()
    wide_share = serializers.IntegerField()
    wide_approvals = serializers.IntegerField(allow_null=True)
    required_checks = serializers.ListField(child=serializers.CharField())
    check_max_age_hours = serializers.IntegerField()
    resolve_threads = serializers.BooleanField()
    seen_share = serializers.IntegerField()


class EnvironmentListDocument(Document):
    """All of them, production first."""

    data_ = EnvironmentDocument(many=True)


class FolderOwnersBody(Body):
    """Who owns a folder."""

    folder = text(max_length=255, help_text="'' is every prompt.")
    owners = emails(help_text="E-mail addresses of members; empty: nobody.")


class PersonDocument(Document):
    """A member."""

    email = serializers.CharField()
    name = serializers.CharField()


class FolderOwnersDocument(Document):
    """A folder and the people of whom one must approve what changes in it."""

    folder = serializers.CharField()
    owners = PersonDocument(many=True)


class FolderOwnersListDocument(Document):
    """All of them, by folder."""

    data_ = FolderOwnersDocument(many=True)


class DelegationBody(Body):
    """Who stands in for whom, and when."""

    user = serializers.CharField(max_length=320, help_text="Who is away: an e-mail address.")
    delegate = serializers.CharField(max_length=320, help_text="Who stands in.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    reason = text(max_length=200)


class DelegationDocument(Document):
    """While `user` is away, an approval of `delegate` counts where theirs is required."""

    id = serializers.IntegerField()
    user = PersonDocument()
    delegate = PersonDocument()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    reason = serializers.CharField()


class DelegationListDocument(Document):
    """All of them, past ones too, the newest first."""

    data_ = DelegationDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


def environment_document(environment: Environment, protected: Container[str]) -> dict[str, Any]:
    """The values of an `EnvironmentDocument`; `protected` are labels that only a review moves."""
    return {
        "name": environment.name,
        "is_protected": environment.name in protected,
        **asdict(rules_of(environment)),
    }


def folder_owners_document(folder: str, owners: Sequence[User]) -> dict[str, Any]:
    """The values of a `FolderOwnersDocument`."""
    return {"folder": folder, "owners": [_person(user) for user in owners]}


def delegation_document(delegation: Delegation) -> dict[str, Any]:
    """The values of a `DelegationDocument`."""
    return {
        "id": delegation.pk,
        "user": _person(delegation.user),
        "delegate": _person(delegation.delegate),
        "starts_at": delegation.starts_at,
        "ends_at": delegation.ends_at,
        "reason": delegation.reason,
    }


def _person(user: User) -> dict[str, str]:
    return {"email": user.email, "name": user.display_name}
