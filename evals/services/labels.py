"""What people say of answers: labels, of which a person's last word counts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Project, User
from accounts.services.trail import record
from evals.models import Evaluator, HumanLabel, Judgement, QueueItem
from evals.services.calibrating import ask_again
from evals.values.scales import Scale, Value, scale_of
from kit.errors import DomainError
from traces.feedback.given import GivenScore
from traces.models import DataType, Score, ScoreDefinition, ScoreSource
from traces.services.annotations import score_id
from traces.services.scores import NotRecorded, delete_score, record_scores


class BadLabel(DomainError):
    """The label cannot be kept; `name` is the score it is about."""

    def __init__(self, text: str, name: str = "") -> None:
        super().__init__(text)
        self.name = name


@dataclass(frozen=True, slots=True)
class About:
    """The answer that is labelled, and what was known of it when it was."""

    trace_id: str
    span_id: str = ""
    item_key: str = ""
    slice: str = ""
    queue_item: QueueItem | None = None
    seconds: float | None = None  # how long it was open


@transaction.atomic
def label(
    project: Project, name: str, value: Value, about: About, *, actor: User, reason: str = "",
    otherwise: Scale | None = None,
) -> HumanLabel:  # fmt: skip
    """Keep what `actor` says of an answer under the name of a score; their last word counts.

    The scale is that of the evaluator of that name, else `otherwise`. It is a human score on the
    trace as well, and what was said before stands in the audit log. Every calibration that it
    bears on is asked for again.

    Raises: BadLabel.
    """
    if "\0" in name:
        raise BadLabel("The name of a score holds no NUL.", name)
    definition = ScoreDefinition.objects.filter(
        project=project, name=name, is_archived=False
    ).first()
    scale = _scale(project, name) or otherwise
    wanted = definition.data_type if definition else scale.data_type if scale else ""
    its_id = (
        score_id(actor, definition, about.trace_id, about.span_id)
        if definition
        else _own_id(actor, name, about)
    )
    if fault := scale.fault(value) if scale is not None else "":
        raise BadLabel(fault, name)
    score = GivenScore(
        name=name,
        value=value,
        id=its_id,
        trace_id=about.trace_id,
        span_id=about.span_id,
        data_type=wanted,
        source=ScoreSource.HUMAN.value,
        comment=reason,
    )
    try:
        record_scores(project.pk, [score], author=actor.email)
    except NotRecorded as refused:
        raise BadLabel(refused.faults[0].text, name) from None
    num, text = _stored(value, wanted)
    before = HumanLabel.objects.filter(
        project=project, name=name, trace_id=about.trace_id, span_id=about.span_id, author=actor
    ).first()
    kept, _ = HumanLabel.objects.update_or_create(
        project=project,
        name=name,
        trace_id=about.trace_id,
        span_id=about.span_id,
        author=actor,
        defaults={
            **_said(scale, num, text),
            "author_label": actor.display_name,
            "reason": score.comment,  # as redaction left it
            "score_id": its_id,
            "at": timezone.now(),
            "is_dropped": False,
            "settled_by": None,
            "settled_at": None,
            **_told(about),
        },
    )
    record(
        "label.given",
        actor=actor,
        project=project,
        name=name,
        trace_id=about.trace_id,
        span_id=about.span_id,
        value=text if num is None else num,
        before=_value(before),
        queue=about.queue_item.queue_id if about.queue_item else None,
    )
    ask_again(project, [name])
    return kept


@transaction.atomic
def take_back(given: HumanLabel, *, actor: User) -> None:
    """Forget one's own label, and the score that it left on the trace."""
    if given.score_id:
        delete_score(given.project, given.score_id, actor=actor)
    record(
        "label.taken_back",
        actor=actor,
        project=given.project,
        name=given.name,
        trace_id=given.trace_id,
        value=_value(given),
    )
    given.delete()
    ask_again(given.project, [given.name])


@transaction.atomic
def drop_label(given: HumanLabel, *, actor: User) -> HumanLabel:
    """The judge is right: the label no longer counts, though it stays to be read."""
    return _settle(given, actor=actor, is_dropped=True)


@transaction.atomic
def keep_label(given: HumanLabel, *, actor: User) -> HumanLabel:
    """The label is right: it counts (again), and the disagreement is looked at no more."""
    return _settle(given, actor=actor, is_dropped=False)


