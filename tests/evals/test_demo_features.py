"""The demo's features have owners, targets that hold, and one change that waits."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from accounts.models import Project, User
from evals.demo.features import register
from features.models import Target
from features.queries import list_features, target_of
from prompts.demo import Story


@pytest.fixture
def story(project: Project) -> Story:
    return Story(project, date(2026, 11, 20), 7)


def test_a_repeat_adds_nothing(story: Story) -> None:
    assert register(story) is True
    assert register(story) is False
    held = target_of(story.project, "refund-agent")
    assert held is not None
    assert (held.number, held.bar, held.decided_at) == (2, 0.75, story.at(32.8))
    rows = {row.feature.name: row for row in list_features(story.project)}
    assert set(rows) == {"refund-agent", "kb-search", "ticket-triage", "summaries"}
    waiting = rows["refund-agent"].open_target
    assert waiting is not None
    assert (waiting.state, waiting.created_at) == (Target.State.PROPOSED, story.at(2.0))
    assert rows["refund-agent"].questions == []
    assert rows["summaries"].questions == ["no deputy", "no target"]


def test_its_pages_open(story: Story, owner_client: Client, alice: User) -> None:
    register(story)
    for path in ("", "refund-agent/", "refund-agent/targets/3/", "summaries/", "rules/"):
        assert owner_client.get(f"/p/support/features/{path}").status_code == 200
