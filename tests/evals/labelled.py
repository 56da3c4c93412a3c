"""Judges, their verdicts and people's labels, stored with only what matters said."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Project, User
from evals.models import Evaluator, EvaluatorVersion, HumanLabel, Judgement, QueueItem, ReviewQueue
from evals.queries.queue_candidates import of_traces
from evals.services.queues import Wanted, add_items, create_queue
from tests.traces.seeing import call, store


def make_judge(
    project: Project, name: str = "faithfulness", *, number: int = 1, **fields: Any
) -> EvaluatorVersion:
    """A judge with categories, the first two of which pass; in use from this version on."""
    evaluator, _ = Evaluator.objects.get_or_create(
        project=project, name=name, defaults={"kind": fields.pop("kind", "judge")}
    )
    told = {
        "data_type": "category",
        "categories": ["faithful", "partly", "unfaithful"],
        "values": [1.0, 0.5, 0.0],
        "bar": 0.5,
        "state": EvaluatorVersion.State.APPROVED,
        "content_hash": f"hash {number}",
        "author_label": "Alice",
    }
    version = EvaluatorVersion.objects.create(
        evaluator=evaluator, number=number, **{**told, **fields}
    )
    evaluator.current, evaluator.last_number = version, number
    evaluator.save()
    return version


VALUES = {"faithful": 1.0, "partly": 0.5, "unfaithful": 0.0}


def say(version: EvaluatorVersion, trace_id: str, word: str, **fields: Any) -> Judgement:
    """The verdict of a judge with categories on a trace."""
    return Judgement.objects.create(
        project=version.evaluator.project,
        purpose=fields.pop("purpose", "online"),
        name=version.evaluator.name,
        version=version,
        trace_id=trace_id,
        state="done",
        label=word,
        num=VALUES[word],
        passed=VALUES[word] >= 0.5,
        at=fields.pop("at", timezone.now()),
        **fields,
    )


def hold(
    version: EvaluatorVersion, trace_id: str, word: str, author: User, **fields: Any
) -> HumanLabel:
    """A label as if it had been given, without a score on a trace."""
    return HumanLabel.objects.create(
        project=version.evaluator.project,
        name=version.evaluator.name,
        trace_id=trace_id,
        author=author,
        author_label=author.display_name,
        label=word,
        num=VALUES[word],
        passed=VALUES[word] >= 0.5,
        **fields,
    )


def calibrated(
    version: EvaluatorVersion, author: User, table: list[tuple[str, str, int]], *,
    at: datetime | None = None, **fields: Any,
) -> None:  # fmt: skip
    """(what the person said, what the judge said, how many answers) a row, stored in bulk."""
    when, project = at or timezone.now() - timedelta(days=8), version.evaluator.project
    labels, verdicts, number = [], [], 0
    for human, judge, times in table:
        for _ in range(times):
            number += 1
            told = {"project": project, "name": version.evaluator.name, "at": when}
            told["trace_id"] = f"answer-{number:04}"
            word, said = {"label": human}, {"label": judge, "version": version}
            for row, value in ((word, human), (said, judge)):
                row |= told | {"num": VALUES[value], "passed": VALUES[value] >= 0.5}
            who = {"author": author, "author_label": author.display_name}
            labels.append(HumanLabel(**word, **who, reason=f"why {number}", **fields))
            says = {"purpose": "calibration", "state": "done", "reason": f"because {number}"}
            verdicts.append(Judgement(**said, **says))
    HumanLabel.objects.bulk_create(labels)
    Judgement.objects.bulk_create(verdicts)


# The matrix of the mock-up: 120 answers, kappa 0.86 by quadratic weights.
TABLE = [
    ("faithful", "faithful", 59), ("faithful", "partly", 5), ("faithful", "unfaithful", 1),
    ("partly", "faithful", 5), ("partly", "partly", 22), ("partly", "unfaithful", 3),
    ("unfaithful", "faithful", 1), ("unfaithful", "partly", 4), ("unfaithful", "unfaithful", 30),
]  # fmt: skip


def make_queue(
    project: Project, version: EvaluatorVersion | None = None, *, traces: int = 0, **fields: Any
) -> ReviewQueue:
    """A queue that asks for the judge's score, or for `tone`; with so many stored traces in it."""
    if version is None:
        fields.setdefault(
            "fields",
            [{"name": "tone", "data_type": "category", "categories": ["warm", "plain", "cold"]}],
        )
    wanted = Wanted(
        name=fields.pop("name", "Weekly labels"),
        evaluator=version.evaluator if version else None,
        **fields,
    )
    queue = create_queue(project, wanted, actor=None)
    ids = [f"trace-{number:02}" for number in range(traces)]
    store(
        project,
        *(
            call(name, input=f"Where is parcel {place}?", output=f"At depot {place}.")
            for place, name in enumerate(ids)
        ),
    )
    if ids:
        add_items(queue, of_traces(ids), actor=None)
    return queue


def states(queue: ReviewQueue) -> list[str]:
    """The states of the queue's items, in order."""
    return list(
        QueueItem.objects.filter(queue=queue).order_by("pk").values_list("state", flat=True)
    )
