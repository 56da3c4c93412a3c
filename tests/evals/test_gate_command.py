"""`roadworthy gate` waits, prints a table and says by its exit code what came of it."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import load_command_class
from django.db import connections

from accounts.models import Project, Scope
from evals.management.commands.gate import Command
from tests.evals.gating import answer, approved_gate, golden, good_or_bad
from tests.evals.planned import MODEL, connected
from tests.factories import make_key
from tests.prompts.making import chat, make_version, serve
from tests.traces.serving import Web

DOCS = Path(settings.BASE_DIR) / "docs"
GITHUB = DOCS / "examples/github-gate.yml"
GITLAB = DOCS / "examples/gitlab-gate.yml"


@pytest.fixture
def served(project: Project) -> Any:
    """A gate; v1 serves and passes 80 %, v2 and v3 are there."""
    connected(project)
    golden(project)
    for said in ("{{question}}", "{{question}} Be brief.", "{{question}} Be rude."):
        version = make_version(project, content=chat(("user", said), model=MODEL))
    serve(version.prompt, 1)
    return approved_gate(version.prompt)


@pytest.fixture
def workers() -> Iterator[Callable[[], None]]:
    """Answers gates in the background until the test ends."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.1):
            answer(good_or_bad({1: 0.8, 2: 0.9, 3: 0.4}))
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    yield thread.join
    over.set()
    thread.join()


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, what was said, and what on the standard error output; as the shell does it."""
    command = load_command_class("evals", "gate")
    assert isinstance(command, Command)
    out, err = io.StringIO(), io.StringIO()
    command.stdout._out, command.stderr._out = out, err  # type: ignore[union-attr]
    try:
        command.run_from_argv(["roadworthy", "gate", *arguments])
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.mark.django_db(transaction=True)
def test_over_http_with_a_key(
    project: Project, served: Any, workers: Any, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROADWORTHY_URL", web.url)
    monkeypatch.setenv("ROADWORTHY_SECRET_KEY", make_key(project, scopes=[Scope.EVALS]).secret)
    code, said, progress = run("--prompt", "refund-agent", "--version", "2")
    assert (code, said.splitlines()[0]) == (0, "PASS  refund-agent v2 beside v1, production")
    assert re.search(r"contains +0.80 +0.90 +\+0.10 \(\+0.0\d to \+0.1\d\) +> −0.03 +ok", said)
    assert "Now pass (8): " in said
    assert "answers" in progress
    code, said, _ = run("--prompt", "refund-agent", "--version=3", "--baseline", "production")
    assert code == 1
    assert "contains is worse" in said
    code, said, _ = run("--prompt", "refund-agent", "--version", "3", "--json")
    assert (code, json.loads(said)["state"]) == (1, "fail")


@pytest.mark.django_db(transaction=True)
def test_on_this_installation(project: Project, served: Any, workers: Any) -> None:
    here = ("--prompt", "refund-agent", "--project", "support")
    code, said, _ = run(*here, "--version", "2", "--baseline", "none")
    assert code == 3
    assert "no bar" in said
    code, said, _ = run(*here, "--model", MODEL)
    assert (code, said.splitlines()[0]) == (
        0, f"PASS  refund-agent v1 under {MODEL} beside v1, production",
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--prompt", "p"], "Say --version N"),
        (["--prompt", "p", "--version", "1"], "Say whose gate"),
        (["--prompt", "p", "--version", "one"], "invalid int"),
        (["--prompt", "p", "--version", "1", "--server", "http://x"], "needs a project key"),
        (["--prompt", "p", "--version", "1", "--project", "moon"], "no project 'moon'"),
        (["--prompt", "p", "--version", "1", "--project", "support"], "There is no prompt 'p'"),
        (
            ["--prompt", "p", "--version", "1", "--project", "support", "--server", "x"],
            "Give --project",
        ),
        (["--version", "1"], "required: --prompt"),
    ],
)
def test_whatever_is_wrong_is_an_error(
    project: Project, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name in ("ROADWORTHY_URL", "ROADWORTHY_KEY", "ROADWORTHY_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    code, _, told = run(*arguments)
    assert code == 3
    assert said in told + capsys.readouterr().err


@pytest.mark.django_db
def test_no_answer_in_time_is_an_error(project: Project, served: Any) -> None:
    code, _, told = run(
        "--prompt", "refund-agent", "--version", "2", "--project", "support", "--timeout", "0.1"
    )
    assert code == 3
    assert "No answer within 0.1 seconds" in told


def commands(text: str) -> list[list[str]]:
    """Each `roadworthy gate …`, up to the end of the shell's command."""
    joined = re.sub(r"\\\n\s*", " ", text)
    found = re.findall(r"roadworthy gate ([^|\n#`]+)", joined)
    return [shlex.split(one) for one in found]


def test_the_examples_are_valid_and_their_commands_are_understood() -> None:
    for name, schema in ((GITHUB, "vendor.github-workflows"), (GITLAB, "vendor.gitlab-ci")):
        checked = subprocess.run(
            [
                Path(sys.executable).with_name("check-jsonschema"),
                "--builtin-schema", schema, name,
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert checked.returncode == 0, checked.stdout
    workflow: dict[Any, Any] = yaml.safe_load(GITHUB.read_text())
    assert workflow["env"]["ROADWORTHY_KEY"] == "${{ secrets.ROADWORTHY_KEY }}"
    assert workflow["permissions"] == {"contents": "read"}
    found = [
        one
        for text in (GITHUB.read_text(), GITLAB.read_text(), (DOCS / "gate.md").read_text())
        for one in commands(text)
        if one and one[0] == "--prompt"
    ]
    assert len(found) >= 4
    parser = Command().create_parser("roadworthy", "gate")
    for one in found:
        understood = parser.parse_args([re.sub(r"^\$.*$", "7", word) for word in one])
        assert understood.prompt
