"""Lists over REST ask the database as often for many rows as for one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Project, User
from prompts.services.environments import Rules, set_environment
from tests.prompts.asking import Api
from tests.prompts.making import make_reviewer, make_version, protect, serve, text

pytestmark = pytest.mark.django_db

LISTS = (
    "prompts",
    "prompts/p0/versions",
    "prompts/p0/history",
    "change-requests",
    "rollouts",
    "environments",
)


def statements(api: Api, path: str) -> int:
    """The fewest of two reads: a key is remembered for a second, and then asked for again."""
    found = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert api.get(path)["data"]
        found.append(len(asked))
    return min(found)


def test_more_rows_are_no_more_statements(api: Api, project: Project, alice: User) -> None:
    protect(project)
    jun = Api(user=make_reviewer(project, "jun"))

    def one_more(index: int) -> Any:
        made = make_version(project, f"p{index}", actor=alice, labels=["staging"])
        serve(made.prompt, 1)
        make_version(project, f"p{index}", text("two"))
        make_version(project, "p0", text(f"{index}"), labels=["canary"])
        asked = {"prompt": f"p{index}", "version": 2, "reviewers": ["jun@example.com"]}
        change = f"change-requests/{api.post('change-requests', asked)['number']}"
        jun.post(f"{change}/reviews", {"verdict": "approve", "version": 2})
        api.post(f"{change}/checks", {"name": "golden set", "state": "pass"})
        jun.post(f"{change}/rollout", {"share": 5})
        set_environment(project, f"e{index}", Rules(), actor=alice)  # free, or not: people decide

    one_more(0)
    for path in LISTS:  # what is remembered of a key is asked for once
        statements(api, path)
    before = {path: statements(api, path) for path in LISTS}
    for index in range(1, 4):
        one_more(index)
    assert {path: statements(api, path) for path in LISTS} == before
    assert max(before.values()) <= 12
