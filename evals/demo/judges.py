"""The demo's evaluators: two judges, of which one grew by review, and a check."""

from __future__ import annotations

from evals.demo.answers import BAR
from evals.evaluating.settings import Terms
from evals.models import Evaluator, EvaluatorKind, EvaluatorVersion, Proposal
from evals.services.evaluator_versions import approve_version, draft_version, propose_version
from evals.services.evaluators import create_evaluator
from prompts.demo import Story
from traces.demo.catalog import HAIKU

FAITHFULNESS, HELPFULNESS, CALM = "faithfulness", "helpfulness", "no-exclamation"
_FAITHFUL = (
    "Is every claim of the answer supported by the documents or by what a tool returned?\n"
    "1 means that all of them are; 0 that the main one is not. A date, an amount or a promise that "
    "stands nowhere weighs most."
)
_STRICTER = _FAITHFUL + (
    "\nA polite phrase is no claim. Where the documents name a range (5 to 7 days), an answer that "
    "names its lower end as a promise is not supported."
)
_HELPFUL = "Does the answer do what the customer came for, and say what happens next?"


def make_evaluators(story: Story) -> None:
    """Make them, each with its score's definition."""
    people = story.people
    faithful = create_evaluator(
        story.project,
        FAITHFULNESS,
        EvaluatorKind.JUDGE,
        _judge(_FAITHFUL, bar=BAR, needs=["documents"]),
        actor=people["aiko"],
        description="Every claim of the answer stands in the documents it was given.",
        message="First version",
    )
    _set_back(story, faithful, 1, 52.0)
    stricter = draft_version(
        faithful,
        _judge(_STRICTER, bar=BAR, needs=["documents"]),
        actor=people["priya"],
        message="A range is no promise: v1 let “within 5 days” pass",
    )
    proposal = propose_version(
        stricter, actor=people["priya"], reason="Eight of the ten disagreements are about dates."
    )
    approve_version(proposal, actor=people["aiko"], note="Agreed, and labelled 130 again.")
    _set_back(story, faithful, 2, 21.0)
    Proposal.objects.filter(pk=proposal.pk).update(
        created_at=story.at(21.4), decided_at=story.at(21.0)
    )
    helpful = create_evaluator(
        story.project,
        HELPFULNESS,
        EvaluatorKind.JUDGE,
        _judge(_HELPFUL, bar=0.7),
        actor=people["lena"],
        description="The answer does what the customer came for.",
        message="First version",
    )
    _set_back(story, helpful, 1, 61.5)
    calm = create_evaluator(
        story.project,
        CALM,
        EvaluatorKind.CODE,
        Terms({"check": "contains", "words": ["!"], "mode": "none"}),
        actor=people["lena"],
        description="How we write: no exclamation marks.",
    )
    _set_back(story, calm, 1, 48.0)


def in_use(story: Story, name: str) -> EvaluatorVersion:
    """The version that scores under `name`."""
    evaluator = Evaluator.objects.select_related("current__evaluator").get(
        project=story.project, name=name
    )
    assert evaluator.current is not None  # noqa: S101  (each has one)
    return evaluator.current


def _judge(rubric: str, *, bar: float, needs: list[str] | None = None) -> Terms:
    return Terms(
        {"rubric": rubric, "whole": False, **({"needs": needs} if needs else {})},
        data_type="number",
        minimum=0.0,
        maximum=1.0,
        bar=bar,
        model=HAIKU.asked,
        parameters={"temperature": 0},
    )


def _set_back(story: Story, evaluator: Evaluator, number: int, days: float) -> None:
    at = story.at(days)
    EvaluatorVersion.objects.filter(evaluator=evaluator, number=number).update(
        created_at=at, approved_at=at
    )
    if number == 1:
        Evaluator.objects.filter(pk=evaluator.pk).update(created_at=at)
