"""Files are exported, compared and applied by the command, on the database and over REST."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import Project
from audit.models import AuditEntry
from prompts.management.commands.prompts import Command
from prompts.models import ChangeRequest, Prompt, PromptVersion
from prompts.services.proposing import close_request
from tests.factories import Key, make_project
from tests.prompts.asking import Api
from tests.prompts.making import make_version, protect, text
from tests.prompts.making_files import furnish, run, texts_of
from tests.traces.serving import Web

V5 = "version: 5\nmessage: Kinder\nprompt: "


@pytest.mark.django_db
def test_an_export_into_an_empty_project_loses_nothing(project: Project, tmp_path: Path) -> None:
    furnish(project)
    there, back = tmp_path / "there", tmp_path / "back"
    assert run("export", there, "--project", "support") == (0, "9 files: 9 written, 0 removed.\n")
    other = make_project("other")
    code, said = run("plan", there, "--project", "other")
    assert code == 2
    assert "move production: v3" in said
    assert "archive v2" in said
    assert not Prompt.objects.filter(project=other).exists()
    assert run("apply", there, "--project", "other")[0] == 0
    for prune in ([], ["--prune"]):
        equal = (0, "Nothing to do: the project holds what the files say.\n")
        assert run("plan", there, "--project", "other", *prune) == equal
        assert run("apply", there, "--project", "other", *prune) == equal
    run("export", back, "--project", "other")
    assert texts_of(back) == texts_of(there)
    made = Prompt.objects.get(project=other, name="support/refund agent")
    assert [v.parent and v.parent.number for v in made.versions.order_by("number")] == [
        None, 1, 1, 2,
    ]  # fmt: skip
    assert made.versions.get(number=2).archived_at is not None
    assert {v.origin for v in made.versions.all()} == {PromptVersion.Origin.FILES}
    assert Prompt.objects.get(project=other, name="gone").archived_at is not None
    made_here = AuditEntry.objects.filter(project_id=other.pk, action="prompt_version.created")
    assert made_here.count() == 6


@pytest.mark.django_db
def test_an_export_removes_what_the_registry_does_not_hold(
    project: Project, tmp_path: Path
) -> None:
    make_version(project, "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/v1.yaml").write_text("version: 1")
    (tmp_path / "README.md").write_text("ours")
    assert run("export", tmp_path, "--project", "support")[1] == "2 files: 2 written, 1 removed.\n"
    assert run("export", tmp_path, "--project", "support")[1] == "2 files: 0 written, 0 removed.\n"
    assert (tmp_path / "README.md").exists()


@pytest.mark.django_db
def test_with_a_conflict_nothing_is_applied(project: Project, tmp_path: Path) -> None:
    make_version(project, "a", text("mine"))
    run("export", tmp_path, "--project", "support")
    (tmp_path / "a/v1.yaml").write_text("version: 1\nprompt: other\n")
    (tmp_path / "a/v2.yaml").write_text("version: 2\nprompt: new\n")
    code, said = run("plan", tmp_path, "--project", "support")
    assert (code, "! a: v1 exists with other content" in said) == (2, True)
    code, said = run("apply", tmp_path, "--project", "support")
    assert code == 1
    assert said.startswith("Nothing was applied: a: v1 exists")
    assert PromptVersion.objects.filter(prompt__project=project).count() == 1


@pytest.mark.django_db
def test_what_stands_in_no_file_goes_only_when_asked(project: Project, tmp_path: Path) -> None:
    furnish(project)
    run("export", tmp_path, "--project", "support")
    for file in [*(tmp_path / "tone").iterdir()]:
        file.unlink()
    at = tmp_path / "support/refund%20agent/prompt.yaml"
    at.write_text(at.read_text().replace("  staging: 3\n", ""))
    (at.parent / "v4.yaml").unlink()
    assert run("plan", tmp_path, "--project", "support")[0] == 0
    said = run("apply", tmp_path, "--project", "support", "--prune")[1]
    assert [line.strip() for line in said.splitlines()] == [
        "support/refund agent: remove staging from v3",
        "support/refund agent: archive v4",
        "tone: archive, it stands in no file",
    ]
    assert run("plan", tmp_path, "--project", "support", "--prune")[0] == 0


@pytest.mark.django_db(transaction=True)
def test_over_rest_a_protected_label_is_proposed_once_and_waited_for(
    project: Project, web: Web, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(project)
    monkeypatch.setenv("ROADWORTHY_URL", web.url)
    monkeypatch.setenv("ROADWORTHY_KEY", key.secret)
    protect(project)
    assert run("export", tmp_path)[0] == 0
    here = tmp_path / "here"
    run("export", here, "--project", "support")
    away = {name: at for name, at in texts_of(tmp_path).items() if not name.startswith("here/")}
    assert away == texts_of(here)
    for file in [*here.rglob("*.yaml")]:
        file.unlink()
    agent = tmp_path / "support/refund%20agent"
    at = agent / "prompt.yaml"
    at.write_text(at.read_text().replace("production: 3", "production: 5"))
    (agent / "v5.yaml").write_text(
        "version: 5\nmessage: Kinder\nprompt: [{role: user, content: 5}]"
    )
    code, said = run("plan", tmp_path)
    assert code == 1
    assert "v5.yaml:3: prompt[0].content" in said
    (agent / "v5.yaml").write_text(
        "version: 5\nmessage: Kinder\nprompt:\n  - {role: user, content: x}"
    )
    code, said = run("plan", tmp_path)
    assert (code, "propose production: v3 → v5" in said) == (2, True)
    code, said = run("apply", tmp_path, "--wait", "--timeout", "0.1")
    assert (code, "Not decided within 0.1 seconds." in said) == (3, True)
    request = ChangeRequest.objects.get(project=project)
    assert (request.title, request.author_label) == ("Kinder", f"key {key.stored.name}")
    assert f"/p/support/reviews/{request.number}/" in run("plan", tmp_path)[1]

    def decide_later() -> None:
        time.sleep(0.3)
        ChangeRequest.objects.filter(pk=request.pk).update(status=ChangeRequest.Status.APPROVED)
        connection.close()

    deciding = threading.Thread(target=decide_later)
    deciding.start()
    code, said = run("apply", tmp_path, "--wait", "--timeout", "20")
    deciding.join()
    assert (code, "approved" in said) == (0, True)
    assert ChangeRequest.objects.count() == 1
    close_request(request, actor=None)
    assert run("apply", tmp_path)[0] == 0  # proposed anew, since somebody closed the former
    newer = ChangeRequest.objects.get(project=project, status=ChangeRequest.Status.OPEN)
    ChangeRequest.objects.filter(pk=newer.pk).update(status="changes_requested")
    assert run("apply", tmp_path, "--wait")[0] == 1
    assert run("plan", tmp_path, "--key", "rw-sk-none")[0] == 1
    assert run("plan", tmp_path, "--url", "http://127.0.0.1:1")[0] == 1


@pytest.mark.django_db
def test_rest_names_what_is_wrong(
    api: Api, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = api.post("prompts-files/plan", {"files": {"a/v1.yaml": "version: 1"}}, 400)
    assert "a/v1.yaml:1: prompt is missing" in told["detail"]
    api.post("prompts-files/plan", {"file": {}}, 400)
    assert api.get("prompts-files")["files"] == {}
    assert api.get("prompts-files/reviews?number=7")["reviews"] == []
    api.get("prompts-files/reviews", 400)
    monkeypatch.setattr("prompts.api.files.MOST_BYTES", 20)
    api.post("prompts-files/apply", {"files": {"a/prompt.yaml": "name: a"}}, 400)
    make_version(project, "a", text("long enough"))
    monkeypatch.setattr("prompts.queries.files.MOST_CHARACTERS", 10)
    assert "at most 10" in api.get("prompts-files", 409)["detail"]


def test_a_wrong_option_is_an_error_and_no_drift(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for wrong in (["plan"], ["plan", "x", "--prjoect", "a"], [], ["grow", "x"]):
        with pytest.raises(SystemExit) as end:
            Command().run_from_argv(["roadworthy", "prompts", *wrong])
        assert end.value.code == 1, wrong
    monkeypatch.delenv("ROADWORTHY_URL", raising=False)
    assert run("plan", tmp_path)[0] == 1
    assert run("plan", tmp_path, "--url", "http://127.0.0.1:1")[0] == 1
