"""An import that was killed goes on where it stopped: nothing missing, nothing twice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Project
from tests.factories import make_project
from tests.traces.moving import bring, contents_of, scores_of, spans_of, traces_of
from tests.traces.replay import Replay, replayed
from tests.traces.serving import database_url
from traces.models import ImportRun
from traces.moving import reader

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
PHOENIX = {"from_project": "weather"}
KEY = "px-secret-key-of-the-test"


@pytest.fixture(autouse=True)
def long_ago_is_kept(settings: Any) -> None:
    settings.OLDEST_SPAN_DAYS = 100_000


def all_of(project: Project) -> list[Any]:
    scores = [{**one, "at": one["at"]} for one in scores_of(project)]
    return [spans_of(project), contents_of(project), scores, traces_of(project)]


def pages(server: Replay) -> list[str]:
    """The questions for spans."""
    return [asked for asked in server.asked if asked.partition("?")[0].endswith("/spans")]


def start(server: Replay, project: Project) -> subprocess.Popen[bytes]:
    """The command as an operator runs it, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "import", "phoenix", "--project", project.slug,
         "--from", server.url, "--from-project", "weather"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url(), "PHOENIX_API_KEY": KEY,
             "DJANGO_SETTINGS_MODULE": "config.settings.test"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.mark.parametrize("at", [("/span_annotations", 2), ("/spans", 3)])
def test_killed_and_started_again(project: Project, at: tuple[str, int]) -> None:
    whole = make_project("whole")
    with replayed("phoenix") as server:
        bring("phoenix", whole, server.url, **PHOENIX)
        everything = len(pages(server))
        assert everything == 3
        server.hold = at
        process = start(server, project)
        assert server.holding.wait(60)
        process.kill()
        process.communicate(timeout=60)
        server.go.set()
        [run] = ImportRun.objects.filter(project_id=project.pk)
        assert run.finished_at is None
        before = len(spans_of(project))
        assert 0 < before < 6
        server.asked.clear()
        told = bring("phoenix", project, server.url, **PHOENIX)
        assert told[0].startswith("Going on with the run that began")
        assert len(pages(server)) == everything - before // 2
        assert all_of(project) == all_of(whole)
        assert ImportRun.objects.get(project_id=project.pk).finished_at is not None
        assert {one.get("authorization") for one in server.headers} == {None, f"Bearer {KEY}"}
    assert "1 traces, 6 spans and 5 scores are new; 0 spans" in told[-1]


def test_a_page_that_was_stored_and_not_noted_comes_once(project: Project) -> None:
    with replayed("phoenix") as server:
        bring("phoenix", project, server.url, **PHOENIX)
        before = all_of(project)
        run = ImportRun.objects.get(project_id=project.pk)
        first = next(asked for asked in pages(server) if "cursor=" in asked)
        run.cursor = {"spans": first.rpartition("cursor=")[2].partition("&")[0].replace("%3D", "=")}
        run.finished_at = None
        run.save()
        bring("phoenix", project, server.url, **PHOENIX)
    assert all_of(project) == before


def test_killed_after_the_last_page_it_only_ends(project: Project) -> None:
    with replayed("phoenix") as server:
        bring("phoenix", project, server.url, **PHOENIX)
        ImportRun.objects.filter(project_id=project.pk).update(finished_at=None)
        server.asked.clear()
        told = bring("phoenix", project, server.url, **PHOENIX)
        assert pages(server) == []
    assert "6 spans and 5 scores are new; 0 spans and 0 scores were here" in told[-1]
    assert ImportRun.objects.get(project_id=project.pk).finished_at is not None


def test_two_at_once_exclude_each_other(project: Project) -> None:
    with replayed("phoenix") as server:
        server.hold = ("/spans", 2)
        process = start(server, project)
        try:
            assert server.holding.wait(60)
            with pytest.raises(CommandError, match="is being imported into support already"):
                bring("phoenix", project, server.url, **PHOENIX)
            server.go.set()
            out, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    assert b"6 spans and 5 scores are new" in out
    assert KEY.encode() not in out


def test_a_busy_source_is_waited_for(project: Project) -> None:
    with replayed("phoenix") as server:
        server.refusals = [(429, {"retry-after": "1"}), (503, {}), (500, {"retry-after": "0"})]
        began = time.monotonic()
        told = bring("phoenix", project, server.url, **PHOENIX)
    assert time.monotonic() - began >= 3.0  # one as asked, two by itself, none
    assert "6 spans" in told[-1]


def test_a_source_that_stays_away_stops_with_what_is_stored(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "FIRST_PAUSE", 0.01)
    with replayed("phoenix") as server:
        server.hold = ("/spans", 2)
        server.go.set()
        bring_until_gone(server, project)
        run = ImportRun.objects.get(project_id=project.pk)
        assert run.finished_at is None
        assert "answered 503" in run.error
        assert len(spans_of(project)) == 2
        told = bring("phoenix", project, server.url, **PHOENIX)
    assert "6 spans and 5 scores are new" in told[-1]


def bring_until_gone(server: Replay, project: Project) -> None:
    """Answer the first page of spans, then refuse."""
    answer = server.answer

    def refusing(method: str, address: str, body: Any) -> tuple[int, Any]:
        if server.holding.is_set():
            return 503, {"message": "Away."}
        return answer(method, address, body)

    server.answer = refusing  # type: ignore[method-assign]
    with pytest.raises(CommandError, match=r"given up after 7 attempts\. What was stored stays"):
        bring("phoenix", project, server.url, **PHOENIX)
    server.answer = answer  # type: ignore[method-assign]


def test_what_changed_there_is_read_again_when_asked(project: Project) -> None:
    with replayed("phoenix") as server:
        bring("phoenix", project, server.url, **PHOENIX)
        for one in server.answers.values():
            if one["path"].endswith("/spans"):
                for span in one["response"]["data"]:
                    span["attributes"]["user.id"] = "another"
        bring("phoenix", project, server.url, **PHOENIX)
        assert {span["user_id"] for span in spans_of(project).values()} == {"user-42"}
        call_command("import", "phoenix", f"--project={project.slug}", f"--from={server.url}",
                     "--from-project=weather", "--again", stdout=StringIO())  # fmt: skip
    assert {span["user_id"] for span in spans_of(project).values()} == {"another"}
    assert len(spans_of(project)) == 6
