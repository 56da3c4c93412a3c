"""What is known of a rollout: its share over time, its score ranges, its reads, its minutes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounts.models import Project
from kit.intervals import Sums
from prompts.guarding.bins import Kept
from prompts.guarding.metrics import ScoreRange
from prompts.models import ReadCount, Rollout, RolloutEvent, RolloutMinute
from traces.models import DataType, ScoreDefinition
from traces.models.feedback import BarDirection
from traces.queries.arms import ArmCalls, count_calls

MINUTE = timedelta(minutes=1)
READS_LAG = timedelta(minutes=3)  # until a read's call has been made, sent, stored and counted
LEAST_READS = 20  # fewer tell nothing of the share that is seen


def list_rollouts(project: Project) -> QuerySet[Rollout]:
    """The project's rollouts with all that is said of them, the newest first."""
    return (
        Rollout.objects.filter(prompt__project=project)
        .select_related("prompt__project", "request", "base", "candidate", "started_by")
        .order_by("-pk")
    )


def score_ranges(project_id: int) -> dict[str, ScoreRange]:
    """Scores that can be guarded: yes or no, or numbers with a least and a greatest value."""
    found = {}
    for one in ScoreDefinition.objects.filter(project_id=project_id, is_archived=False):
        is_boolean = one.data_type == DataType.BOOLEAN
        if one.data_type == DataType.NUMBER and (one.minimum is None or one.maximum is None):
            continue
        if one.data_type == DataType.CATEGORY:
            continue
        low, high = (0.0, 1.0) if is_boolean else (one.minimum or 0.0, one.maximum or 0.0)
        if low >= high:
            continue
        more = (
            one.passing != ["false"] if is_boolean else one.bar_direction == BarDirection.AT_LEAST
        )
        found[one.name] = ScoreRange(one.name, is_boolean, low, high, more)
    return found


def primary_scores(project_id: int) -> list[ScoreRange]:
    """Those that a feature has as its primary one; they guard a rollout unless told otherwise."""
    ranges = score_ranges(project_id)
    definitions = ScoreDefinition.objects.filter(project_id=project_id, is_archived=False)
    return [
        ranges[one.name]
        for one in definitions.order_by("name")
        if one.primary_for and one.name in ranges
    ]


def periods(
    rollout: Rollout, since: datetime, until: datetime
) -> Iterator[tuple[int, datetime, datetime]]:
    """(share, from, to) of the whole minutes within the time in which the share stood still.

    The minute in which it changed belongs to neither share. While it was halted, or rolled back,
    the candidate had none; it stays halted when a rollback of it is undone.
    """
    share, start, is_halted = 0, since, False
    for event in rollout.events.order_by("pk"):
        at = event.at
        low = max(start, since)
        if share and (whole := _whole_minutes(low, min(at, until))):
            yield share, *whole
        start = at
        if event.kind in {RolloutEvent.Kind.HALTED, RolloutEvent.Kind.RESUMED}:
            is_halted = event.kind == RolloutEvent.Kind.HALTED
        is_off = is_halted or event.kind == RolloutEvent.Kind.ROLLED_BACK
        share = 0 if is_off else event.share_after
    if share and (whole := _whole_minutes(max(start, since), until)):
        yield share, *whole


def _whole_minutes(since: datetime, until: datetime) -> tuple[datetime, datetime] | None:
    """The whole minutes between two instants; None where there is none."""
    first = since.replace(second=0, microsecond=0)
    first = first if first == since else first + MINUTE
    last = until.replace(second=0, microsecond=0)
    return (first, last) if first < last else None


def asked_of(rollout: Rollout, since: datetime, until: datetime, *, share: int = 0) -> ArmCalls:
    """The question about both arms' calls; by their keys where those of reads match."""
    return ArmCalls(
        project_id=rollout.prompt.project_id,
        prompt=rollout.prompt.name,
        base=rollout.base.number,
        candidate=rollout.candidate.number,
        since=since,
        until=until,
        salt=rollout.salt if rollout.by_key else "",
        share=share,
    )


def kept_minutes(rollout: Rollout) -> Iterator[Kept]:
    """All that is kept of a rollout, since its guards began."""
    rows = RolloutMinute.objects.filter(rollout=rollout)
    if rollout.guarded_since is not None:
        rows = rows.filter(minute__gte=rollout.guarded_since)
    for row in rows.order_by("minute").iterator(chunk_size=5000):
        sums = Sums(row.n, row.total, row.squares)
        yield Kept(row.minute, row.metric, row.is_new, sums)


def reads_of(rollout: Rollout, since: datetime, until: datetime) -> dict[tuple[int, bool], int]:
    """Reads of the label by (version, with a key) in a time."""
    rows = ReadCount.objects.filter(
        prompt_id=rollout.prompt_id, label=rollout.label, minute__gte=since, minute__lt=until
    )
    summed = rows.values_list("number", "keyed").annotate(reads=Sum("count"))
    return {(number, keyed): reads for number, keyed, reads in summed}


def seen_share(rollout: Rollout) -> tuple[float | None, int]:
    """Which share of the candidate's reads since the last change appears in traces; of how many.

    None while there are too few reads. A read that is used for several calls counts once at most,
    so that more calls than reads are all of them. Both are of whole minutes, as reads are counted.
    """
    since = rollout.stage_since or rollout.started_at
    whole = _whole_minutes(since, timezone.now() - READS_LAG)
    if whole is None:
        return None, 0
    reads = reads_of(rollout, *whole).get((rollout.candidate.number, True), 0)
    if reads < LEAST_READS:
        return None, reads
    calls = count_calls(asked_of(rollout, *whole), rollout.candidate.number)
    return min(1.0, calls / reads), reads


def reads_a_day(prompt_id: int, label: str) -> int | None:
    """Reads of the label in the last 24 hours; None where there are none."""
    rows = ReadCount.objects.filter(
        prompt_id=prompt_id,
        label=label,
        minute__gte=timezone.now() - timedelta(days=1),
    )
    reads: int | None = rows.aggregate(reads=Sum("count"))["reads"]
    return reads


def unkeyed_share(prompt_id: int, label: str) -> float | None:
    """Which share of the last day's reads named no key; None where nothing was read."""
    rows = ReadCount.objects.filter(
        prompt_id=prompt_id, label=label, minute__gte=timezone.now() - timedelta(days=1)
    )
    by_key = dict(rows.values_list("keyed").annotate(reads=Sum("count")))
    whole = sum(by_key.values())
    return by_key.get(False, 0) / whole if whole else None
