"""Rules of online evals: made, changed, stopped; and the look at what settled since."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, record, responsible
from evals.evaluating.spec import PAIRWISE
from evals.models import Evaluator, Judgement, OnlineRule
from evals.queries.online_candidates import look, looked_from
from evals.services.evaluator_errors import BadEvaluator
from kit.jobs import nudge
from kit.live import announce
from traces.live import group_of
from traces.queries.patience import TimeUp
from traces.query import QueryError, parse

TASK = "evals.judge_online"
MOST_RULES = 50  # of a project; a guess
MOST_BUDGET_NANO = 10**15  # a million dollars a day
LONGEST_NAME, LONGEST_QUERY = 200, 2_000


class BadRule(BadEvaluator):
    """The rule cannot be so; `faults` are (field, why)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a rule says. '' matches everything; no budget is no limit."""

    name: str
    evaluator: str
    share: Decimal
    feature: str = ""
    query: str = ""
    environment: str = ""
    daily_budget_nano: int | None = None
    is_enabled: bool = True


@transaction.atomic
def create_rule(project: Project, wanted: Wanted, *, actor: Actor) -> OnlineRule:
    """Let an evaluator look at a sample of live traces, from now on. Raises: BadRule."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    evaluator = _checked(project, wanted, None)
    now = timezone.now()
    rule = OnlineRule.objects.create(
        project=project,
        evaluator=evaluator,
        created_by=responsible(actor),
        created_at=now,
        scanned_to=looked_from(now),
        **_columns(wanted),
    )
    record("online_rule.created", actor=actor, project=project, subject=rule, **_told(wanted))
    _changed(project.pk)
    return rule


@transaction.atomic
def change_rule(rule: OnlineRule, wanted: Wanted, *, actor: Actor) -> OnlineRule:
    """Let a rule be so from now on; what passed while it was stopped is not judged.

    Raises: BadRule.
    """
    project = rule.project
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    rule = OnlineRule.objects.select_for_update().select_related("evaluator").get(pk=rule.pk)
    rule.project = project
    evaluator = _checked(project, wanted, rule)
    before = wanted_of(rule)
    if before == wanted:
        return rule
    if wanted.is_enabled and not rule.is_enabled:
        # The look back of an hour is for traces that come late, not for those of the pause.
        rule.scanned_to = looked_from(timezone.now())
    for name, value in _columns(wanted).items():
        setattr(rule, name, value)
    rule.evaluator, rule.changed_at = evaluator, timezone.now()
    rule.save()
    old, new = _told(before), _told(wanted)
    record(
        "online_rule.changed",
        actor=actor,
        project=project,
        subject=rule,
        before={name: value for name, value in old.items() if value != new[name]},
        after={name: value for name, value in new.items() if value != old[name]},
    )
    _changed(project.pk)
    return rule


@transaction.atomic
def delete_rule(rule: OnlineRule, *, actor: Actor) -> None:
    """Forget a rule; what it judged stays, with its scores."""
    record(
        "online_rule.deleted",
        actor=actor,
        project=rule.project,
        subject=rule,
        **_told(wanted_of(rule)),
    )
    Judgement.objects.filter(rule=rule, state=Judgement.State.DUE).delete()
    OnlineRule.objects.filter(pk=rule.pk).delete()
    _changed(rule.project_id)


def scan_rules(*, now: datetime | None = None) -> int:
    """Every rule in force has looked at what settled since; how many answers are due by that.

    One worker at a time; a rule whose query takes too long is looked at next time.
    """
    found = 0
    rules = OnlineRule.objects.filter(
        is_enabled=True, project__deleted_at=None, evaluator__archived_at=None
    ).exclude(evaluator__current=None)
    for pk in list(rules.order_by("pk").values_list("pk", flat=True)):
        try:
            found += scan_rule(pk, now or timezone.now())
        except (TimeUp, QueryError):
            continue
    if found:
        nudge(TASK)
    return found


