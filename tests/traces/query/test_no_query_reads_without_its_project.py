"""Random queries, compiled and run: always with their project, never with a value in the SQL.

A slice of `make trial NAME=query`, which tries a hundred thousand.
"""

from __future__ import annotations

import pytest

from accounts.models import Project
from bench.query import MARK, ask, read_and_compile, run, unguarded
from tests.factories import Key, make_project
from tests.traces.query.stage import tell
from tests.traces.serving import Web

pytestmark = pytest.mark.django_db


def test_each_compiled_query_holds_its_project_and_only_parameters() -> None:
    report = read_and_compile(1000, seed=1, project_id=4711)
    assert report["wrong"] == []
    assert report["understood"] > 500


def test_each_run_ends_in_time_and_shows_no_row_of_others(project: Project) -> None:
    tell(make_project("other"), 40, mark=MARK)
    tell(project, 40)
    report = run(150, seed=2, project_id=project.pk)
    assert report["wrong"] == []
    assert report["states"]["with rows"] > 50


def test_the_check_itself_sees_what_is_wrong() -> None:
    good = 'SELECT 1 FROM "trace" WHERE "trace"."project_id" = %s'
    assert unguarded(good, (7,), 7) == []
    assert unguarded(good, (8,), 7)
    assert unguarded(good + ' AND EXISTS(SELECT 1 FROM "span" U0)', (7,), 7)
    assert unguarded(good + " AND name = 'x'", (7,), 7)


@pytest.mark.django_db(transaction=True)
def test_no_text_makes_the_server_fail(web: Web, key: Key) -> None:
    report = ask(web.url, 120, seed=3, secret=key.secret)
    assert report["wrong"] == []
    assert report["statuses"][200] > 40
