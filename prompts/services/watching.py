"""A look at a rollout: what traces say of both arms, what halts it, whether a stage is due.

Every look computes the same from the same traces, whoever looks and however often, so that two
workers at once, or one that was killed, do no harm.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from kit.errors import DomainError
from kit.intervals import (
    Bin,
    Guard,
    Outcome,
    Plan,
    Verdict,
    decide,
    judge,
)
from prompts.guarding.bins import Kept, bins_of, kept_of_calls, kept_of_scores
from prompts.guarding.metrics import (
    ALPHA,
    COST,
    LATENCY,
    BadGuard,
    guard_of,
    metric_of,
    score_names,
)
from prompts.models import Rollout, RolloutEvent
from prompts.queries.environments import environment_of
from prompts.queries.rollouts import (
    asked_of,
    kept_minutes,
    periods,
    score_ranges,
    seen_share,
)
from prompts.services.calibrating import calibrate
from prompts.services.locking import pages_changed
from prompts.services.news import tell_of_verdict
from prompts.services.rolling import (
    add_event,
    blockers_of,
    halt,
    reread_rollout,
    set_share,
    stages_of,
)
from traces.queries.arms import (
    calls_by_minute,
    scores_by_minute,
)

SETTLED = timedelta(minutes=1)  # calls of a minute are there, mostly, a minute later
RECENT = timedelta(hours=3)  # minutes that every look computes again
LATE = timedelta(days=7)  # those that one look an hour computes again: scores come late


def look(rollout: Rollout, *, now: datetime | None = None) -> None:
    """Bring the figures up to date; then halt, go to the next stage, or give a test's verdict."""
    now = now or timezone.now()
    rollout = Rollout.objects.select_related(
        "prompt__project__organization", "base", "candidate", "request"
    ).get(pk=rollout.pk)
    if rollout.status != Rollout.Status.ACTIVE:
        return
    calibrate(rollout, now)
    _bring_up_to_date(rollout, now)
    verdicts = _judged(rollout)
    if _halted(rollout, verdicts):
        return
    if rollout.mode == Rollout.Mode.TEST:
        _decide_test(rollout)
    elif rollout.next_stage_at is not None and rollout.next_stage_at <= now:
        take_next_stage(rollout)


def _bring_up_to_date(rollout: Rollout, now: datetime) -> None:
    """Compute the minutes of the last hours again; once an hour those of the last days."""
    is_hourly = rollout.looked_at is None or rollout.looked_at.hour != now.hour
    since = max(rollout.started_at, now - (LATE if is_hourly else RECENT))
    since = since.replace(second=0, microsecond=0)
    kept: list[Kept] = []
    ceilings = {guard["metric"]: guard.get("ceiling") for guard in rollout.guards}
    for share, start, end in periods(rollout, since, now - SETTLED):
        asked = asked_of(rollout, start, end, share=share)
        kept += kept_of_calls(
            calls_by_minute(
                asked, latency_ceiling=ceilings.get(LATENCY), cost_ceiling=ceilings.get(COST)
            )
        )
        kept += kept_of_scores(scores_by_minute(asked, score_names(rollout.guards)))
    _keep(rollout, since, kept)
    Rollout.objects.filter(pk=rollout.pk).update(looked_at=now)


@transaction.atomic
def _keep(rollout: Rollout, since: datetime, kept: Iterable[Kept]) -> None:
    """Replace what is kept from `since` on, in one transaction: readers see all of it or none."""
    rows = list(kept)
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtext('rollout_minutes'), %s)", [rollout.pk % 2**31]
        )
        cursor.execute(
            "delete from prompts_rolloutminute where rollout_id = %s and minute >= %s",
            [rollout.pk, since],
        )
        cursor.execute(
            "insert into prompts_rolloutminute "
            "(rollout_id, minute, metric, is_new, n, total, squares) "
            "select %s, kept.* from unnest(%s::timestamptz[], %s::text[], %s::bool[], "
            "%s::bigint[], %s::float8[], %s::float8[]) as kept",
            [
                rollout.pk,
                [row.minute for row in rows],
                [row.metric for row in rows],
                [row.is_new for row in rows],
                [row.sums.n for row in rows],
                [float(row.sums.total) for row in rows],
                [float(row.sums.squares) for row in rows],
            ],
        )