@transaction.atomic
def scan_rule(pk: int, now: datetime) -> int:
    """What settled since the rule's last look is due, and the look is noted: both or neither."""
    rule = (
        OnlineRule.objects.select_for_update(of=("self",))
        .select_related("evaluator__current")
        .filter(pk=pk, is_enabled=True)
        .first()
    )
    if rule is None or rule.evaluator.current is None:
        return 0
    found = look(rule, now)
    rows = [
        Judgement(
            project_id=rule.project_id,
            purpose=Judgement.Purpose.ONLINE,
            name=rule.evaluator.name,
            version=rule.evaluator.current,
            rule=rule,
            trace_id=trace_id,
            due_at=now,
        )
        for trace_id in found.trace_ids
    ]
    Judgement.objects.bulk_create(rows, ignore_conflicts=True)
    known = rule.scanned_to
    looked = found.to if known is None else max(known, found.to)
    OnlineRule.objects.filter(pk=rule.pk).update(scanned_to=looked)
    return len(rows)


def wanted_of(rule: OnlineRule) -> Wanted:
    """What a rule says now."""
    return Wanted(
        name=rule.name,
        evaluator=rule.evaluator.name,
        share=rule.share,
        feature=rule.feature,
        query=rule.query,
        environment=rule.environment,
        daily_budget_nano=rule.daily_budget_nano,
        is_enabled=rule.is_enabled,
    )


def _checked(project: Project, wanted: Wanted, rule: OnlineRule | None) -> Evaluator:
    """The evaluator of a rule that can be so. Raises: BadRule."""
    faults = list(_faults(wanted))
    evaluator = (
        Evaluator.objects.filter(project=project, name=wanted.evaluator, archived_at=None).first()
        if "\0" not in wanted.evaluator
        else None
    )
    if evaluator is None:
        faults.append(("evaluator", "There is no such evaluator."))
    elif evaluator.kind == PAIRWISE:
        faults.append(("evaluator", "Live traffic has no other answer to compare with."))
    others = OnlineRule.objects.filter(project=project)
    if rule is not None:
        others = others.exclude(pk=rule.pk)
    elif others.count() >= MOST_RULES:
        faults.append(("name", f"A project has at most {MOST_RULES} rules."))
    if not any(field == "name" for field, _ in faults) and (
        others.filter(name=wanted.name).exists()
    ):
        faults.append(("name", "There is a rule of this name already."))
    if faults or evaluator is None:
        raise BadRule(faults)
    return evaluator


def _faults(wanted: Wanted) -> list[tuple[str, str]]:
    faults = []
    if not wanted.name.strip() or wanted.name != wanted.name.strip():
        faults.append(("name", "A rule needs a name, without blanks around it."))
    for name, most in (("name", LONGEST_NAME), ("feature", 200), ("environment", 100)):
        text = getattr(wanted, name)
        if len(text) > most or (text and not text.isprintable()):
            faults.append((name, f"One line of at most {most} visible characters."))
    if not wanted.share.is_finite() or not 0 < wanted.share <= 1:
        faults.append(("share", "A share lies above 0 and is at most 1."))
    elif wanted.share != wanted.share.quantize(Decimal("0.000001")):
        faults.append(("share", "A share has at most six digits after the point."))
    budget = wanted.daily_budget_nano
    if budget is not None and not 0 <= budget <= MOST_BUDGET_NANO:
        faults.append(("daily_budget_nano", "A budget is 0 to a million dollars a day."))
    if len(wanted.query) > LONGEST_QUERY:
        faults.append(("query", f"A query has at most {LONGEST_QUERY:,} characters."))
    elif wanted.query.strip():
        try:
            parse(wanted.query)
        except QueryError as wrong:
            faults.append(("query", str(wrong)))
    return faults


def _columns(wanted: Wanted) -> dict[str, Any]:
    return {name: value for name, value in asdict(wanted).items() if name != "evaluator"}


def _told(wanted: Wanted) -> dict[str, Any]:
    return {**asdict(wanted), "share": f"{wanted.share.normalize():f}"}


def _changed(project_id: int) -> None:
    announce(group_of(project_id), {"type": "project.changed", "changed": ["judges"]})
