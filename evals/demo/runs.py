"""The demo's experiments: versions over the golden dataset, with a trace for every answer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from evals.demo.answers import Answer, Said, Variant, answer_of
from evals.demo.cases import Case, cases
from evals.demo.judges import CALM, FAITHFULNESS, HELPFULNESS, in_use
from evals.models import (
    Dataset,
    EvaluatorVersion,
    Experiment,
    ItemRevision,
    Judgement,
    Result,
    Split,
)
from evals.queries.datasets import items_of
from evals.services.experiments import add_evaluators, make_experiment
from gateway.client import PLATFORM_FEATURE
from prompts.demo import Story
from prompts.models import Prompt, PromptVersion
from traces.ingest.record import Kind, SpanRecord
from traces.ingest.writer.own import OwnSpans
from traces.query.compiling import PLATFORM_ENVIRONMENT

REPEATS = 3
AT_ONCE = 500
JUDGE_NANO = 1_420_000  # what one verdict of the small model costs


@dataclass(frozen=True)
class Run:
    """One experiment that is to be told."""

    variant: Variant
    days_ago: float
    who: str
    purpose: str = Experiment.Purpose.EXPERIMENT
    name: str = ""


@dataclass(frozen=True)
class Told:
    """One answer of an experiment with what it is about."""

    case: Case
    answer: Answer
    result: Result


def tell_run(story: Story, dataset: Dataset, run: Run) -> tuple[Experiment, list[Told]]:
    """The experiment with its results, judgements and traces, set back to its day."""
    prompt = Prompt.objects.get(project=story.project, name="refund-agent")
    version = PromptVersion.objects.get(prompt=prompt, number=run.variant.version)
    items = list(
        items_of(dataset, dataset.last_number, splits=[Split.MAIN.value, Split.HELD_OUT.value])
    )
    began = story.at(run.days_ago)
    scorers = [in_use(story, name) for name in (FAITHFULNESS, HELPFULNESS, CALM)]
    total = len(items) * REPEATS
    model = run.variant.model
    experiment = make_experiment(
        story.project,
        actor=story.people[run.who],
        name=run.name or f"v{version.number} on {model.asked}",
        purpose=run.purpose,
        dataset=dataset,
        dataset_version=dataset.last_number,
        prompt=prompt,
        prompt_version=version,
        prompt_label=f"{prompt.name} v{version.number}",
        model=model.asked,
        feature="refund-agent",
        splits=[Split.MAIN.value, Split.HELD_OUT.value],
        repeats=REPEATS,
        concurrency=8,
        state=Experiment.State.DONE,
        external_id=_id(story, run, "run", 16),
        total=total,
        done=total,
        judged=total * len(scorers),
        to_judge=total * len(scorers),
    )
    add_evaluators(experiment, scorers)
    told = _results(story, run, experiment, items, began)
    Result.objects.bulk_create([one.result for one in told], batch_size=AT_ONCE)
    Judgement.objects.bulk_create(
        [said for one in told for said in _judgements(one, scorers)], batch_size=AT_ONCE
    )
    spans = [span_of(run, experiment, one) for one in told]
    writer = OwnSpans()
    try:
        for first in range(0, len(spans), AT_ONCE):
            some = spans[first : first + AT_ONCE]
            writer.start(story.project.pk, some).result(timeout=60)
    finally:
        writer.close()
    spent = sum(one.answer.cost_nano for one in told) + 2 * JUDGE_NANO * total
    Experiment.objects.filter(pk=experiment.pk).update(
        created_at=began,
        started_at=began + timedelta(seconds=1),
        finished_at=told[-1].result.finished_at,
        due_at=began,
        spent_nano=F("spent_nano") + spent,
    )
    experiment.refresh_from_db()
    return experiment, told


def _results(
    story: Story,
    run: Run,
    experiment: Experiment,
    items: Sequence[ItemRevision],
    began: datetime,
) -> list[Told]:
    by_key = {case.key: case for case in cases(story.seed)}
    found: list[Told] = []
    for repeat in range(1, REPEATS + 1):
        for place, item in enumerate(items, (repeat - 1) * len(items)):
            case = by_key[item.item.key]
            answer = answer_of(case, run.variant, repeat, story.seed)
            at = began + timedelta(seconds=1 + 0.5 * place)
            result = Result(
                experiment=experiment,
                item_key=item.item.key,
                item=item.item,
                revision=item,
                repeat=repeat,
                place=place,
                slice=item.slice,
                cluster=item.cluster,
                is_held_out=item.split == Split.HELD_OUT,
                state=Result.State.DONE,
                attempts=1,
                output=answer.text,
                trace_id=_id(story, run, f"{item.item.key}/{repeat}", 32),
                span_id=_id(story, run, f"{item.item.key}/{repeat}/span", 16),
                duration_us=answer.duration_us,
                first_token_us=answer.first_token_us,
                cost_nano=answer.cost_nano,
                input_tokens=answer.input_tokens,
                output_tokens=answer.output_tokens,
                is_refusal=False,
                started_at=at,
                finished_at=at + timedelta(microseconds=answer.duration_us),
            )
            found.append(Told(case, answer, result))
    return found


def _judgements(told: Told, scorers: Sequence[EvaluatorVersion]) -> list[Judgement]:
    faithful, helpful, calm = scorers
    is_calm = "!" not in told.answer.text
    tone = Said(float(is_calm), "Holds none of them." if is_calm else "Holds “!”.")
    return [
        judgement_of(told, faithful, told.answer.faithfulness, cost_nano=JUDGE_NANO),
        judgement_of(told, helpful, told.answer.helpfulness, cost_nano=JUDGE_NANO),
        judgement_of(told, calm, tone, cost_nano=0),
    ]


def judgement_of(
    told: Told,
    version: EvaluatorVersion,
    said: Said,
    *,
    cost_nano: int,
    purpose: str = Judgement.Purpose.EXPERIMENT,
    repeat: int = 1,
) -> Judgement:
    """What `version` says of an answer, not saved."""
    assert told.result.finished_at is not None  # noqa: S101  (each is over)
    is_of_run = purpose == Judgement.Purpose.EXPERIMENT
    return Judgement(
        project=version.evaluator.project,
        purpose=purpose,
        name=version.evaluator.name,
        version=version,
        experiment=told.result.experiment if is_of_run else None,
        result=told.result if is_of_run else None,
        trace_id=told.result.trace_id,
        span_id="",
        repeat=repeat,
        state=Judgement.State.DONE,
        attempts=1,
        num=said.value,
        passed=version.bar is None or said.value >= version.bar,
        reason=said.reason,
        evidence=list(said.quoted),
        cost_nano=cost_nano,
        at=told.result.finished_at + timedelta(seconds=2),
    )


def span_of(run: Run, experiment: Experiment, told: Told) -> SpanRecord:
    """The span of an answer, as the runner would have left it."""
    result, answer, model = told.result, told.answer, run.variant.model
    assert result.started_at is not None  # noqa: S101
    start = int(result.started_at.timestamp() * 1_000_000) * 1000
    hidden = result.is_held_out
    content = [{"type": "text", "content": told.case.question}]
    said = [{"type": "text", "content": answer.text}]
    return SpanRecord(
        trace_id=result.trace_id,
        span_id=result.span_id,
        name=f"experiment #{experiment.number}",
        start_ns=start,
        end_ns=start + answer.duration_us * 1000,
        kind=Kind.GENERATION,
        operation_name="chat",
        model=model.answered,
        model_requested=model.asked,
        provider=model.provider,
        in_uncached=answer.input_tokens,
        out_text=answer.output_tokens,
        ttft_us=answer.first_token_us,
        finish_reasons=["stop"],
        feature=PLATFORM_FEATURE,
        environment=PLATFORM_ENVIRONMENT,
        prompt_name="refund-agent",
        prompt_version=str(run.variant.version),
        tags=["experiment"],
        metadata={
            "experiment": experiment.number,
            "item": result.item_key,
            "repeat": result.repeat,
            "feature": "refund-agent",
        },
        input=None if hidden else [{"role": "user", "parts": content}],
        output=None if hidden else [{"role": "assistant", "parts": said}],
        documents=None,
        attributes={"roadworthy.content": "withheld"} if hidden else {},
        dialect="native",
    )


def _id(story: Story, run: Run, of: str, length: int) -> str:
    """The same for the same story: a load that was interrupted writes nothing twice."""
    variant = f"{run.variant.version}/{run.variant.model.asked}"
    named = f"{story.project.pk}/{story.seed}/{variant}/{of}"
    return hashlib.sha256(named.encode()).hexdigest()[:length]