@transaction.atomic
def take_scores(project: Project, name: str) -> int:
    """Make labels of the human scores of that name that were given elsewhere; how many changed.

    Scores by people come from the trace page, REST and SDKs too. Each is one label; it is only
    taken where an evaluator or a definition of that name exists.
    """
    scale = _scale(project, name)
    if scale is None and not ScoreDefinition.objects.filter(project=project, name=name).exists():
        return 0
    scores = Score.objects.filter(
        project_id=project.pk, name=name, source=ScoreSource.HUMAN.value
    ).exclude(trace_id="")
    known = {one.score_id: one for one in HumanLabel.objects.filter(project=project, name=name)}
    fresh = [one for one in scores if _is_news(one, known.get(one.id))]
    emails = {one.author.lower() for one in fresh if one.author}
    people = {user.email.lower(): user for user in User.objects.filter(email__in=emails)}
    for score in fresh:
        author = people.get((score.author or "").lower())
        row = known.get(score.id) or _of_person(project, score, author)
        row.span_id, row.author = score.span_id or "", author
        row.author_label = author.display_name if author else (score.author or "Somebody")[:320]
        for field, found in _said(scale, score.num, score.label).items():
            setattr(row, field, found)
        row.reason, row.score_id, row.at = score.comment or "", score.id, score.updated_at
        row.is_dropped, row.settled_by, row.settled_at = False, None, None
        row.save()
    if fresh:
        ask_again(project, [name])
    return len(fresh)


@transaction.atomic
def forget_score(project_id: int, score_id: str) -> int:
    """The score was deleted, so its label goes; how many did."""
    gone = HumanLabel.objects.filter(project_id=project_id, score_id=score_id)
    rows = list(gone.select_related("project"))
    for row in rows:
        ask_again(row.project, [row.name])
    gone.delete()
    return len(rows)


@transaction.atomic
def forget_answers(project_id: int, trace_ids: Sequence[str]) -> int:
    """Somebody deleted these traces: labels and what queues kept of them go; how many did.

    Items of datasets stay: they are cases of their own, deleted where they are kept.
    """
    labels = HumanLabel.objects.filter(project_id=project_id, trace_id__in=trace_ids)
    names = sorted(set(labels.values_list("name", flat=True)))
    gone = labels.delete()[0]
    kept = QueueItem.objects.filter(queue__project=project_id, trace_id__in=trace_ids)
    gone += kept.delete()[0]
    judged = Judgement.objects.filter(project_id=project_id, trace_id__in=trace_ids, result=None)
    gone += judged.delete()[0]
    if names:
        ask_again(Project.objects.get(pk=project_id), names)
    return gone


def _settle(given: HumanLabel, *, actor: User, is_dropped: bool) -> HumanLabel:
    given.is_dropped = is_dropped
    given.settled_by, given.settled_at = actor, timezone.now()
    given.save(update_fields=["is_dropped", "settled_by", "settled_at"])
    record(
        "label.dropped" if is_dropped else "label.kept",
        actor=actor,
        project=given.project,
        name=given.name,
        trace_id=given.trace_id,
        author=given.author_label,
        value=_value(given),
    )
    ask_again(given.project, [given.name])
    return given


def _scale(project: Project, name: str) -> Scale | None:
    """The scale of the evaluator of that name, as it scores now; else of its newest version."""
    evaluator = (
        Evaluator.objects.filter(project=project, name=name).select_related("current").first()
    )
    if evaluator is None:
        return None
    version = evaluator.current or evaluator.versions.order_by("-number").first()
    return None if version is None else scale_of(version)


def _stored(value: Value, data_type: str) -> tuple[float | None, str | None]:
    if isinstance(value, str) or data_type == DataType.CATEGORY:
        return None, str(value)
    return float(value), None


def _said(scale: Scale | None, num: float | None, text: str | None) -> dict[str, object]:
    """The columns of a value: its number, its word, whether it passes by now's bar."""
    number = scale.number(num, text) if scale is not None else num
    passed = scale.passes(num, text) if scale is not None else None
    return {"num": number, "label": text, "passed": passed}


def _told(about: About) -> dict[str, object]:
    """What was known of the answer; nothing is said where it was not, so that no word is lost."""
    told: dict[str, object] = {
        "queue_item": about.queue_item,
        "item_key": about.item_key,
        "slice": about.slice,
        "seconds": about.seconds,
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


def _value(given: HumanLabel | None) -> float | str | None:
    if given is None:
        return None
    return given.num if given.label is None else given.label


def _own_id(actor: User, name: str, about: About) -> str:
    words = "\x1f".join((str(actor.pk), name, about.trace_id, about.span_id))
    return f"label-{hashlib.sha256(words.encode()).hexdigest()[:40]}"


def _is_news(score: Score, row: HumanLabel | None) -> bool:
    at: datetime = score.updated_at
    if row is None:
        return True
    same = (row.label, row.reason) == (score.label, score.comment or "") and (
        score.num is None or row.num == score.num
    )
    return at > row.at and not same


def _of_person(project: Project, score: Score, author: User | None) -> HumanLabel:
    """The label that this person gave the answer before, else a new one."""
    before = (
        None
        if author is None
        else HumanLabel.objects.filter(
            project=project,
            name=score.name,
            trace_id=score.trace_id,
            span_id=score.span_id or "",
            author=author,
        ).first()
    )
    return before or HumanLabel(project=project, name=score.name, trace_id=score.trace_id)
