"""What people say of the demo's answers: labels that calibrate the judge, and a queue of more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from evals.demo.answers import Said, judged_again, label_of
from evals.demo.judges import FAITHFULNESS, in_use
from evals.demo.runs import Told, judgement_of
from evals.models import HumanLabel, Judgement, QueueItem
from evals.queries.queue_candidates import Candidate
from evals.services.calibrating import calibrate
from evals.services.labels import About, label
from evals.services.queues import Wanted, add_items, create_queue
from prompts.demo import Story

_BAD, _GOOD = 40, 72  # labelled answers in which somebody slipped, and others
_TWICE = 30  # labelled by a second person
_AGAIN = 60  # judged a second time
_WAITING = 14
_JUDGE_NANO = 1_420_000
_INSTRUCTIONS = (
    "Read the policy first, then the answer. Give 1 where every claim stands in it, 0 where the "
    "main one does not. A date, an amount or a promise weighs most; politeness is no claim."
)


def calibrate_judge(story: Story, told: Sequence[Told]) -> None:
    """People label answers; both versions of the judge have said something of each."""
    open_to_all = [one for one in told if not one.result.is_held_out]
    bad = [one for one in open_to_all if one.answer.is_unfaithful][:_BAD]
    good = [one for one in open_to_all if not one.answer.is_unfaithful][::3][:_GOOD]
    chosen = sorted([*bad, *good], key=lambda one: one.result.trace_id)
    current = in_use(story, FAITHFULNESS)
    before = current.evaluator.versions.select_related("evaluator__project").get(number=1)
    for place, one in enumerate(chosen):
        _label(story, one, "aiko", place)
        if place < _TWICE:
            _label(story, one, "lena", place)
    said = []
    for place, one in enumerate(chosen):
        why = one.answer.faithfulness.reason
        earlier = judged_again(one.answer, one.result.trace_id, story.seed, wobble=0.16)
        said.append(_calibrated(one, before, Said(earlier, why)))
        if place < _AGAIN:
            again = judged_again(one.answer, one.result.trace_id, story.seed, wobble=0.02)
            said.append(_calibrated(one, current, Said(again, why), repeat=2))
    Judgement.objects.bulk_create(said)
    for version in (before, current):
        calibrate(version.pk)


def fill_queue(story: Story, told: Sequence[Told]) -> None:
    """A queue with answers near the bar, for whoever looks at the demo."""
    people = story.people
    queue = create_queue(
        story.project,
        Wanted(
            "Faithfulness of refunds",
            description="Answers near the bar, to settle how far the judge may be trusted.",
            instructions=_INSTRUCTIONS,
            evaluator=in_use(story, FAITHFULNESS).evaluator,
        ),
        actor=people["aiko"],
    )
    labelled = set(
        HumanLabel.objects.filter(project=story.project).values_list("trace_id", flat=True)
    )
    fresh = [
        one for one in told if not one.result.is_held_out and one.result.trace_id not in labelled
    ]
    near = sorted(fresh, key=lambda one: abs(one.answer.faithfulness.value - 0.75))[:_WAITING]
    version = in_use(story, FAITHFULNESS)
    found = [
        Candidate(
            one.result.trace_id,
            result_id=one.result.pk,
            item_key=one.result.item_key,
            slice=one.result.slice,
            judged={
                "num": one.answer.faithfulness.value,
                "label": None,
                "reason": one.answer.faithfulness.reason,
                "version": version.number,
            },
        )
        for one in near
    ]
    add_items(queue, found, actor=people["aiko"], reason=QueueItem.Reason.LOW_CONFIDENCE)
    queue.items.update(added_at=story.at(0.6))


def _label(story: Story, one: Told, who: str, place: int) -> None:
    value, why = label_of(one.answer, one.result.trace_id, who, story.seed)
    about = About(
        one.result.trace_id,
        item_key=one.result.item_key,
        slice=one.result.slice,
        seconds=20 + place % 31,
    )
    given = label(story.project, FAITHFULNESS, value, about, actor=story.people[who], reason=why)
    at = story.at(4.4) + timedelta(minutes=4 * place)
    HumanLabel.objects.filter(pk=given.pk).update(at=at)


def _calibrated(one: Told, version: object, said: Said, repeat: int = 1) -> Judgement:
    return judgement_of(
        one,
        version,  # type: ignore[arg-type]
        said,
        cost_nano=_JUDGE_NANO,
        purpose=Judgement.Purpose.CALIBRATION,
        repeat=repeat,
    )