def judged(rollout: Rollout) -> dict[str, tuple[Guard | None, Verdict | None, list[Bin]]]:
    """What every guard of the rollout says of all that is kept; None while it cannot begin."""
    ranges = score_ranges(rollout.prompt.project_id)
    bins = bins_of(kept_minutes(rollout))
    alpha = ALPHA / max(len(rollout.guards), 1)
    found: dict[str, tuple[Guard | None, Verdict | None, list[Bin]]] = {}
    for given in rollout.guards:
        key = given["metric"]
        try:
            guard = guard_of(given, ranges)
        except BadGuard:  # its score is defined no longer
            guard = None
        of_it = bins.get(key, [])
        found[key] = (guard, judge(guard, of_it, alpha=alpha) if guard else None, of_it)
    return found


def _judged(rollout: Rollout) -> dict[str, Verdict]:
    verdicts = {
        key: verdict for key, (_, verdict, _) in judged(rollout).items() if verdict is not None
    }
    told = {key: asdict(verdict) for key, verdict in verdicts.items()}
    if told != rollout.verdicts:
        Rollout.objects.filter(pk=rollout.pk).update(verdicts=told)
        pages_changed(rollout.prompt.project_id)
    return verdicts


def _halted(rollout: Rollout, verdicts: dict[str, Verdict]) -> bool:
    for key, verdict in verdicts.items():
        if verdict.state != "halt":
            continue
        name = metric_of(key, score_ranges(rollout.prompt.project_id)).name
        reason = f"{name}: {verdict.why}"
        halt(rollout, actor=None, reason=reason, evidence={"metric": key, **asdict(verdict)})
        return True
    return False


def take_next_stage(rollout: Rollout) -> None:
    """Give the share of the next stage, or say what it waits for.

    Nothing happens where somebody acted on the rollout since it was read: theirs is the last word.
    """
    following = next((stage for stage in stages_of(rollout) if stage.share > rollout.share), None)
    if following is None:
        return
    waits = _waits_for(rollout, following.share)
    with transaction.atomic():
        fresh = reread_rollout(rollout)
        if _position(fresh) != _position(rollout):
            return
        if not waits:
            try:
                set_share(fresh, following.share, actor=None, by="the next stage")
            except DomainError as refused:
                waits = str(refused)
        if waits and waits[:300] != fresh.waits_for:
            Rollout.objects.filter(pk=fresh.pk).update(waits_for=waits[:300])
            pages_changed(fresh.prompt.project_id)


def _position(rollout: Rollout) -> tuple[str, int, datetime | None]:
    return rollout.status, rollout.share, rollout.next_stage_at


def _waits_for(rollout: Rollout, share: int) -> str:
    environment = environment_of(rollout.prompt.project, rollout.label)
    wide = environment.wide_share if environment else 10
    least = environment.seen_share if environment else 95
    if share / 100 > wide:
        seen, reads = seen_share(rollout)
        if seen is None:
            return f"The next stage waits for reads: {reads} with a key since the last change."
        if seen * 100 < least:
            return (
                f"The next stage waits: {seen:.0%} of {reads:,} reads of {rollout.candidate} "
                f"appear in traces, and {least}% must."
            )
    if rollout.request is not None and (found := blockers_of(rollout.request, share)):
        return found[0].text
    return ""


def _decide_test(rollout: Rollout) -> None:
    """Give an A/B test's one verdict, once its planned numbers are there."""
    test = rollout.test or {}
    if test.get("verdict"):
        return
    metric = metric_of(test["metric"], score_ranges(rollout.prompt.project_id))
    plan = Plan(**test["plan"])
    bins = bins_of(kept_minutes(rollout)).get(test["metric"], [])
    outcome = decide(plan, bins, worse=metric.worse)
    if outcome.state != "not yet":
        _keep_verdict(rollout, outcome)


@transaction.atomic
def _keep_verdict(rollout: Rollout, outcome: Outcome) -> None:
    rollout = reread_rollout(rollout)
    if rollout.status != Rollout.Status.ACTIVE or (rollout.test or {}).get("verdict"):
        return
    verdict: dict[str, Any] = asdict(outcome)
    rollout.test = {**(rollout.test or {}), "verdict": verdict}
    rollout.save(update_fields=["test"])
    add_event(
        rollout,
        RolloutEvent.Kind.VERDICT,
        rollout.share,
        None,
        reason=outcome.why,
        by="the test",
        evidence=verdict,
    )
    pages_changed(rollout.prompt.project_id)
    tell_of_verdict(rollout, verdict)
