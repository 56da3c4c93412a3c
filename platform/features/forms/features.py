"""What people say of a feature."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Project, User
from accounts.queries import list_members
from features.forms.fields import TEXT
from features.models import Feature
from features.names import LONGEST
from features.services.registry import About, about_of


class FeatureForm(forms.Form):
    """A feature; `name` only where it is registered, for it never changes."""

    name = forms.CharField(
        label="Name",
        max_length=LONGEST,
        help_text="As spans carry it in roadworthy.feature. It never changes.",
        widget=forms.TextInput(attrs={**TEXT, "spellcheck": "false"}),
    )
    title = forms.CharField(
        label="Title",
        max_length=200,
        required=False,
        help_text="What people call it; empty: its name.",
        widget=forms.TextInput(attrs=TEXT),
    )
    description = forms.CharField(
        label="What it does",
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": "3", "class": "field"}),
    )
    owner = forms.TypedChoiceField(
        label="Owner",
        required=False,
        help_text="One person, who is asked about it and approves its targets.",
        widget=forms.Select(attrs={"class": "field"}),
    )
    deputy = forms.TypedChoiceField(
        label="Deputy",
        required=False,
        help_text="Who answers when the owner is away.",
        widget=forms.Select(attrs={"class": "field"}),
    )
    runbook_url = forms.CharField(
        label="Runbook",
        max_length=500,
        required=False,
        help_text="Where it stands what to do when it fails.",
        widget=forms.URLInput(attrs={**TEXT, "spellcheck": "false"}),
    )

    def __init__(
        self, data: Any = None, *, project: Project, feature: Feature | None = None, name: str = ""
    ) -> None:
        about = about_of(feature) if feature else About()
        initial = {
            "name": name,
            "title": about.title,
            "description": about.description,
            "owner": about.owner.pk if about.owner else "",
            "deputy": about.deputy.pk if about.deputy else "",
            "runbook_url": about.runbook_url,
        }
        super().__init__(data, initial=initial)
        self._people: dict[str, User] = {
            str(row.user.pk): row.user for row in list_members(project) if row.user.is_active
        }
        for person in (about.owner, about.deputy):  # somebody who left may stay named
            if person is not None:
                self._people.setdefault(str(person.pk), person)
        people = [(pk, person.display_name) for pk, person in self._people.items()]
        for field in ("owner", "deputy"):
            self.fields[field].choices = [("", "Nobody"), *people]  # type: ignore[attr-defined]
        if feature is not None:
            del self.fields["name"]

    def about(self) -> About:
        """What was said."""
        said = self.cleaned_data
        return About(
            title=said["title"],
            description=said["description"],
            owner=self._people.get(said["owner"]),
            deputy=self._people.get(said["deputy"]),
            runbook_url=said["runbook_url"],
        )
