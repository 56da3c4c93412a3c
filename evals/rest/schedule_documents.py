"""Schedules, their runs and alarms over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from evals.models import DriftAlarm, EvaluatorVersion, Rejudging, Schedule, ScheduleRun
from evals.queries.quality import Series
from evals.values.slots import date_of
from evals.values.standings import Standing, read_standing
from pricing.price import usd
from prompts.rest.documents import Document


def _number(**parts: Any) -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, **parts)


class StandingDocument(Document):
    """Where the detector stands; less is worse, so a score that should be low is mirrored."""

    calibrating = serializers.BooleanField(help_text="No alarm can come yet.")
    runs = serializers.IntegerField(help_text="In the reference; while it calibrates, gathered.")
    mean = _number(help_text="Of the reference.")
    low = _number(help_text="Of the band that 95 % of runs lie in.")
    high = _number()
    detectable = _number(help_text="The drop that is found in three days, four times in five.")


class ScheduleDocument(Document):
    """A frozen set, and when it runs."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    feature = serializers.CharField()
    dataset = serializers.CharField()
    dataset_version = serializers.IntegerField()
    prompt = serializers.CharField()
    version = serializers.IntegerField(allow_null=True, help_text="Pinned; null: the label's.")
    label_ = serializers.CharField(allow_null=True)
    provider = serializers.CharField()
    model = serializers.CharField()
    parameters = serializers.DictField()
    evaluator = serializers.CharField(allow_null=True, help_text="That is watched.")
    cost_cap_usd = serializers.CharField(allow_null=True, help_text="Decimal text, of one run.")
    hour = serializers.IntegerField()
    minute = serializers.IntegerField()
    zone = serializers.CharField()
    weekdays = serializers.ListField(child=serializers.IntegerField(), help_text="0 is Monday.")
    jitter_minutes = serializers.IntegerField()
    late_minutes = serializers.IntegerField()
    month_cap_usd = serializers.CharField(allow_null=True, help_text="Decimal text.")
    retries = serializers.IntegerField()
    judge_answers = serializers.IntegerField(help_text="That a judge marks again in each run.")
    canary = serializers.BooleanField()
    paused = serializers.BooleanField()
    next_at = serializers.DateTimeField(allow_null=True, help_text="null: it is paused.")
    standing = StandingDocument()
    open_alarm = serializers.IntegerField(allow_null=True)


class SchedulePageDocument(Document):
    """A page of schedules, by name."""

    data_ = ScheduleDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class RejudgingDocument(Document):
    """The same stored answers, marked again in a run: whether the judge is what it was."""

    state = serializers.ChoiceField(choices=Rejudging.State.choices)
    answers = serializers.IntegerField()
    mean = _number()
    calls = serializers.IntegerField()
    cost_usd = serializers.CharField(help_text="Decimal text.")
    error = serializers.CharField()


class ScheduleRunDocument(Document):
    """One run of a slot, a rerun, or a replay after an alarm."""

    id = serializers.IntegerField()
    slot = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=ScheduleRun.Kind.choices)
    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ScheduleRun.State.choices)
    error = serializers.CharField()
    experiment = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    model = serializers.CharField()
    segment = serializers.IntegerField(allow_null=True)
    fingerprint = serializers.DictField(child=serializers.CharField())
    mean = _number()
    z = _number()
    cusum = _number()
    verdict = serializers.CharField()
    standing = StandingDocument()
    attempts = serializers.IntegerField(help_text="That came to nothing before.")
    spent_usd = serializers.CharField(help_text="Decimal text; of its experiments that are over.")
    over_budget = serializers.BooleanField(help_text="Missed: the month's budget.")
    judge = RejudgingDocument(allow_null=True)
    alarm = serializers.IntegerField(allow_null=True, help_text="That a replay belongs to.")
    finished_at = serializers.DateTimeField(allow_null=True)


class ScheduleRunPageDocument(Document):
    """A page of runs, the newest first."""

    data_ = ScheduleRunDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class DriftAlarmDocument(Document):
    """A series fell: since when, by how much, which items, and whose change it was."""

    id = serializers.IntegerField()
    schedule = serializers.IntegerField()
    run = serializers.IntegerField(help_text="That raised it.")
    kind = serializers.ChoiceField(choices=DriftAlarm.Kind.choices)
    state = serializers.ChoiceField(choices=DriftAlarm.State.choices)
    since = serializers.DateField()
    effect = serializers.FloatField()
    low = serializers.FloatField(help_text="Of its 95 % interval.")
    high = serializers.FloatField()
    changed = serializers.ListField(child=serializers.CharField())
    cause = serializers.CharField(help_text="'': the replays are not over.")
    confidence = serializers.CharField()
    sentences = serializers.ListField(child=serializers.CharField())
    arms = serializers.ListField(child=serializers.DictField())
    items = serializers.ListField(child=serializers.DictField())
    opened_at = serializers.DateTimeField()
    told_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_by = serializers.CharField()
    note = serializers.CharField()


