"""Calibrations are asked for, and reckoned from all labels."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from django.db.models import F
from django.utils import timezone

from accounts.models import Project
from evals.calibrating.reckoning import reckon
from evals.models import Calibration, EvaluatorVersion
from evals.queries.answers import (
    cost_per_score,
    count_unjudged,
    labelled_answers,
    live_numbers,
    position_wins,
)
from evals.queries.calibration import state_of
from evals.values.scales import scale_of
from kit.jobs import nudge
from kit.live import announce
from traces.live import group_of

log = logging.getLogger(__name__)

TASK = "evals.calibrate"
MOST_VERSIONS = 5  # of an evaluator, the newest, that are kept reckoned
_RECKONED = (
    "labels", "kappa", "low", "high", "human_kappa", "agreement", "newest_label_at", "figures",
    "reckoned_at", "state",
)  # fmt: skip


def ask_again(project: Project, names: Sequence[str]) -> None:
    """The calibrations of the evaluators of these names are due: a label of theirs changed."""
    found = EvaluatorVersion.objects.filter(
        evaluator__project=project, evaluator__name__in=names, evaluator__archived_at=None
    )
    by_evaluator: dict[int, list[int]] = {}
    for pk, evaluator in found.order_by("-number").values_list("pk", "evaluator_id"):
        by_evaluator.setdefault(evaluator, []).append(pk)
    mark_due(pk for pks in by_evaluator.values() for pk in pks[:MOST_VERSIONS])


def mark_due(version_pks: Iterable[int]) -> None:
    """The calibrations of these versions are reckoned soon."""
    pks = sorted(version_pks)
    if not pks:
        return
    Calibration.objects.bulk_create(
        [Calibration(version_id=pk, is_due=True) for pk in pks],
        update_conflicts=True,
        unique_fields=["version"],
        update_fields=["is_due"],
    )
    nudge(TASK)


def calibrate_due(*, most: int = 50) -> list[EvaluatorVersion]:
    """Reckon what is due, the longest waiting first; returns the versions."""
    due = Calibration.objects.filter(is_due=True).order_by(F("reckoned_at").asc(nulls_first=True))
    pks = list(due.values_list("pk", flat=True)[:most])
    for pk in pks:
        Calibration.objects.filter(pk=pk).update(is_due=False)
        try:
            calibrate(pk)
        except Exception:  # the others have their turn; the next label asks for it again
            log.exception("calibration not reckoned", extra={"version": pk})
    return list(EvaluatorVersion.objects.filter(pk__in=pks).select_related("evaluator"))


def calibrate(version_pk: int) -> Calibration:
    """Reckon the calibration of one version anew, from all that people and it said by now.

    No row is locked meanwhile, so that nobody who labels waits: what arrives asks again.
    """
    row, _ = Calibration.objects.get_or_create(version_id=version_pk)
    Calibration.objects.filter(pk=row.pk).update(is_due=False)
    version = EvaluatorVersion.objects.select_related("evaluator__project").get(pk=version_pk)
    scale = scale_of(version)
    answers, newest = labelled_answers(version)
    found = reckon(answers, scale)
    unjudged = count_unjudged(version)
    row.labels, row.kappa, row.low, row.high = found.labels, found.kappa, found.low, found.high
    row.human_kappa, row.agreement = found.human_kappa, found.agreement
    row.newest_label_at = newest
    row.figures = found.figures | {
        "waiting": max(found.waiting - unjudged, 0),
        "unjudged": unjudged,
        "rarer": found.rarer,
        "position": position_wins(version),
        "live": live_numbers(version, scale),
        **cost_per_score(version),
    }
    row.reckoned_at = timezone.now()
    row.state = state_of(row)
    row.save(update_fields=_RECKONED)
    project_id = version.evaluator.project_id
    announce(group_of(project_id), {"type": "project.changed", "changed": ["judges"]})
    return row
