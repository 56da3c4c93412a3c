"""Service objectives are counted every minute; a budget that burns too fast is an incident."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Project
from alerts.burning import LONG, SLOW, Counted, Rule, decide
from alerts.models import Incident, ObjectiveMinute, Severity, State, StepKind
from alerts.queries.objectives import (
    Name,
    Objective,
    bars_of,
    counted_of,
    is_most,
    last_minutes,
    objectives_of,
    windows_of,
)
from alerts.services.burning_words import evidence_of, sentence_of
from alerts.services.incidents import open_incident, resolve_cause
from features.models import Target
from prompts.models import LabelMove
from traces.queries.by_feature import prompts_of
from traces.queries.objectives import requests_by_minute, scored_traces

log = logging.getLogger(__name__)

COUNTED_AGAIN = timedelta(minutes=15)  # what began so long ago may still end, and settle
KEPT = {Name.QUALITY: LONG.long}  # others are read from roll-ups beyond the slow rule's hours
# A person who resolved it is not asked again at once, though its windows are still over.
QUIET_AFTER = timedelta(hours=1)

_UPSERT = """
insert into alerts_objectiveminute as m (target_id, name, minute, total, bad)
select * from unnest(%s::int8[], %s::text[], %s::timestamptz[], %s::int8[], %s::int8[])
on conflict (target_id, name, minute) do update
set total = greatest(m.total, excluded.total), bad = greatest(m.bad, excluded.bad)
where (m.total, m.bad) is distinct from
  (greatest(m.total, excluded.total), greatest(m.bad, excluded.bad))