class DriftAlarmPageDocument(Document):
    """A page of alarms, the newest first."""

    data_ = DriftAlarmDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


def standing_document(standing: Standing) -> dict[str, Any]:
    """Where a detector stands."""
    is_young = standing.is_calibrating
    return {
        "calibrating": is_young,
        "runs": standing.gathered if is_young else standing.held,
        "mean": standing.mean,
        "low": standing.low,
        "high": standing.high,
        "detectable": standing.detectable,
    }


def schedule_document(series: Series) -> dict[str, Any]:
    """A schedule with where it stands."""
    one: Schedule = series.schedule
    watched: EvaluatorVersion | None = series.watched
    alarm = series.open_alarm
    cap = one.cost_cap_nano
    return {
        "id": one.pk,
        "name": one.name,
        "description": one.description,
        "feature": one.feature,
        "dataset": one.dataset.name,
        "dataset_version": one.dataset_version,
        "prompt": one.prompt.name,
        "version": one.prompt_version.number if one.prompt_version else None,
        "label": one.label or None,
        "provider": one.provider,
        "model": one.model,
        "parameters": one.parameters,
        "evaluator": watched.evaluator.name if watched else None,
        "cost_cap_usd": None if cap is None else usd(cap),
        "hour": one.hour,
        "minute": one.minute,
        "zone": one.zone,
        "weekdays": one.weekdays,
        "jitter_minutes": one.jitter_minutes,
        "late_minutes": one.late_minutes,
        "month_cap_usd": None if one.month_cap_nano is None else usd(one.month_cap_nano),
        "retries": one.retries,
        "judge_answers": one.judge_answers,
        "canary": one.is_canary,
        "paused": one.is_paused,
        "next_at": None if one.is_paused else one.next_at,
        "standing": standing_document(series.standing),
        "open_alarm": alarm.pk if alarm else None,
    }


def run_document(run: ScheduleRun) -> dict[str, Any]:
    """One run."""
    return {
        "id": run.pk,
        "slot": run.slot,
        "kind": run.kind,
        "number": run.number,
        "state": run.state,
        "error": run.error,
        "experiment": run.experiment.number if run.experiment else None,
        "version": run.prompt_version.number if run.prompt_version else None,
        "model": run.model,
        "segment": run.segment,
        "fingerprint": run.fingerprint,
        "mean": run.mean,
        "z": run.z,
        "cusum": run.cusum,
        "verdict": run.verdict,
        "standing": standing_document(read_standing(run.standing)),
        "attempts": run.attempts,
        "spent_usd": usd(run.spent_nano),
        "over_budget": run.is_over_budget,
        "judge": _rejudging_document(getattr(run, "rejudging", None)),
        "alarm": run.alarm_id,
        "finished_at": run.finished_at,
    }


def _rejudging_document(row: Rejudging | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "state": row.state,
        "answers": len(row.marks),
        "mean": row.mean,
        "calls": row.calls,
        "cost_usd": usd(row.cost_nano),
        "error": row.error,
    }


def alarm_document(alarm: DriftAlarm) -> dict[str, Any]:
    """One alarm."""
    return {
        "id": alarm.pk,
        "schedule": alarm.schedule_id,
        "run": alarm.run_id,
        "kind": alarm.kind,
        "state": alarm.state,
        "since": date_of(alarm.since),
        "effect": alarm.effect,
        "low": alarm.low,
        "high": alarm.high,
        "changed": alarm.changed,
        "cause": alarm.cause,
        "confidence": alarm.confidence,
        "sentences": alarm.attribution.get("sentences", []),
        "arms": alarm.attribution.get("arms", []),
        "items": alarm.report.get("items", []),
        "opened_at": alarm.opened_at,
        "told_at": alarm.told_at,
        "closed_at": alarm.closed_at,
        "closed_by": alarm.closer_label,
        "note": alarm.note,
    }
