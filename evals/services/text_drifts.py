"""Drifts of texts: raised once, closed by a person; their examples become drafts, gates are run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from django.db import transaction
from django.utils import timezone

from accounts.services.trail import Actor, record, responsible
from evals.models import Dataset, Gate, GateRun, TextDay, TextDrift, TextReference
from evals.queries.trace_cases import Mapping
from evals.services.from_traces import add_traces
from evals.services.gate_runs import serving_version, start_run
from kit.errors import DomainError
from kit.live import announce
from traces.live import group_of
from traces.queries.said import newest_traces

MOST_GATES = 10  # of one feature, run at once
MOST_NOTE = 1_000
MOST_REFERENCE = 1_000  # texts


class DriftClosed(DomainError):
    """It is closed already."""


def raise_drift(day: TextDay, now: datetime) -> TextDrift | None:
    """Open a drift, unless one of this side is; run the feature's gates where that is set.

    Call within a transaction that holds the day.
    """
    watch = day.watch
    is_open = TextDrift.objects.filter(watch=watch, side=day.side, state=TextDrift.State.OPEN)
    if is_open.exists():
        return None
    before = (
        watch.days.filter(side=day.side, state=TextDay.State.DONE, day__lt=day.day)
        .order_by("-day")
        .values_list("day", flat=True)
        .first()
    )
    drift = TextDrift.objects.create(
        watch=watch, side=day.side, day=day, since=before or day.day, opened_at=now
    )
    record(
        "text_drift.opened", actor=None, project=watch.project, subject=drift,
        feature=watch.feature, side=day.side, p=day.p, distance=day.distance,
    )  # fmt: skip
    if watch.runs_gates:
        drift.gates = _run_gates(drift)
        drift.save(update_fields=["gates"])
    return drift


def _run_gates(drift: TextDrift) -> list[dict[str, str | int]]:
    """What the feature's gates said to being run at once: each about the version that serves."""
    gates = Gate.objects.filter(
        project=drift.watch.project, feature=drift.watch.feature, is_enabled=True
    ).select_related("prompt", "dataset", "project__organization")
    told: list[dict[str, str | int]] = []
    for gate in gates.order_by("pk")[:MOST_GATES]:
        name = f"{gate.prompt.name} in {gate.environment}"
        version = serving_version(gate)
        if version is None:
            told.append({"gate": name, "said": "serves no version"})
            continue
        try:
            with transaction.atomic():
                run = start_run(
                    gate, version, trigger=GateRun.Trigger.API, actor=None, baseline=None,
                    is_fresh=True,
                )  # fmt: skip
            told.append({"gate": name, "said": "was run", "run": run.pk, "pk": gate.pk})
        except DomainError as error:
            told.append({"gate": name, "said": str(error)[:300]})
    return told


@transaction.atomic
def close_drift(
    drift: TextDrift, *, actor: Actor, is_new_normal: bool, note: str = ""
) -> TextDrift:
    """Close it. As the new normal, what is there now becomes the reference at the next look.

    Raises: DriftClosed.
    """
    held = TextDrift.objects.select_for_update(of=("self",)).select_related(
        "watch__project__organization"
    ).get(pk=drift.pk)  # fmt: skip
    if held.state != TextDrift.State.OPEN:
        raise DriftClosed("This drift is closed already.")
    held.state = TextDrift.State.DISMISSED if is_new_normal else TextDrift.State.CLOSED
    held.closed_at, held.closed_by = timezone.now(), responsible(actor)
    held.note = note.replace("\0", "")[:MOST_NOTE]
    held.save()
    if is_new_normal:
        _renew_reference(held)
    record(
        "text_drift.closed", actor=actor, project=held.watch.project, subject=held,
        is_new_normal=is_new_normal, note=held.note,
    )  # fmt: skip
    announce(group_of(held.watch.project_id), {"type": "project.changed", "changed": ["quality"]})
    return held


def _renew_reference(drift: TextDrift) -> None:
    """The newest texts since it began are what is usual from now on."""
    watch, now = drift.watch, timezone.now()
    since = datetime.combine(date.fromordinal(drift.since), time(), UTC)
    newest = newest_traces(watch.project_id, watch.feature, since, now, MOST_REFERENCE)
    TextReference.objects.update_or_create(
        watch=watch, side=drift.side,
        defaults={
            "way": watch.way, "trace_ids": [one for one, _ in newest], "vectors": b"",
            "until": now, "created_at": now,
        },
    )  # fmt: skip


def propose_items(
    drift: TextDrift, dataset: Dataset, trace_ids: Sequence[str], *, actor: Actor
) -> int:
    """Put examples of the drift into a dataset as drafts; how many are new there.

    What is no example of the drift is passed over. Raises: BadDataset.
    """
    chosen = [one for one in drift.day.examples if one in set(trace_ids)]
    options = {
        "dataset": dataset.name, "mapping": Mapping.BEST, "slice": "new topics", "is_draft": True,
    }  # fmt: skip
    return add_traces(drift.watch.project, chosen, options, actor=actor)
