"""The demo's prompts with their history, the rules of production, and the open review."""

from __future__ import annotations

import random
from datetime import datetime

from django.db import transaction

from prompts.demo.editions import Series, all_series
from prompts.demo.people import Story
from prompts.demo.review import open_review
from prompts.models import LabelMove, Prompt, PromptVersion
from prompts.services.environments import Rules, set_environment
from prompts.services.moving import set_labels
from prompts.services.versions import NewVersion, create_version, describe

CHECKS = ("evals / golden tickets", "evals / regressions")
BEGAN = 170.0  # days ago


@transaction.atomic
def furnish(story: Story) -> bool:
    """Make all of it, in one transaction; False where the project has prompts already."""
    if Prompt.objects.filter(project=story.project).exists():
        return False
    rules = Rules(protection="off")
    set_environment(story.project, "production", rules, actor=story.people["samuel"])
    for series in all_series():
        _tell(story, series)
    rules = Rules(protection="on", approvals=2, required_checks=CHECKS)
    set_environment(story.project, "production", rules, actor=story.people["samuel"])
    open_review(story, CHECKS)
    return True


def _tell(story: Story, series: Series) -> None:
    prompt = None
    for number, edition in enumerate(series.editions, 1):
        version = create_version(
            story.project,
            series.name,
            NewVersion(
                edition.content,
                edition.message,
                tags=series.tags,
                origin=PromptVersion.Origin.DEMO,
                made_at=story.at(_days_ago(series, number, story.seed)),
            ),
            actor=story.people[edition.author],
        )
        prompt = version.prompt
    assert prompt is not None  # noqa: S101  (every series has versions)
    people = story.people
    describe(prompt, description=series.description, owner=people[series.owner], actor=None)
    movers = [people[name] for name in ("tomas", "aiko", "samuel")]
    changed = story.at(min(series.made.values()))
    for place, (label, number, days) in enumerate(series.moves):
        set_labels(prompt, number, [label], actor=movers[place % len(movers)])
        changed = max(changed, _set_back(prompt, label, story.at(days)))
    Prompt.objects.filter(pk=prompt.pk).update(created_at=story.at(BEGAN), changed_at=changed)


def _days_ago(series: Series, number: int, seed: int) -> float:
    """When a version was made: those without a day of their own are spread evenly before, each at
    an hour of its day's work."""
    if number in series.made:
        return series.made[number]
    first = min(series.made)
    step = (BEGAN - series.made[first]) / first
    days = int(BEGAN - step * (number - 1))
    chance = random.Random(f"{seed}/{series.name}/{number}")  # noqa: S311 - it must repeat
    return days - (8 + 9 * chance.random()) / 24


def _set_back(prompt: Prompt, label: str, at: datetime) -> datetime:
    newest = prompt.moves.filter(label=label).latest("pk")
    LabelMove.objects.filter(pk=newest.pk).update(at=at)
    prompt.labels.filter(name=label).update(moved_at=at)
    return at
