"""Forms of change requests: the proposal, a verdict, a comment, a reason."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Project, User
from accounts.queries import list_members
from prompts.services.discussing import LONGEST_COMMENT
from prompts.services.proposing import LONGEST_TITLE

LONGEST_REASON = 10_000
LAST_NUMBER = 2**31 - 1  # that a version can have
_AREA = {"class": "field", "rows": 3}


class ProposalForm(forms.Form):
    """What is asked for: a label of a prompt, and the version it shall serve."""

    prompt = forms.CharField(widget=forms.HiddenInput, max_length=255)
    label = forms.CharField(
        label="Label",
        max_length=100,
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off", "list": "labels"}),
        help_text="A label that bears an environment's name serves that environment.",
    )
    version = forms.TypedChoiceField(
        label="Version", coerce=int, widget=forms.Select(attrs={"class": "field"})
    )
    title = forms.CharField(
        label="Title",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
        help_text="What changes for users, in a line.",
    )
    description = forms.CharField(
        label="Why",
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={**_AREA, "rows": 5}),
        help_text="What you saw, what you tried, what a reviewer should look at. Markdown.",
    )
    reviewers = forms.MultipleChoiceField(
        label="Reviewers",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Owners of the prompt's folder are asked anyway.",
    )
    is_draft = forms.BooleanField(label="Open as a draft, without asking anybody", required=False)

    def __init__(
        self, *given: Any, versions: list[tuple[int, str]], project: Project, me: User, **more: Any
    ) -> None:
        super().__init__(*given, **more)
        self.fields["version"].choices = versions  # type: ignore[attr-defined]
        self._members = {
            str(member.user.pk): member.user
            for member in list_members(project)
            if member.user.pk != me.pk and member.user.is_active
        }
        self.fields["reviewers"].choices = [  # type: ignore[attr-defined]
            (pk, user.display_name) for pk, user in self._members.items()
        ]

    def people(self) -> list[User]:
        """The reviewers that were chosen."""
        return [self._members[pk] for pk in self.cleaned_data["reviewers"]]


class VerdictForm(forms.Form):
    """A review: what was looked at, and what its author says of it."""

    version = forms.IntegerField(min_value=1)
    revision = forms.IntegerField(min_value=1, required=False)
    note = forms.CharField(required=False, max_length=LONGEST_COMMENT)
    verdict = forms.ChoiceField(
        choices=[(name, name) for name in ("comment", "request_changes", "approve")]
    )


class CommentForm(forms.Form):
    """A remark, of a line or of the whole; with `suggests`, new text for the line."""

    body = forms.CharField(required=False, max_length=LONGEST_COMMENT, strip=False)
    suggests = forms.BooleanField(required=False)
    suggestion = forms.CharField(required=False, max_length=LONGEST_COMMENT, strip=False)
    part = forms.CharField(required=False, max_length=300)
    line = forms.IntegerField(required=False, min_value=1)
    side = forms.ChoiceField(required=False, choices=[("old", "old"), ("new", "new")])

    def suggested(self) -> str | None:
        """The text that is suggested; None where nothing is."""
        if not self.cleaned_data.get("suggests"):
            return None
        return str(self.cleaned_data.get("suggestion", "")).replace("\r\n", "\n")


class ReasonForm(forms.Form):
    """Why: of a dismissal, a rollback, a rollout that goes on."""

    reason = forms.CharField(max_length=LONGEST_REASON)


class OverrideForm(ReasonForm):
    """Why the version that was looked at passes without a green check."""

    version = forms.IntegerField(min_value=1, max_value=LAST_NUMBER)


class ChangeForm(forms.Form):
    """What is done to a review beside judging it; each act takes what it needs."""

    act = forms.ChoiceField(
        choices=[(name, name) for name in ("open", "version", "base", "close", "reopen", "edit")]
    )
    version = forms.IntegerField(required=False, min_value=1, max_value=LAST_NUMBER)
    reason = forms.CharField(required=False, max_length=LONGEST_REASON)
    title = forms.CharField(required=False, max_length=LONGEST_TITLE)
    description = forms.CharField(required=False, max_length=LONGEST_COMMENT)

    def given(self, field: str) -> str | None:
        """A text, where it was sent at all."""
        text: str = self.cleaned_data[field]
        return text if field in self.data else None

    def clean(self) -> None:
        """Raises: ValidationError where a version is proposed and none is named."""
        said = self.cleaned_data
        if said.get("act") == "version" and not said.get("version") and not self.errors:
            raise forms.ValidationError("Say which version is to be proposed.")
