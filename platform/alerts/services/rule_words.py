"""A rule that fires in the words of its incident, with the evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from alerts.models import AlertRule, Origin
from alerts.queries.rule_evidence import (
    calls_by_provider,
    course_of,
    examples_of,
    href_of,
    window_of,
)
from alerts.queries.rule_sources import source_of
from alerts.rules.deciding import Said
from alerts.rules.units import shown
from alerts.rules.whose import whose
from alerts.rules.windows import LENGTHS
from alerts.services.drift import ORIGINS, evidence_of, implicated_in
from alerts.values import Evidence, Fact
from evals.models import DriftAlarm
from prompts.models import LabelMove
from traces.queries.by_feature import prompts_of

_OF_ERRORS = frozenset({"error_rate", "call_error_rate"})
IMPLICATED_WITHIN = timedelta(hours=6)  # before the window: a move so shortly before may be why
BEFORE = {"day": "the day before", "week": "the week before", "median": "the days before"}
_SIDES = {"above": "above", "below": "below", "rises": "above", "falls": "below"}


def sentence_of(rule: AlertRule, said: Said) -> str:
    """`Errors of refunds: error rate 12.4%, above 5% over 15 minutes, of 1,204 requests.`"""
    metric = rule.measured
    if rule.metric == "drift":
        return f"{rule.name}: the score fell by {shown(said.value, 'score')}."
    over = LENGTHS[rule.window_minutes]
    if rule.condition == AlertRule.Condition.SILENT:
        few = f"only {said.count:,}" if said.count else "no"
        return f"{rule.name}: {few} {metric.of} in {over}."
    of = "" if metric.is_count else f", of {said.count:,} {metric.of}"
    bar, value = shown(said.bar, metric.unit), shown(said.value, metric.unit)
    side = _SIDES[rule.condition]
    if rule.baseline:
        bar = f"{bar}, the limit beside {BEFORE[rule.baseline]}"
    return f"{rule.name}: {metric.label} {value}, {side} {bar}, over {over}{of}."


def incident_of(rule: AlertRule, said: Said) -> dict[str, Any]:
    """What `open_incident` is told besides cause and project."""
    found: dict[str, Any] = {
        "sentence": sentence_of(rule, said),
        "severity": rule.severity,
        "feature": rule.feature,
        "runbook_url": rule.runbook_url,
        "channel_ids": list(rule.channels.filter(deleted_at=None).values_list("pk", flat=True)),
    }
    if rule.owner_id is not None:
        found["owner"] = rule.owner
    if source_of(rule) is None:
        return found | _of_traces(rule, said)
    return found | _of_schedule(rule)


def _of_traces(rule: AlertRule, said: Said) -> dict[str, Any]:
    window = window_of(rule, said.at)
    unit = rule.measured.unit
    facts = [
        Fact(rule.measured.label, f"{shown(said.value, unit)} of {said.count:,} {rule.measured.of}",
             href_of(rule, window)),
        Fact("Limit", shown(said.bar, unit)),
        Fact("Window", f"{LENGTHS[rule.window_minutes]}, to {window[1]:%d %b %H:%M} UTC"),
        Fact("Rule", rule.name, rule.page_path),
    ]  # fmt: skip
    if rule.scope:
        facts.insert(3, Fact("Scope", rule.scope))
    origin = Origin.UNKNOWN
    if rule.metric in _OF_ERRORS:
        told = whose(calls_by_provider(rule.project_id, *window), rule.feature)
        if told.origin:
            origin = Origin.PROVIDER if told.origin == "provider" else Origin.US
            facts.append(Fact("Because", told.sentence))
    move = _move_before(rule, window) if origin is not Origin.PROVIDER else None
    points = [one.readings[0].figure.value for one in course_of(rule, said.at)]
    evidence = Evidence(
        facts=facts,
        points=[None if one is None else float(one) for one in points],
        bar=None if said.bar is None else float(said.bar),
        trace_ids=examples_of(rule, window),
    )
    return {"evidence": evidence, "origin": origin, "implicated": move}


def _of_schedule(rule: AlertRule) -> dict[str, Any]:
    alarms = DriftAlarm.objects.filter(schedule=int(rule.subject), state=DriftAlarm.State.OPEN)
    alarm = alarms.select_related("schedule__project", "run").first()
    if rule.metric != "drift" or alarm is None:
        return {}
    return {
        "evidence": evidence_of(alarm),
        "origin": ORIGINS.get(alarm.cause, Origin.UNKNOWN),
        "implicated": implicated_in(alarm),
        "feature": rule.feature or alarm.schedule.feature,
    }


def _move_before(rule: AlertRule, window: tuple[Any, Any]) -> LabelMove | None:
    """The newest move of a label, shortly before or in the window, of a prompt of the feature."""
    if not rule.feature:
        return None
    names = [
        name
        for name, _ in prompts_of(rule.project_id, rule.feature, since=window[0], until=window[1])
    ]
    moves = LabelMove.objects.filter(
        prompt__project=rule.project_id,
        prompt__name__in=names,
        at__gte=window[0] - IMPLICATED_WITHIN,
        at__lte=window[1],
    )
    return moves.order_by("-pk").first()
