"""Rules whose time has come look, those of a project in a few statements; some fire or are over."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Project
from alerts.models import AlertRule, Incident, RuleEvent
from alerts.queries.rule_figures import looks_of
from alerts.queries.rule_history import ends_of
from alerts.queries.rules import due_rules
from alerts.rules.deciding import Look, Said, Verdict, step
from alerts.rules.windows import DELAY, end_of
from alerts.services.incidents import open_incident, resolve_cause
from alerts.services.rule_words import incident_of
from alerts.services.timeline import announce
from traces.queries.patience import TimeUp

log = logging.getLogger(__name__)

TOGETHER_SECONDS, ALONE_SECONDS = 20.0, 2.0  # of one statement
AT_MOST_SECONDS = 50.0  # then what is left waits for the next time, and comes first in it
AFTER_A_PROBLEM = timedelta(minutes=15)
EVIDENCE_EVERY = timedelta(minutes=5)  # of what goes on
TOO_LONG = "Its traces took too long to read; it looks again less often. Narrow its scope."
UNREADABLE = "Its scope cannot be read any more. Change it."
UNFORESEEN = "It could not look; the log of this installation says why."

State = AlertRule.State
_QUIET = """
update alerts_alertrule r set state = v.state, since = v.since, fine_since = v.fine_since,
  has_seen = v.has_seen, evaluated_at = v.at, next_at = v.next_at, last_value = v.value,
  last_bar = v.bar, last_count = v.count, problem = ''
