"""One item with what runs answered to it, and what was said of every answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts.models import Project
from evals.models import Experiment, HumanLabel, ItemRevision, Judgement, Result


@dataclass
class Told:
    """An answer with its judgements in order of their names, and labels by people."""

    result: Result
    judgements: list[Judgement] = field(default_factory=list)
    labels: list[HumanLabel] = field(default_factory=list)


def told_of(project: Project, experiments: Sequence[Experiment], key: str) -> dict[int, list[Told]]:
    """By experiment's key: the answers to the item, repeat by repeat, in three queries."""
    rows = Result.objects.filter(experiment__in=experiments, item_key=key)
    found: dict[int, list[Told]] = {one.pk: [] for one in experiments}
    by_pk: dict[int, Told] = {}
    by_trace: dict[str, list[Told]] = defaultdict(list)
    for result in rows.select_related("revision", "item").order_by("repeat"):
        told = by_pk[result.pk] = Told(result)
        found[result.experiment_id].append(told)
        if result.trace_id:
            by_trace[result.trace_id].append(told)
    judged = Judgement.objects.filter(
        result__in=list(by_pk), purpose=Judgement.Purpose.EXPERIMENT
    ).select_related("version__evaluator", "other__experiment")
    for judgement in judged.order_by("name", "repeat", "pk"):
        by_pk[judgement.result_id or 0].judgements.append(judgement)
    labels = HumanLabel.objects.filter(
        project=project, trace_id__in=list(by_trace), is_dropped=False
    )
    for label in labels.order_by("name", "at"):
        for told in by_trace[label.trace_id]:
            told.labels.append(label)
    return found


def neighbours_of(experiment: Experiment, key: str) -> tuple[str, str]:
    """Keys of the items before and after this one in the run; '' at its ends."""
    firsts = Result.objects.filter(experiment=experiment, repeat=1).order_by("place")
    keys = list(firsts.values_list("item_key", flat=True))
    if key not in keys:
        return "", ""
    at = keys.index(key)
    return (keys[at - 1] if at else "", keys[at + 1] if at + 1 < len(keys) else "")


def newest_revision(revision: ItemRevision | None) -> ItemRevision | None:
    """What the item says in the newest version of its dataset; None where it is gone."""
    if revision is None:
        return None
    if revision.until is None:
        return revision
    newest = ItemRevision.objects.filter(item=revision.item_id, until=None)
    return newest.select_related("dataset", "item").first()
