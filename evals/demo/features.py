"""The demo's features: who answers for them, what good means there, and one change proposed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db import transaction

from features.models import BlastRadius, Feature, SensitiveData
from features.services.registry import About, create_feature
from features.services.targets import approve_target, propose_target
from features.terms import Terms
from prompts.demo.people import Story

BEGAN = 168.0  # days ago


@dataclass(frozen=True)
class Chapter:
    """A feature; of its targets, each with the days ago it was written, the first ones hold."""

    name: str
    title: str
    description: str
    owner: str
    deputy: str
    targets: list[tuple[float, Terms, str]] = field(default_factory=list)
    proposed: tuple[float, Terms] | None = None


_REFUNDS = Terms(
    metric="faithfulness",
    bar=0.75,
    margin=0.03,
    smallest_sample=80,
    business_metric="refunds settled without a person",
    business_note="A point of faithfulness was worth 0.6 points of refunds that nobody reopened.",
    tolerated_failure_ratio=0.08,
    bad_output_usd=Decimal("41"),
    blast_radius=[BlastRadius.SENDS_MESSAGES, BlastRadius.MOVES_MONEY],
    blast_note="Up to $200 alone; above it an agent of Northwind approves.",
    regulatory_regime="PCI DSS, GDPR",
    sensitive_data=[SensitiveData.CONTACT, SensitiveData.FINANCIAL],
    p95_latency_ms=20_000,
    first_token_ms=2_500,
    availability_ratio=0.97,
    reason="The bar at which fewer customers came back than with a person's answer.",
)
_ARTICLES = Terms(
    metric="faithfulness",
    bar=0.7,
    smallest_sample=80,
    slices=["edge"],
    business_metric="questions that end at the help centre",
    tolerated_failure_ratio=0.12,
    bad_output_usd=Decimal("3.5"),
    blast_radius=[BlastRadius.READ_ONLY],
    sensitive_data=[SensitiveData.CONTACT],
    p95_latency_ms=12_000,
    availability_ratio=0.97,
    reason="A wrong answer costs one more ticket.",
)
_TRIAGE = Terms(
    metric="correctness",
    bar=0.92,
    business_metric="tickets that are not moved again",
    bad_output_usd=Decimal("1.2"),
    blast_radius=[BlastRadius.WRITES],
    p95_latency_ms=6_000,
    availability_ratio=0.99,
    reason="As good as the rota of last spring.",
)

STORY = (
    Chapter(
        "refund-agent",
        "Refund agent",
        "Answers refund requests of Northwind's customers, checks the policy and pays refunds out.",
        "lena",
        "tomas",
        [
            (120.0, replace(_REFUNDS, bar=0.7), "A start; we look again when there is more."),
            (34.0, _REFUNDS, "Agreed with finance and with support."),
        ],
        (
            2.0,
            replace(
                _REFUNDS,
                bar=0.8,
                slices=["dates", "amounts"],
                p95_latency_ms=15_000,
                reason="v14 is above it already, and dates are where it slips.",
            ),
        ),
    ),
    Chapter(
        "kb-search",
        "Help centre search",
        "Answers questions from the articles, with their sources.",
        "tomas",
        "aiko",
        [(95.0, _ARTICLES, "Good enough to begin with.")],
    ),
    Chapter(
        "ticket-triage",
        "Ticket triage",
        "Sorts tickets by queue and urgency.",
        "aiko",
        "lena",
        [(60.0, _TRIAGE, "")],
    ),
    Chapter("summaries", "Case summaries", "Sums a case up for who takes it over.", "aiko", ""),
)


@transaction.atomic
def register(story: Story) -> bool:
    """Make them in one transaction; False where the project has features already.

    Voice notes are left out: traffic shows them, and somebody is to take them on.
    """
    if Feature.objects.filter(project=story.project).exists():
        return False
    for chapter in STORY:
        _tell(story, chapter)
    return True


def _tell(story: Story, chapter: Chapter) -> None:
    people = story.people
    about = About(
        title=chapter.title,
        description=chapter.description,
        owner=people[chapter.owner],
        deputy=people.get(chapter.deputy),
        runbook_url=f"https://wiki.northwind.example/runbooks/{chapter.name}",
    )
    feature = create_feature(story.project, chapter.name, about, actor=people["samuel"])
    for days, terms, note in chapter.targets:
        target = propose_target(feature, terms, actor=people["priya"], at=story.at(days))
        at = story.at(days - 1.2)
        approve_target(target, actor=people[chapter.owner], note=note, at=at)
    if chapter.proposed is not None:
        days, terms = chapter.proposed
        propose_target(feature, terms, actor=people["priya"], at=story.at(days))
    began = story.at(BEGAN)
    Feature.objects.filter(pk=feature.pk).update(created_at=began, changed_at=began)
