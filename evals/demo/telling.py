"""The demo's evals in their order: what stands before the traces come, and what follows them."""

from __future__ import annotations

from django.db import transaction

from accounts.models import Project
from evals.demo.answers import V14, V15, V15_SMALL
from evals.demo.features import register
from evals.demo.gating import agree_on_gate, ask_gate
from evals.demo.golden import NAME, make_golden
from evals.demo.judges import make_evaluators
from evals.demo.nightly import tell_nights
from evals.demo.people import calibrate_judge, fill_queue
from evals.demo.runs import REPEATS, Run, tell_run
from evals.models import Dataset, Experiment, TextWatch
from evals.services.text_watches import WantedWatch, create_watch
from prompts.demo import Story
from prompts.models import ChangeRequest, Prompt

_GATE = Experiment.Purpose.GATE
_RUNS = (
    Run(V14, 6.30, "priya", _GATE, "Gate of refund-agent in production: v14"),
    Run(V15, 6.28, "tomas", _GATE, "Gate of refund-agent in production: v15"),
    Run(V15_SMALL, 5.9, "priya", name="v15 on the small model"),
)


@transaction.atomic
def begin(story: Story) -> bool:
    """Features and targets, the dataset, the evaluators; False where there are datasets already."""
    _lock(story)
    if Dataset.objects.filter(project=story.project).exists():
        return False
    register(story)
    make_golden(story)
    make_evaluators(story)
    return True


@transaction.atomic
def complete(story: Story) -> bool:
    """Experiments, labels, the gate's answer and the queue, once the prompts' story is told.

    In one transaction, so that no worker asks the gate before its experiments are there. False
    where it was told already, or somebody removed what it is told of.
    """
    _lock(story)
    dataset = Dataset.objects.filter(project=story.project, name=NAME).first()
    prompt = Prompt.objects.filter(project=story.project, name="refund-agent").first()
    if dataset is None or prompt is None or story.project.deleted_at is not None:
        return False
    if Experiment.objects.filter(project=story.project).exists():
        return False
    runs = [tell_run(story, dataset, run) for run in _RUNS]
    answers = [one for _, told in runs[:2] for one in told]
    calibrate_judge(story, answers)
    fill_queue(story, answers)
    standing = ChangeRequest.objects.filter(prompt=prompt, status__in=ChangeRequest.STANDING)
    if standing.count() == 1:
        gate = agree_on_gate(story, dataset, REPEATS)
        ask_gate(story, gate, [experiment for experiment, _ in runs[:2]])
    tell_nights(story)
    _watch_texts(story)
    return True


def _lock(story: Story) -> None:
    """The project before all else, as services do: a worker that has it never waits for us."""
    Project.objects.select_for_update(no_key=True).filter(pk=story.project.pk).first()


def _watch_texts(story: Story) -> None:
    """What customers ask is watched: the worker compares the last week, day by day."""
    watch = create_watch(story.project, WantedWatch("refund-agent"), actor=story.people["priya"])
    TextWatch.objects.filter(pk=watch.pk).update(created_at=story.at(6))
