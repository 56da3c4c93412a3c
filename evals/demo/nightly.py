"""The demo's schedule: sixty nights of a frozen set, and a change of the provider that it found.

Answers and marks are made up; what the detector, the reruns, the replays and the attribution say
of them is not: each run goes through the services, in its own time.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from evals.demo.answers import Answer, Said, Variant, answer_of
from evals.demo.cases import Case, cases
from evals.demo.golden import added
from evals.demo.judges import HELPFULNESS, in_use
from evals.demo.runs import AT_ONCE, JUDGE_NANO, Run, Told, judgement_of, span_of
from evals.models import (
    Dataset,
    DatasetItem,
    DatasetVersion,
    EvaluatorVersion,
    Experiment,
    ItemRevision,
    Judgement,
    Rejudging,
    Result,
    Schedule,
    ScheduleRun,
    Source,
    StoredAnswer,
)
from evals.queries.datasets import items_of
from evals.services.datasets import change_items, create_dataset
from evals.services.drift_alarms import tell_cause
from evals.services.experiments import add_evaluators, make_experiment
from evals.services.rejudgings import end_round, rejudge
from evals.services.schedule_series import follow
from evals.services.schedule_slots import plan_slots_of
from evals.services.schedules import NewSchedule, create_schedule, pause_schedule
from prompts.demo import Story
from prompts.models import Prompt, PromptVersion
from traces.demo.catalog import SONNET
from traces.ingest.record import SpanRecord
from traces.ingest.writer.own import OwnSpans

DATASET, SCHEDULE = "refunds-nightly", "Refunds, every night"
ITEMS, NIGHTS = 40, 60
CHANGED = 9  # nights ago the provider's model got worse, under the same name
MISSED = 31  # nights ago nothing could begin the run in time
_WORSE = 0.34  # of the items, always the same
_V13 = Variant(13, SONNET, 0.4, 3_000, 15_000)
_SHORT = "Thank you for your patience, we are looking into it."
_WHY = "Says neither what was found nor what happens next."


@dataclass
class _Told:
    """What is gathered while nights go by, and written at once."""

    story: Story
    schedule: Schedule
    watched: EvaluatorVersion
    items: list[ItemRevision]
    cases: dict[str, Case]
    spans: list[SpanRecord]
    number: int = 0


def tell_nights(story: Story) -> Schedule:
    """The schedule with its runs, its alarm and the cause; in a transaction of the caller's."""
    told = _begin(story)
    schedule = told.schedule
    first = story.at(NIGHTS).replace(hour=3)
    for night in range(NIGHTS):
        slot = first + timedelta(days=night)
        ago = NIGHTS - night
        late = timedelta(hours=8) if ago == MISSED else timedelta(minutes=1)
        plan_slots_of(schedule.pk, slot + late)
        _run_due(told, slot + timedelta(days=1), is_worse=ago <= CHANGED)
    writer = OwnSpans()
    try:
        for start in range(0, len(told.spans), AT_ONCE):
            some = told.spans[start : start + AT_ONCE]
            writer.start(story.project.pk, some).result(timeout=60)
    finally:
        writer.close()
    # Nobody can be asked in the demo: what would run tonight would fail.
    pause_schedule(schedule, actor=story.people["priya"], is_paused=True)
    return schedule


