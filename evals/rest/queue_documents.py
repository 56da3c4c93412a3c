"""Review queues, their answers and labels as the REST API gives them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from evals.models import Calibration, HumanLabel, QueueItem, ReviewQueue
from evals.queries.calibration import verdict_on
from prompts.rest.documents import Document


class QueueDocument(Document):
    """A queue, with how much of it is open and done."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    instructions = serializers.CharField()
    evaluator = serializers.CharField(allow_null=True)
    fields_ = serializers.ListField(child=serializers.JSONField(), source="asked")
    people_each = serializers.IntegerField()
    blind = serializers.BooleanField()
    open = serializers.IntegerField()
    done = serializers.IntegerField()
    flagged = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class QueuePageDocument(Document):
    """A page of queues."""

    data_ = QueueDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class QueueItemDocument(Document):
    """An answer in a queue. What a judge said of it is left out where the queue is blind."""

    id = serializers.IntegerField()
    queue = serializers.IntegerField()
    trace_id = serializers.CharField()
    span_id = serializers.CharField()
    item = serializers.CharField(help_text="Key of the dataset's item, or empty.")
    slice = serializers.CharField()
    state = serializers.ChoiceField(choices=QueueItem.State.choices)
    reason = serializers.ChoiceField(choices=QueueItem.Reason.choices)
    flag = serializers.CharField()
    snapshot = serializers.JSONField(help_text="What was asked and answered.")
    judged = serializers.JSONField(allow_null=True)
    added_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)


class QueueItemPageDocument(Document):
    """A page of answers, the newest first."""

    data_ = QueueItemDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class AddedDocument(Document):
    """How many answers came in, were there already, or could not be found."""

    added = serializers.IntegerField()
    known = serializers.IntegerField()
    missing = serializers.IntegerField()


class HumanLabelDocument(Document):
    """What a person said of an answer."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    trace_id = serializers.CharField()
    span_id = serializers.CharField()
    item = serializers.CharField()
    slice = serializers.CharField()
    author = serializers.CharField()
    value = serializers.JSONField(help_text="A number, or a category.")
    passed = serializers.BooleanField(allow_null=True)
    reason = serializers.CharField()
    dropped = serializers.BooleanField(help_text="true: the judge was right, it does not count.")
    at = serializers.DateTimeField()


class LabelPageDocument(Document):
    """A page of labels, the newest first."""

    data_ = HumanLabelDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class CalibrationDocument(Document):
    """How far a version of a judge agrees with people."""

    judge = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Calibration.State.choices)
    may_gate = serializers.BooleanField()
    verdict = serializers.CharField(help_text="In words.")
    labels = serializers.IntegerField()
    kappa = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    human_kappa = serializers.FloatField(allow_null=True)
    agreement = serializers.FloatField(allow_null=True)
    bar = serializers.FloatField()
    newest_label_at = serializers.DateTimeField(allow_null=True)
    reckoned_at = serializers.DateTimeField(allow_null=True)
    figures = serializers.JSONField(help_text="Confusion, bias, flips, slices, thresholds, ….")


class CalibrationPageDocument(Document):
    """The versions in use, by the names of their judges."""

    data_ = CalibrationDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


def queue_document(queue: ReviewQueue, counts: dict[str, int]) -> dict[str, Any]:
    """One queue; `counts` are its answers by state."""
    return {
        "id": queue.pk,
        "name": queue.name,
        "description": queue.description,
        "instructions": queue.instructions,
        "evaluator": queue.evaluator.name if queue.evaluator else None,
        "fields": queue.fields,
        "people_each": queue.people_each,
        "blind": queue.is_blind,
        **{state: counts.get(state, 0) for state in ("open", "done", "flagged")},
        "created_at": queue.created_at,
    }


def item_document(item: QueueItem, *, is_blind: bool) -> dict[str, Any]:
    """One answer; blind, while it is open, without what a judge said."""
    hides = is_blind and item.state == QueueItem.State.OPEN
    return {
        "id": item.pk,
        "queue": item.queue_id,
        "trace_id": item.trace_id,
        "span_id": item.span_id,
        "item": item.item_key,
        "slice": item.slice,
        "state": item.state,
        "reason": item.reason,
        "flag": item.flag,
        "snapshot": item.snapshot,
        "judged": None if hides else item.judged,
        "added_at": item.added_at,
        "done_at": item.done_at,
    }


def label_document(given: HumanLabel) -> dict[str, Any]:
    """One label."""
    return {
        "id": given.pk,
        "name": given.name,
        "trace_id": given.trace_id,
        "span_id": given.span_id,
        "item": given.item_key,
        "slice": given.slice,
        "author": given.author.email if given.author else given.author_label,
        "value": given.num if given.label is None else given.label,
        "passed": given.passed,
        "reason": given.reason,
        "dropped": given.is_dropped,
        "at": given.at,
    }


def calibration_document(found: Calibration) -> dict[str, Any]:
    """One calibration as it stands now; below 30 labels without kappa."""
    verdict = verdict_on(found)
    shown = found.labels >= 30
    internal = ("disagreements", "live")
    return {
        "judge": found.version.evaluator.name,
        "version": found.version.number,
        "state": verdict.state,
        "may_gate": verdict.may_gate,
        "verdict": verdict.words,
        "labels": found.labels,
        "kappa": found.kappa if shown else None,
        "low": found.low if shown else None,
        "high": found.high if shown else None,
        "human_kappa": found.human_kappa,
        "agreement": found.agreement if shown else None,
        "bar": found.bar,
        "newest_label_at": found.newest_label_at,
        "reckoned_at": found.reckoned_at,
        "figures": {name: one for name, one in found.figures.items() if name not in internal},
    }
