"""Due judgements of live traces: claimed, skipped over a budget, kept as scores on the trace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from evals.evaluating.spec import BOOLEAN, CATEGORY, Spec
from evals.evaluating.subject import Verdict
from evals.models import Judgement, OnlineRule
from evals.running.writing import clean
from evals.services.score_terms import source_of
from kit.live import announce
from traces.feedback.given import GivenScore
from traces.live import group_of
from traces.services.scores import record_scores

MOST_TRIES = 3
LATER = timedelta(minutes=2)
OVER_BUDGET = "The budget of the day was used up."
NO_PRICE = "Nobody can say what it may cost, so the budget of the day cannot hold."
GONE = "The trace is no longer kept."
State, ONLINE = Judgement.State, Judgement.Purpose.ONLINE


def take_back_lost() -> int:
    """What ran when a worker died is due again, or has failed; only under the task's lock."""
    rows = Judgement.objects.filter(purpose=ONLINE, state=State.RUNNING)
    rows.filter(attempts__gte=MOST_TRIES).update(
        state=State.FAILED, error="The worker died each time.", at=timezone.now()
    )
    return rows.update(state=State.DUE)


def claim(most: int) -> list[Judgement]:
    """The next due ones, all of one rule and version, marked as running; under the task's lock."""
    due = Judgement.objects.filter(
        purpose=ONLINE, state=State.DUE, due_at__lte=timezone.now(), version__isnull=False
    ).order_by("due_at", "pk")
    first = due.first()
    if first is None:
        return []
    rows = list(
        due.filter(version=first.version_id, rule=first.rule_id).select_related(
            "version__evaluator__project", "rule"
        )[:most]
    )
    for row in rows:
        row.state, row.attempts = State.RUNNING, row.attempts + 1
    Judgement.objects.bulk_update(rows, ["state", "attempts"])
    return rows


def spent_today(rule: OnlineRule, *, now: datetime | None = None) -> int:
    """Nano-dollars that the rule's judgements of this UTC day cost so far."""
    moment = (now or timezone.now()).astimezone(UTC)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Judgement.objects.filter(rule=rule, purpose=ONLINE, at__gte=midnight)
    return int(rows.aggregate(cost=Sum("cost_nano"))["cost"] or 0)


def skip(rows: Sequence[Judgement], why: str) -> None:
    """These are not judged: before the call, not after it."""
    for row in rows:
        row.state, row.error, row.at = State.SKIPPED, why, timezone.now()
    Judgement.objects.bulk_update(rows, ["state", "error", "at"])


@transaction.atomic
def keep(spec: Spec, said: Sequence[tuple[Judgement, Verdict]]) -> None:
    """Write what was said, and put it on the traces as scores; an error is tried again later."""
    now = timezone.now()
    scores = []
    for row, verdict in said:
        spent = verdict.cost_nano
        # What earlier tries cost is paid as well.
        row.cost_nano = spent if row.cost_nano is None or spent is None else row.cost_nano + spent
        row.at = now
        row.judge_trace_id, row.judge_span_id = verdict.trace_id, verdict.span_id
        row.error = clean(verdict.error)[:1000]
        if verdict.error:
            is_over = row.attempts >= MOST_TRIES
            row.state, row.due_at = (State.FAILED if is_over else State.DUE), now + LATER
            continue
        row.state, row.num, row.passed = State.DONE, verdict.num, verdict.passed
        row.label = None if verdict.label is None else clean(verdict.label)
        row.reason = clean(verdict.reason)
        row.evidence = clean(list(verdict.evidence))
        row.details = None if verdict.details is None else clean(dict(verdict.details))
        if score := _score(spec, row, verdict):
            row.score_id = score.id
            scores.append(score)
    Judgement.objects.bulk_update(
        [row for row, _ in said],
        ["cost_nano", "at", "judge_trace_id", "judge_span_id", "error", "state", "due_at", "num",
         "label", "passed", "reason", "evidence", "details", "score_id"],
    )  # fmt: skip
    for project_id in {row.project_id for row, _ in said}:
        record_scores(project_id, scores, keep_good=True)
        announce(group_of(project_id), {"type": "project.changed", "changed": ["judges"]})


def _score(spec: Spec, row: Judgement, verdict: Verdict) -> GivenScore | None:
    """The verdict as a score; None of one that is undefined."""
    value: Any = verdict.label if spec.data_type == CATEGORY else verdict.num
    if value is None:
        return None
    return GivenScore(
        name=spec.name,
        value=bool(value) if spec.data_type == BOOLEAN else value,
        id=f"online-{row.pk}",
        trace_id=row.trace_id,
        span_id=row.span_id,
        data_type=spec.data_type,
        source=source_of(spec.kind),
        comment=clean(verdict.reason),
        metadata=_about(spec, row),
        author="Roadworthy",
    )


def _about(spec: Spec, row: Judgement) -> dict[str, Any]:
    """Which version judged, by which rule, and the share of traces that the rule looks at: one
    judged trace stands for so many."""
    about: dict[str, Any] = {"evaluator": spec.number, "rule": row.rule.name if row.rule else ""}
    if row.rule is not None:
        about["share"] = f"{row.rule.share.normalize():f}"
    return about