from unnest(%s::int8[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::bool[],
  %s::timestamptz[], %s::timestamptz[], %s::numeric[], %s::numeric[], %s::int8[],
  %s::timestamptz[]) as v (id, state, since, fine_since, has_seen, at, next_at, value, bar, count,
  changed_at)
where r.id = v.id and r.changed_at = v.changed_at
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """How many rules looked, and of how many that changed something."""

    looked: int = 0
    changed: int = 0
    failed: int = 0


def watch_rules(now: datetime | None = None) -> Watched:
    """Let every rule look whose time has come. May run twice: what stands in the rows decides."""
    now = now or timezone.now()
    looked = changed = failed = 0
    until = time.monotonic() + AT_MOST_SECONDS
    due = sorted(due_rules(now), key=lambda rule: rule.project_id)
    for _, rules in groupby(due, key=lambda rule: rule.project_id):
        some = list(rules)
        looks, wrong = _looks(some, end_of(now), until)
        changed += _settle(looks, now)
        for rule, problem in wrong:
            _note_problem(rule, problem, now)
        looked += len(looks)
        failed += len(wrong)
    return Watched(looked, changed, failed)


def _looks(
    rules: Sequence[AlertRule], end: datetime, until: float
) -> tuple[list[tuple[AlertRule, Look]], list[tuple[AlertRule, str]]]:
    """What each rule sees: all together; where that does not go in halves, down to single ones.

    What is left when the clock says `until` stays due.
    """
    if time.monotonic() > until:
        return [], []
    seconds = TOGETHER_SECONDS if len(rules) > 1 else ALONE_SECONDS
    problem = UNFORESEEN
    try:
        found = looks_of([(rule, [end]) for rule in rules], seconds=seconds)
        return [(rule, one[0]) for rule, one in zip(rules, found, strict=True)], []
    except TimeUp:
        problem = TOO_LONG
    except ValueError:
        problem = UNREADABLE
    except Exception:
        log.exception("rules could not look", extra={"rules": [rule.pk for rule in rules[:9]]})
    if len(rules) == 1:
        return [], [(rules[0], problem)]
    half = len(rules) // 2
    first, second = _looks(rules[:half], end, until), _looks(rules[half:], end, until)
    return first[0] + second[0], first[1] + second[1]


def _settle(looks: Sequence[tuple[AlertRule, Look]], now: datetime) -> int:
    """Keep what was seen: what changes nothing in one statement, the rest one by one."""
    quiet: list[tuple[AlertRule, Said]] = []
    changed = 0
    for rule, look in looks:
        said = step(rule.terms, rule.standing, look)
        if _is_quiet(rule, said, now):
            quiet.append((rule, said))
            continue
        try:
            changed += _turn(rule.pk, look, now)
        except Exception:
            log.exception("what a rule saw was not kept", extra={"rule": rule.pk})
            _note_problem(rule, UNFORESEEN, now)
    if quiet:
        _keep(quiet, now)
    return changed


def _is_quiet(rule: AlertRule, said: Said, now: datetime) -> bool:
    if said.has_fired or said.is_over:
        return False
    if not said.standing.is_firing:
        return rule.incident_id is None
    is_evidence_due = rule.evaluated_at is None or _is_news(rule.evaluated_at, said.at)
    return not is_evidence_due and (rule.incident_id is not None or _is_muted(rule, now))


def _is_news(before: datetime, at: datetime) -> bool:
    """Evidence is renewed once in each five minutes of the clock."""
    every = EVIDENCE_EVERY.total_seconds()
    return before.timestamp() // every != at.timestamp() // every


def _state(said: Said) -> str:
    if said.standing.is_firing:
        return State.FIRING
    return State.UNKNOWN if said.verdict is Verdict.UNKNOWN else State.FINE


def _is_muted(rule: AlertRule, now: datetime) -> bool:
    return rule.muted_until is not None and rule.muted_until > now


def look_back(rule: AlertRule, since: datetime, now: datetime) -> int:
    """Let a new rule look at the past, step by step as it would have; how often that changed it."""
    ends = [end for end in ends_of(rule, end_of(now), now - since) if end > since]
    [looks] = looks_of([(rule, ends)])
    changed = 0
    for look in looks:
        then = look.at + DELAY
        said = step(rule.terms, rule.standing, look)
        if _is_quiet(rule, said, then):
            _take(rule, said, then)
            continue
        rule.next_at = then
        rule.save()
        changed += _turn(rule.pk, look, then)
        rule.refresh_from_db()
    rule.save()
    return changed


@transaction.atomic
def _turn(pk: int, look: Look, now: datetime) -> int:
    """The rule fires, is over, or goes on: with its row locked, so that it happens once."""
    rows = AlertRule.objects.select_for_update(no_key=True, of=["self"])
    rule = rows.select_related("project__organization", "owner").filter(pk=pk).first()
    if rule is None or not rule.is_enabled or rule.next_at > now:
        return 0
    said = step(rule.terms, rule.standing, look)
    if said.standing.is_firing:
        _follow(rule, said, now)
    elif said.is_over or rule.incident_id is not None:
        resolve_cause(rule.project, rule.cause, why="The condition is gone.", now=now)
        _add_event(rule, RuleEvent.Kind.OVER, said, now)
        rule.incident = None
    if said.has_fired:
        _add_event(rule, RuleEvent.Kind.FIRED, said, now)
    _take(rule, said, now)
    rule.save(update_fields=[
        "state", "since", "fine_since", "has_seen", "evaluated_at", "next_at", "last_value",
        "last_bar", "last_count", "problem", "incident",
    ])  # fmt: skip
    announce(rule.project_id)
    return int(said.has_fired or said.is_over)


def _follow(rule: AlertRule, said: Said, now: datetime) -> None:
    """Open its incident, or give the one that stands newer evidence; who resolved it is heeded."""
    if rule.incident_id is not None:
        # In the order in which incidents are opened: project, then incident.
        Project.objects.select_for_update(no_key=True).get(pk=rule.project_id)
        mine = Incident.objects.select_for_update(no_key=True).filter(pk=rule.incident_id).first()
        if mine is None or mine.is_over:
            return
    elif _is_muted(rule, now):
        return
    told = incident_of(rule, said)
    rule.incident = open_incident(rule.project, rule.cause, **told, now=now)


def _add_event(rule: AlertRule, kind: RuleEvent.Kind, said: Said, now: datetime) -> None:
    RuleEvent.objects.get_or_create(
        rule=rule, at=said.at, kind=kind,
        defaults={
            "value": stored(said.value), "bar": stored(said.bar), "count": said.count,
            "was_muted": _is_muted(rule, now), "incident": rule.incident,
        },
    )  # fmt: skip


def _take(rule: AlertRule, said: Said, now: datetime) -> None:
    rule.state, rule.since = _state(said), said.standing.since
    rule.fine_since, rule.has_seen = said.standing.fine_since, said.standing.has_seen
    rule.evaluated_at, rule.next_at = said.at, now + rule.frame.every
    rule.last_value, rule.last_bar = stored(said.value), stored(said.bar)
    rule.last_count, rule.problem = said.count, ""


def _keep(quiet: Sequence[tuple[AlertRule, Said]], now: datetime) -> None:
    rows = []
    for rule, said in quiet:
        _take(rule, said, now)
        rows.append((
            rule.pk, rule.state, rule.since, rule.fine_since, rule.has_seen, rule.evaluated_at,
            rule.next_at, rule.last_value, rule.last_bar, rule.last_count, rule.changed_at,
        ))  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_QUIET, [list(column) for column in zip(*rows, strict=True)])


def _note_problem(rule: AlertRule, problem: str, now: datetime) -> None:
    """It looks again later; what it said before stands."""
    same = AlertRule.objects.filter(pk=rule.pk, changed_at=rule.changed_at)
    same.update(problem=problem, next_at=now + max(AFTER_A_PROBLEM, rule.frame.every))


def stored(value: Fraction | None) -> Decimal | None:
    """A figure as its column takes it, to nine digits after the point."""
    if value is None:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.000000001"))
