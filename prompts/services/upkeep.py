"""What grows with time and is needed for a while only: counts of reads, minutes of rollouts."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from prompts.models import ReadCount, RolloutMinute

READS_KEPT = timedelta(days=60)
MINUTES_KEPT = timedelta(days=60)  # after the end of their rollout; the verdicts stay
AT_ONCE = 10_000


def forget_old() -> int:
    """Delete counts of reads and minutes that nobody asks about any more; how many rows went."""
    now = timezone.now()
    reads = ReadCount.objects.filter(minute__lt=now - READS_KEPT)
    minutes = RolloutMinute.objects.filter(rollout__ended_at__lt=now - MINUTES_KEPT)
    gone = 0
    for rows in (reads, minutes):
        while pks := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
            gone += rows.model.objects.filter(pk__in=pks).delete()[0]
    return gone
