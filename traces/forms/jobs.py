"""What is asked of many traces at once, and what the query of a job means."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils import timezone

from accounts.models import Project
from kit.errors import DomainError
from traces.exporting.formats import FORMATS
from traces.forms.traces import TraceFilter
from traces.models import BulkJob
from traces.queries.criteria import Criteria
from traces.services.annotations import BadAnnotation, clean_tags
from traces.values.acts import act_of, acts


class BadQuery(DomainError):
    """The query of the list cannot be read."""


class BulkForm(forms.Form):
    """An act on the traces that were ticked, or on all that the list's query matches."""

    act = forms.ChoiceField(
        choices=lambda: [*BulkJob.Kind.choices, *((act.kind, act.verb) for act in acts())]
    )
    all = forms.BooleanField(required=False)
    tags = forms.CharField(required=False, max_length=2000)  # separated by commas
    format = forms.ChoiceField(required=False, choices=[*FORMATS.items()])
    content = forms.BooleanField(required=False)

    def clean_tags(self) -> list[str]:
        """The tags. Raises: ValidationError."""
        try:
            return clean_tags(self.cleaned_data["tags"].split(","))
        except BadAnnotation as bad:
            raise forms.ValidationError(str(bad)) from None

    def clean(self) -> dict[str, object]:
        """Tags are needed for tagging. Raises: ValidationError."""
        given = self.cleaned_data
        is_tagging = given.get("act") in (BulkJob.Kind.TAG, BulkJob.Kind.UNTAG)
        if is_tagging and not given.get("tags") and "tags" not in self.errors:
            self.add_error("tags", "Write at least one tag.")
        given["format"] = given.get("format") or "jsonl"
        return given

    def options_in(self, project: Project) -> dict[str, Any]:
        """What the job is to know besides its traces. Raises: DomainError, of another app's act."""
        given = self.cleaned_data
        if (act := act_of(given["act"])) is not None:
            return act.options(project, {name: str(value) for name, value in self.data.items()})
        if given["act"] == BulkJob.Kind.EXPORT:
            return {"format": given["format"], "content": given["content"]}
        if given["act"] == BulkJob.Kind.DELETE:
            return {}
        return {"tags": given["tags"]}


def fixed_query(parameters: dict[str, str], now: datetime | None = None) -> str:
    """The list's parameters with their range of time fixed, so that nothing new slips in.

    Raises: BadQuery.
    """
    form = TraceFilter(QueryDict(urlencode(parameters)))
    form.is_valid()
    if form.query_error is not None:
        raise BadQuery(f"The query cannot be read: {form.query_error.message}")
    if form.errors:
        name, texts = next(iter(form.errors.items()))
        raise BadQuery(f"{form.fields[name].label or name}: {texts[0]}")
    chosen = form.range()
    until = chosen.until or now or timezone.now()
    span = "..".join(end.astimezone(UTC).isoformat() for end in (chosen.since, until))
    kept = {name: value for name, value in parameters.items() if value and name != "t"}
    return urlencode(kept | {"t": span})


def criteria_of(job: BulkJob) -> Criteria | None:
    """What the query of a job asks for; None where it was made for ids. Raises: BadQuery."""
    if job.ids is not None:
        return None
    form = TraceFilter(QueryDict(job.query))
    form.is_valid()
    if form.errors:  # never narrower or wider than was asked
        raise BadQuery("The query of this job cannot be read any more.")
    return form.criteria()
