"""Forms of queues: what one asks for, and which answers come into it."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Project
from evals.models import Evaluator, Experiment, QueueItem, ReviewQueue
from evals.services.queues import MOST_AT_ONCE, MOST_PEOPLE, Wanted
from traces.models import DataType

_TEXT = {"class": "field", "autocomplete": "off"}
_NUMBER = {"class": "field num"}
MOST_NAMED = 200
# Reasons for which answers are picked; those that a person chose come from elsewhere.
PICKED = [one for one in QueueItem.Reason.choices if one[0] != QueueItem.Reason.CHOSEN]


class QueueForm(forms.Form):
    """What a queue asks for: the score of an evaluator, and one a line of its own."""

    name = forms.CharField(max_length=200, widget=forms.TextInput(attrs=_TEXT))
    evaluator = forms.ChoiceField(
        label="Calibrates",
        required=False,
        widget=forms.Select(attrs={"class": "field"}),
        help_text="Its score is asked for first; the labels say how far it can be trusted.",
    )
    scores = forms.CharField(
        label="Other scores",
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"class": "field mono", "rows": "3"}),
        help_text="One a line: tone: warm, plain, cold · helpful: yes or no · quality: 1 to 5",
    )
    instructions = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"class": "field", "rows": "6"}),
        help_text="What counts as good or bad. Folded above each answer.",
    )
    people_each = forms.IntegerField(
        label="People an answer",
        min_value=1,
        max_value=MOST_PEOPLE,
        initial=1,
        widget=forms.NumberInput(attrs=_NUMBER),
        help_text="Two or more show how far people agree with each other.",
    )
    is_blind = forms.BooleanField(
        label="Blind: scores of judges are hidden until an answer is saved",
        required=False,
        initial=True,
    )

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "queue-%s", **kwargs})
        found = Evaluator.objects.filter(project=project, archived_at=None).order_by("name")
        self.evaluators = {str(one.pk): one for one in found[:MOST_NAMED]}
        choices = [(pk, one.name) for pk, one in self.evaluators.items()]
        field = self.fields["evaluator"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [("", "No evaluator"), *choices]

    def clean_scores(self) -> list[dict[str, Any]]:
        """The scores, one a line. Raises: ValidationError."""
        lines = [line for line in self.cleaned_data["scores"].splitlines() if line.strip()]
        return [read_score(line) for line in lines]

    def wanted(self) -> Wanted:
        """What the valid form asks for."""
        given = self.cleaned_data
        return Wanted(
            name=given["name"],
            instructions=given["instructions"],
            evaluator=self.evaluators.get(given["evaluator"]),
            fields=given["scores"],
            people_each=given["people_each"],
            is_blind=given["is_blind"],
        )


class SendForm(forms.Form):
    """Into which queue traces go."""

    queue = forms.ChoiceField(label="Queue", widget=forms.Select(attrs={"class": "field"}))

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "send-%s", **kwargs})
        found = ReviewQueue.objects.filter(project=project, archived_at=None).order_by("name")
        self.queues = {str(one.pk): one for one in found[:MOST_NAMED]}
        field = self.fields["queue"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [(pk, one.name) for pk, one in self.queues.items()]


def initial_of(queue: ReviewQueue) -> dict[str, Any]:
    """The form's values for a queue that stands."""
    own = queue.evaluator.name if queue.evaluator else None
    return {
        "name": queue.name,
        "evaluator": str(queue.evaluator_id or ""),
        "scores": "\n".join(score_line(one) for one in queue.fields if one["name"] != own),
        "instructions": queue.instructions,
        "people_each": queue.people_each,
        "is_blind": queue.is_blind,
    }


def score_line(one: dict[str, Any]) -> str:
    """A score as a line of the form."""
    if one["data_type"] == DataType.CATEGORY:
        return f"{one['name']}: {', '.join(one['categories'])}"
    if one["data_type"] == DataType.BOOLEAN:
        return f"{one['name']}: yes or no"
    low, high = one.get("minimum"), one.get("maximum")
    return one["name"] if None in (low, high) else f"{one['name']}: {low:g} to {high:g}"


def read_score(line: str) -> dict[str, Any]:
    """`tone: warm, plain, cold`, `helpful: yes or no`, `quality: 1 to 5`, or a name alone."""
    name, _, told = (part.strip() for part in line.partition(":"))
    if not name or "\0" in line or len(name) > 200:
        raise forms.ValidationError(f"{line[:60]!r} has no name of a score.")
    if told.lower() in ("yes or no", "yes/no", "yes, no"):
        return {"name": name, "data_type": DataType.BOOLEAN.value}
    ends = told.lower().split(" to ")
    if len(ends) == 2:
        try:
            low, high = float(ends[0]), float(ends[1])
        except ValueError:
            raise forms.ValidationError(f"{name}: say two numbers, such as 1 to 5.") from None
        if not abs(low) < 1e9 > abs(high):
            raise forms.ValidationError(f"{name}: these numbers are too large.")
        return {"name": name, "data_type": DataType.NUMBER.value, "minimum": low, "maximum": high}
    if told:
        words = [word.strip() for word in told.split(",") if word.strip()]
        return {"name": name, "data_type": DataType.CATEGORY.value, "categories": words}
    return {"name": name, "data_type": DataType.NUMBER.value}


class FillForm(forms.Form):
    """Which answers come into a queue, and how many."""

    reason = forms.ChoiceField(
        label="Which answers", choices=PICKED, widget=forms.Select(attrs={"class": "field"})
    )
    evaluator = forms.ChoiceField(
        label="Scored by", required=False, widget=forms.Select(attrs={"class": "field"})
    )
    experiment = forms.ChoiceField(
        label="From", required=False, widget=forms.Select(attrs={"class": "field"})
    )
    most = forms.IntegerField(
        label="At most", min_value=1, max_value=MOST_AT_ONCE, initial=50,
        widget=forms.NumberInput(attrs=_NUMBER),
    )  # fmt: skip

    def __init__(self, queue: ReviewQueue, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "fill-%s", **kwargs})
        project = queue.project
        named = Evaluator.objects.filter(project=project, archived_at=None).order_by("name")
        self.evaluators = {str(one.pk): one for one in named[:MOST_NAMED]}
        runs = Experiment.objects.filter(project=project).order_by("-number")
        self.experiments = {str(one.number): one for one in runs[:MOST_NAMED]}
        chosen = [("", "No evaluator"), *((pk, one.name) for pk, one in self.evaluators.items())]
        runs_told = [(number, str(one)) for number, one in self.experiments.items()]
        for name, choices in (
            ("evaluator", chosen),
            ("experiment", [("", "Traces of 30 days"), *runs_told]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101
            field.choices = choices
        self.fields["evaluator"].initial = str(queue.evaluator_id or "")
        self.fields["reason"].initial = (
            QueueItem.Reason.STRATIFIED if queue.evaluator_id else QueueItem.Reason.THUMBS_DOWN
        )
