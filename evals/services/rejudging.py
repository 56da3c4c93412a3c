"""A judge is asked about answers that people labelled, so that the two can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.utils import timezone

from evals.evaluating.subject import Verdict
from evals.models import (
    Evaluator,
    EvaluatorKind,
    EvaluatorVersion,
    HumanLabel,
    Judgement,
    Proposal,
)
from evals.queries.answers import Key, labels_that_count, verdicts_of
from evals.services.calibrating import mark_due
from kit.jobs import nudge

TASK = "evals.judge_labelled"
ASKED_KINDS = (EvaluatorKind.JUDGE, EvaluatorKind.RAG)  # a pair is no answer that one labels
MOST_ASKED = 500  # labelled answers of a version, the newest
ASKED_AGAIN = 40  # of them, to see how often its verdict flips
REPEATS = (2, 3)
MOST_TRIES = 3
LATER, MUCH_LATER = timedelta(minutes=5), timedelta(hours=1)
# What the calibration of one version may cost in all; what would go beyond is not asked.
BUDGET_NANO = 5_000_000_000
OVER_BUDGET = "It would have gone over what the calibration of a version may cost."

State, CALIBRATION = Judgement.State, Judgement.Purpose.CALIBRATION


def mark_new_versions() -> int:
    """Versions that may come into use and have no calibration yet are due; how many."""
    labelled = HumanLabel.objects.filter(
        project=OuterRef("evaluator__project"), name=OuterRef("evaluator__name")
    )
    fresh = EvaluatorVersion.objects.filter(
        Exists(labelled), calibration=None, evaluator__archived_at=None
    )
    pks = list(fresh.filter(_is_wanted()).values_list("pk", flat=True)[:100])
    mark_due(pks)
    return len(pks)


@transaction.atomic
def ask_about_labels(version: EvaluatorVersion) -> int:
    """What the version has not judged of the labelled answers is due; how many verdicts that are.

    Only a version in use, or one that is proposed, is asked; some of the answers three times.
    """
    if version.evaluator.kind not in ASKED_KINDS:
        return 0
    if not EvaluatorVersion.objects.filter(_is_wanted(), pk=version.pk).exists():
        return 0
    keys = _labelled(version)
    said = verdicts_of(version, keys)
    wanted = [(key, 1) for key in keys if key not in said]
    sample = sorted(keys, key=_lot)[:ASKED_AGAIN]
    wanted += [(key, repeat) for key in sample for repeat in REPEATS]
    known = set(
        Judgement.objects.filter(version=version, purpose=CALIBRATION).values_list(
            "trace_id", "span_id", "repeat"
        )
    )
    rows = [
        Judgement(
            project_id=version.evaluator.project_id,
            purpose=CALIBRATION,
            name=version.evaluator.name,
            version=version,
            trace_id=trace_id,
            span_id=span_id,
            repeat=repeat,
        )
        for (trace_id, span_id), repeat in wanted
        if (trace_id, span_id, repeat) not in known
    ]
    Judgement.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        nudge(TASK)
    return len(rows)


def spent_on(version: EvaluatorVersion) -> int:
    """Nano-dollars that the calibration of a version has cost so far."""
    rows = Judgement.objects.filter(version=version, purpose=CALIBRATION)
    return int(rows.aggregate(cost=Sum("cost_nano"))["cost"] or 0)


def take_back_lost() -> int:
    """What was running when a worker died is due again; only under the lock of the task."""
    rows = Judgement.objects.filter(purpose=CALIBRATION, state=State.RUNNING)
    return rows.update(state=State.DUE)


def claim(most: int) -> list[Judgement]:
    """The next due verdicts, all of one version, marked as running; only under the task's lock."""
    due = Judgement.objects.filter(
        purpose=CALIBRATION, state=State.DUE, due_at__lte=timezone.now(), version__isnull=False
    ).order_by("due_at", "pk")
    first = due.first()
    if first is None:
        return []
    rows = list(
        due.filter(version=first.version_id).select_related("version__evaluator__project")[:most]
    )
    for row in rows:
        row.state, row.attempts = State.RUNNING, row.attempts + 1
    Judgement.objects.bulk_update(rows, ["state", "attempts"])
    return rows


def postpone(version: EvaluatorVersion, why: str) -> None:
    """The version cannot judge now (no provider is connected): it is asked again in an hour."""
    rows = Judgement.objects.filter(purpose=CALIBRATION, version=version)
    rows.filter(state=State.RUNNING).update(state=State.DUE, attempts=F("attempts") - 1)
    rows.filter(state=State.DUE).update(due_at=timezone.now() + MUCH_LATER, error=why[:1000])


def skip_over_budget(rows: Sequence[Judgement]) -> None:
    """These are not asked: the budget is spent, or nobody can say what they would cost."""
    for row in rows:
        row.state, row.error, row.at = State.SKIPPED, OVER_BUDGET, timezone.now()
    Judgement.objects.bulk_update(rows, ["state", "error", "at"])


@transaction.atomic
def keep(said: Sequence[tuple[Judgement, Verdict]]) -> None:
    """Write what was said; an error is tried again later, a few times."""
    now = timezone.now()
    for row, verdict in said:
        row.cost_nano, row.at = verdict.cost_nano, now
        row.judge_trace_id, row.judge_span_id = verdict.trace_id, verdict.span_id
        row.error = verdict.error[:1000]
        if verdict.error:
            is_over = row.attempts >= MOST_TRIES
            row.state, row.due_at = (State.FAILED if is_over else State.DUE), now + LATER
            continue
        row.state, row.num, row.label = State.DONE, verdict.num, verdict.label
        row.passed, row.reason = verdict.passed, verdict.reason
        row.evidence = list(verdict.evidence)
        row.details = dict(verdict.details) if verdict.details is not None else None
    Judgement.objects.bulk_update(
        [row for row, _ in said],
        ["cost_nano", "at", "judge_trace_id", "judge_span_id", "error", "state", "due_at", "num",
         "label", "passed", "reason", "evidence", "details"],
    )  # fmt: skip
    mark_due({row.version_id for row, _ in said if row.version_id is not None})


def _labelled(version: EvaluatorVersion) -> list[Key]:
    """The newest labelled answers, each once."""
    rows = labels_that_count(version).values_list("trace_id", "span_id")[: MOST_ASKED * 3]
    return list(dict.fromkeys(rows))[:MOST_ASKED]


def _lot(key: Key) -> bytes:
    """The same answers are asked about again, however often this is reckoned."""
    return blake2b("\x1f".join(key).encode(errors="replace"), digest_size=8).digest()


def _is_wanted() -> Q:
    """In use, or proposed to be."""
    in_use = Evaluator.objects.filter(current=OuterRef("pk"))
    proposed = Proposal.objects.filter(version=OuterRef("pk"), state=Proposal.State.OPEN)
    return Q(Exists(in_use)) | Q(Exists(proposed))