"""


def watch_objectives(now: datetime | None = None) -> int:
    """Count what came, open and resolve incidents; how many of them changed. May run twice.

    A project in which something fails unforeseen does not keep the others from being watched.
    """
    now = now or timezone.now()
    held = Target.objects.filter(
        state=Target.State.APPROVED, feature__project__deleted_at=None, feature__archived_at=None
    )
    projects = Project.objects.filter(
        pk__in=held.values("feature__project"), deleted_at=None
    ).select_related("organization")
    changed = 0
    for project in projects.order_by("pk"):
        try:
            changed += watch_project(project, now)
        except Exception:
            log.exception("objectives of a project were not watched", extra={"project": project.pk})
    return changed + _resolve_gone()


def watch_project(project: Project, now: datetime) -> int:
    """The objectives of one project; how many incidents changed."""
    objectives = objectives_of(project)
    if not objectives:
        return 0
    _count(project, objectives, now)
    windows = windows_of(project, objectives, now)
    return sum(_follow(project, one, windows[one.key], now) for one in objectives)


def cause_of(objective: Objective, *, is_page: bool) -> str:
    """By which incidents of an objective are told apart: one that pages, one that waits."""
    kind = "burn" if is_page else "budget"
    return f"{kind}:{objective.name}:{objective.feature.pk}"


def forget_minutes(now: datetime) -> int:
    """Drop what no window reaches any more, and old minutes without traffic; how many rows."""
    empty = ObjectiveMinute.objects.filter(total=0, minute__lt=now - timedelta(hours=1))
    gone = empty.delete()[0]
    for name in Name:
        before = now - KEPT.get(name, SLOW.long) - timedelta(hours=1)
        gone += ObjectiveMinute.objects.filter(name=name, minute__lt=before).delete()[0]
    return gone


@transaction.atomic
def _count(project: Project, objectives: Sequence[Objective], now: datetime) -> None:
    """Bring the minutes up to date: the last quarter of an hour, and all since the last look."""
    known = last_minutes(objectives)
    found: dict[tuple[int, str, datetime], Counted] = {}
    on_requests = [one for one in objectives if one.name != Name.QUALITY]
    if on_requests:
        since = min(_since(one, known, now) for one in on_requests)
        bars = bars_of(on_requests)
        for row in requests_by_minute(project.pk, bars, since=since, until=now):
            for one in on_requests:
                if one.feature.name == row.feature:
                    found[*one.key, row.moment] = counted_of(one, row)
    for one in objectives:
        if one.name == Name.QUALITY:
            scored = scored_traces(
                project.pk, one.feature.name, one.target.metric, bar=one.target.bar,
                is_most=is_most(one.target), since=_since(one, known, now), until=now, by="minute",
            )  # fmt: skip
            for each in scored:
                found[*one.key, each.moment] = Counted(each.total, each.missed)
    edge = now.astimezone(UTC).replace(second=0, microsecond=0)
    for one in objectives:  # a minute without traffic says as well how far it is counted
        found.setdefault((*one.key, edge), Counted(0, 0))
    keys = sorted(found)
    columns = [list(column) for column in zip(*keys, strict=True)]
    counts = [found[key] for key in keys]
    with connection.cursor() as cursor:
        totals, bad = [one.total for one in counts], [one.bad for one in counts]
        cursor.execute(_UPSERT, [*columns, totals, bad])


def _since(
    objective: Objective, known: Mapping[tuple[int, str], datetime], now: datetime
) -> datetime:
    """From which minute on it is to be counted: a whole minute, for parts would count too little.

    After a rest everything since the last look is read again, as far as windows reach.
    """
    reach = KEPT.get(Name(objective.name), SLOW.long)
    last = known.get(objective.key, now - reach)
    since = max(now - reach, min(last, now) - COUNTED_AGAIN)
    return since.astimezone(UTC).replace(second=0, microsecond=0)


def _follow(
    project: Project, objective: Objective, windows: Mapping[timedelta, Counted], now: datetime
) -> int:
    verdict = decide(windows, objective.allowed)
    page, ticket = (cause_of(objective, is_page=one) for one in (True, False))
    changed = 0
    if verdict.page is not None and not _was_settled(project, page, now, QUIET_AFTER):
        changed += _open(project, objective, verdict.page, windows, now)
    elif verdict.is_over(is_page=True):
        changed += _resolve(project, page, objective, now)
    # What a page told is not told again as a ticket, until the shorter window has forgotten it.
    if verdict.ticket is not None and not _is_told(project, page, now):
        if not _was_settled(project, ticket, now, timedelta(days=1)):
            changed += _open(project, objective, verdict.ticket, windows, now)
    elif verdict.is_over(is_page=False):
        changed += _resolve(project, ticket, objective, now)
    return changed


def _open(
    project: Project,
    objective: Objective,
    rule: Rule,
    windows: Mapping[timedelta, Counted],
    now: datetime,
) -> int:
    cause = cause_of(objective, is_page=rule.is_page)
    known = Incident.objects.filter(project=project, cause=cause).exclude(state=State.RESOLVED)
    if (seen := known.values_list("seen_at", flat=True).first()) and now - seen < COUNTED_AGAIN:
        return 0  # it is known, and its figures are fresh
    made = open_incident(
        project,
        cause,
        sentence=sentence_of(objective, rule, windows[rule.long]),
        severity=Severity.PAGE if rule.is_page else Severity.TICKET,
        feature=objective.feature.name,
        evidence=evidence_of(project, objective, rule, windows, now),
        implicated=_implicated(project, objective, rule, now) if seen is None else None,
        now=now,
    )
    return int(made.times_seen == 1)


def _resolve(project: Project, cause: str, objective: Objective, now: datetime) -> int:
    why = f"{objective.label} burns its budget no faster than it may."
    return int(resolve_cause(project, cause, why=why, now=now))


def _resolve_gone() -> int:
    """What nobody asks any more, because the target changed or the feature went, is over."""
    open_ones = Incident.objects.filter(project__deleted_at=None).exclude(state=State.RESOLVED)
    changed = 0
    for kind in ("burn", "budget"):  # those of spending budgets go on with a number
        ours = open_ones.filter(cause__regex=rf"^{kind}:[^0-9]")
        for incident in ours.select_related("project"):
            asked = objectives_of(incident.project, incident.feature)
            causes = {cause_of(one, is_page=kind == "burn") for one in asked}
            if incident.cause not in causes:
                why = "The objective is not asked any more."
                changed += resolve_cause(incident.project, incident.cause, why=why)
    return changed


def _was_settled(project: Project, cause: str, now: datetime, quiet: timedelta) -> bool:
    """True where a person resolved it so shortly before."""
    last = Incident.objects.filter(
        project=project, cause=cause, state=State.RESOLVED, resolved_at__gt=now - quiet
    ).order_by("-pk")
    return any(
        one.steps.filter(kind=StepKind.RESOLVED, by__isnull=False).exists() for one in last[:1]
    )


def _is_told(project: Project, page: str, now: datetime) -> bool:
    """True while the page of the same objective goes on, or ended within the ticket's window."""
    rows = Incident.objects.filter(project=project, cause=page)
    if rows.exclude(state=State.RESOLVED).exists():
        return True
    return rows.filter(resolved_at__gt=now - LONG.short).exists()


def _implicated(
    project: Project, objective: Objective, rule: Rule, now: datetime
) -> LabelMove | None:
    """The latest move of a label of the feature's prompts, shortly before the window of a page."""
    if not rule.is_page:
        return None
    since = now - rule.long - timedelta(hours=1)
    used = prompts_of(project.pk, objective.feature.name, since=since, until=now)
    moves = LabelMove.objects.filter(
        prompt__project=project, prompt__name__in=[name for name, _ in used], at__gte=since,
        at__lte=now,
    )  # fmt: skip
    return moves.order_by("-pk").first()
