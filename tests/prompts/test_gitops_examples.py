"""The examples for GitHub and Argo CD are valid, and every command in them and in the page runs."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from accounts.models import Project
from tests.factories import Key
from tests.prompts.making_files import furnish, run
from tests.traces.serving import Web

DOCS = Path(settings.BASE_DIR) / "docs"
WORKFLOW = DOCS / "examples/github-prompts.yml"
HOOK = DOCS / "examples/argocd-prompts-hook.yaml"


def commands(text: str) -> list[list[str]]:
    """Each `roadworthy prompts …`, up to the end of the shell's command."""
    found = re.findall(r"^(?:.*run: |\s*)roadworthy prompts ([^|\n#]+)", text, re.MULTILINE)
    return [shlex.split(one) for one in found]


def test_the_workflow_is_valid_and_keeps_the_key_secret() -> None:
    checked = subprocess.run(
        [
            Path(sys.executable).with_name("check-jsonschema"),
            "--builtin-schema",
            "vendor.github-workflows",
            WORKFLOW,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    workflow: dict[Any, Any] = yaml.safe_load(WORKFLOW.read_text())
    assert workflow["env"]["ROADWORTHY_KEY"] == "${{ secrets.ROADWORTHY_KEY }}"
    assert workflow["permissions"] == {"contents": "read"}
    wait = next(one for one in commands(WORKFLOW.read_text()) if one[0] == "apply")
    assert float(wait[-1]) < workflow["jobs"]["apply"]["timeout-minutes"] * 60


def test_the_hook_is_a_job_that_fails_the_sync() -> None:
    (job,) = yaml.safe_load_all(HOOK.read_text())
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    notes = job["metadata"]["annotations"]
    assert notes["argocd.argoproj.io/hook"] in {"PreSync", "PostSync"}
    spec = job["spec"]
    assert spec["backoffLimit"] == 0
    pod = spec["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    (container,) = pod["containers"]
    assert float(container["command"][-1]) < spec["activeDeadlineSeconds"]
    assert {one["name"] for one in container["env"]} >= {"ROADWORTHY_URL", "ROADWORTHY_KEY"}
    volumes = {one["name"] for one in pod["volumes"]}
    mounts = [m["name"] for c in (container, *pod["initContainers"]) for m in c["volumeMounts"]]
    assert set(mounts) == volumes


@pytest.mark.django_db(transaction=True)
def test_every_command_runs(
    project: Project, web: Web, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(project)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROADWORTHY_URL", web.url)
    monkeypatch.setenv("ROADWORTHY_KEY", key.secret)
    (job,) = yaml.safe_load_all(HOOK.read_text())
    program, word, *hook = job["spec"]["template"]["spec"]["containers"][0]["command"]
    assert (program, word) == ("roadworthy", "prompts")
    found = commands((DOCS / "gitops.md").read_text()) + commands(WORKFLOW.read_text()) + [hook]
    assert [one[0] for one in found] == ["export", "plan", "apply"] * 2 + ["plan", "apply", "apply"]
    for one in found:
        arguments = [word.removeprefix("/files/shop/") for word in one]
        assert run(*arguments)[0] == 0, arguments