def _begin(story: Story) -> _Told:
    people = story.people
    chosen = [case for case in cases(story.seed) if not case.is_draft]
    # A key is one item's in the project: these are items of their own.
    own = [replace(case, key=case.key.replace("golden", "nightly")) for case in chosen]
    known = {case.key: case for case in own}
    keys = sorted(known, key=lambda key: hashlib.sha256(key.encode()).digest())[:ITEMS]
    dataset = create_dataset(
        story.project, DATASET, owner=people["priya"], actor=people["priya"],
        description="Forty questions that never change, run every night.",
    )  # fmt: skip
    change_items(
        dataset, [added(known[key], Source.HUMAN) for key in sorted(keys)], actor=people["priya"],
        message="Chosen by lot, never to be changed",
    )  # fmt: skip
    at = story.at(NIGHTS + 1)
    Dataset.objects.filter(pk=dataset.pk).update(created_at=at, changed_at=at)
    for rows in (DatasetVersion, ItemRevision, DatasetItem):
        rows._default_manager.filter(dataset=dataset).update(created_at=at)
    dataset.refresh_from_db()
    prompt = Prompt.objects.get(project=story.project, name="refund-agent")
    version = PromptVersion.objects.select_related("prompt").get(prompt=prompt, number=_V13.version)
    watched = in_use(story, HELPFULNESS)
    new = NewSchedule(
        name=SCHEDULE, dataset=dataset, prompt=prompt, version=version, evaluators=[watched],
        model=SONNET.asked, feature="refund-agent", hour=3, judge_answers=ITEMS,
        description="A pinned version: what changes here is the provider, or the judge.",
    )  # fmt: skip
    schedule = create_schedule(
        story.project, new, actor=people["priya"], now=story.at(NIGHTS), is_checked=False
    )
    Schedule.objects.filter(pk=schedule.pk).update(created_at=at, changed_at=at)
    schedule.refresh_from_db()
    items = list(items_of(dataset, dataset.last_number))
    return _Told(story, schedule, watched, items, known, [])


def _run_due(told: _Told, until: datetime, *, is_worse: bool) -> None:
    """Every run that is due by then has run: the planned one, reruns, and replays of an alarm."""
    due = ScheduleRun.objects.filter(
        schedule=told.schedule, state=ScheduleRun.State.DUE, due_at__lt=until
    )
    while (run := due.select_related("schedule__dataset", "schedule__project").order_by(
        "due_at", "pk"
    ).first()) is not None:  # fmt: skip
        at = max(run.due_at, run.slot)
        _tell_run(told, run, at, is_worse=is_worse)
        open_ones = ScheduleRun.objects.filter(schedule=told.schedule, state="due")
        if run.alarm_id and not open_ones.filter(alarm=run.alarm_id).exists():
            tell_cause(run.alarm_id, at + timedelta(minutes=6))


def _tell_run(told: _Told, run: ScheduleRun, at: datetime, *, is_worse: bool) -> None:
    told.number += 1
    experiment, ended, answers = _experiment(told, run, at, is_worse=is_worse)
    version = experiment.prompt_version
    assert version is not None  # noqa: S101
    run.experiment, run.prompt_version = experiment, version
    run.model, run.state, run.finished_at = experiment.model, ScheduleRun.State.DONE, ended
    run.scores = {one.case.key: one.answer.helpfulness.value for one in answers}
    run.mean = sum(one.answer.helpfulness.value for one in answers) / len(answers)
    run.spent_nano = experiment.spent_nano
    run.fingerprint = {
        "prompt": experiment.prompt_label, "model_asked": f"anthropic/{experiment.model}",
        "model_returned": SONNET.answered, "parameters": "{}", "tools": "none",
        "dataset": f"{DATASET}@{told.schedule.dataset_version}",
        "judge_prompt": f"{HELPFULNESS} v{told.watched.number}", "judge_model": told.watched.model,
    }  # fmt: skip
    run.save()
    rejudge(run, experiment, told.watched)
    _mark_again(told, run, ended)
    if run.kind in ScheduleRun.SERIES:
        follow(run, ended)


def _experiment(
    told: _Told, run: ScheduleRun, at: datetime, *, is_worse: bool
) -> tuple[Experiment, datetime, list[Told]]:
    story, schedule = told.story, told.schedule
    version = schedule.prompt_version
    assert version is not None  # noqa: S101
    count = len(told.items)
    experiment = make_experiment(
        story.project, actor=None, name=f"{SCHEDULE} {run.slot:%d %b}",
        purpose=Experiment.Purpose.SCHEDULE, dataset=schedule.dataset,
        dataset_version=schedule.dataset_version, prompt=schedule.prompt, prompt_version=version,
        prompt_label=f"{schedule.prompt.name} v{version.number}", model=SONNET.asked,
        feature=schedule.feature, state=Experiment.State.DONE,
        external_id=_id(told, "run", 16), total=count, done=count, judged=count, to_judge=count,
        metadata={"schedule": SCHEDULE, "run": run.kind},
    )  # fmt: skip
    add_evaluators(experiment, [told.watched])
    rows = [
        _answered(told, experiment, item, place, at, is_worse=is_worse)
        for place, item in enumerate(told.items)
    ]
    Result.objects.bulk_create([one.result for one in rows], batch_size=AT_ONCE)
    Judgement.objects.bulk_create(
        [
            judgement_of(one, told.watched, one.answer.helpfulness, cost_nano=JUDGE_NANO)
            for one in rows
        ],
        batch_size=AT_ONCE,
    )
    told.spans += [span_of(Run(_V13, 0, "priya"), experiment, one) for one in rows]
    ended = max(one.result.finished_at or at for one in rows) + timedelta(seconds=5)
    experiment.spent_nano = sum(one.answer.cost_nano + JUDGE_NANO for one in rows)
    experiment.created_at = experiment.started_at = experiment.due_at = at
    experiment.finished_at = ended
    experiment.save()
    return experiment, ended, rows


def _answered(
    told: _Told, experiment: Experiment, item: ItemRevision, place: int, at: datetime, *,
    is_worse: bool,
) -> Told:  # fmt: skip
    key = item.item.key
    case = told.cases[key]
    answer = answer_of(case, _V13, told.number, told.story.seed)
    if is_worse:
        answer = _worsened(answer, key, told.number)
    begun = at + timedelta(seconds=1 + 0.4 * place)
    result = Result(
        experiment=experiment, item_key=key, item=item.item, revision=item, place=place,
        slice=item.slice, cluster=item.cluster, state=Result.State.DONE, attempts=1,
        output=answer.text, trace_id=_id(told, key, 32), span_id=_id(told, f"{key}/span", 16),
        duration_us=answer.duration_us, first_token_us=answer.first_token_us,
        cost_nano=answer.cost_nano, input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens, is_refusal=False, started_at=begun,
        finished_at=begun + timedelta(microseconds=answer.duration_us),
    )  # fmt: skip
    return Told(case, answer, result)


def _worsened(answer: Answer, key: str, number: int) -> Answer:
    """What the changed model says: on a third of the items hardly anything."""
    lot = hashlib.sha256(f"worse/{key}".encode()).digest()[0] / 256
    if lot >= _WORSE:
        return answer
    chance = random.Random(f"{key}/{number}/worse")  # noqa: S311 - it must repeat
    said = Said(round(0.4 + 0.2 * chance.random(), 2), _WHY)
    return replace(answer, text=_SHORT, helpfulness=said, is_unfaithful=False)


def _mark_again(told: _Told, run: ScheduleRun, at: datetime) -> None:
    """What the judge says of the stored answers: what it said, within its own unsteadiness."""
    row = Rejudging.objects.filter(run=run, state=Rejudging.State.DUE).first()
    if row is None:
        return
    own = _first_marks(told.schedule)
    for answer in StoredAnswer.objects.filter(schedule=told.schedule):
        chance = random.Random(f"{answer.item_key}/{told.number}/again")  # noqa: S311
        value = own.get(str(answer.pk), 0.8) + chance.gauss(0, 0.02)
        row.marks[str(answer.pk)] = round(min(1.0, max(0.0, value)), 2)
    row.calls, row.cost_nano = len(row.marks), JUDGE_NANO * len(row.marks)
    end_round(row, 0, at)


def _first_marks(schedule: Schedule) -> dict[str, float]:
    first = Rejudging.objects.filter(schedule=schedule).order_by("pk").first()
    return dict(first.marks) if first else {}


def _id(told: _Told, of: str, length: int) -> str:
    """The same for the same story, like all ids of the demo."""
    named = f"{told.story.project.pk}/{told.story.seed}/nightly/{told.number}/{of}"
    return hashlib.sha256(named.encode()).hexdigest()[:length]
