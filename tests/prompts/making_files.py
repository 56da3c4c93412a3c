"""Runs `roadworthy prompts` in this process, and makes a registry with everything files hold."""

from __future__ import annotations

import io
import re
from pathlib import Path

from django.core.management import CommandError, call_command

from accounts.models import Project
from prompts.models import Prompt
from prompts.services.moving import set_labels
from prompts.services.versions import archive_prompt, archive_versions, describe
from tests.prompts.making import chat, make_version, text


def run(*arguments: str | Path) -> tuple[int, str]:
    """Exit code, and what was said."""
    said = io.StringIO()
    try:
        call_command("prompts", *map(str, arguments), stdout=said)
    except CommandError as error:
        return error.returncode, str(error)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


def texts_of(folder: Path) -> dict[str, str]:
    """The files by path, without who made a version and when: who applies it is its author."""
    return {
        path.relative_to(folder).as_posix(): re.sub(
            r"^(author|created): .*\n", "", path.read_text(), flags=re.MULTILINE
        )
        for path in folder.rglob("*.yaml")
    }


def furnish(project: Project) -> Prompt:
    """Chat and text, references, tags that differ by version, archived versions and prompts."""
    make_version(project, "tone", text("Be kind.\n"), tags=["style"])
    first = chat(
        ("system", "{{> tone}} Hello {{name}}\n\n  yes: no\n"), ("user", "{{question}}"),
        model="gpt-5.2", parameters={"temperature": 0.2}, config={"1.10": "on"},
        tools=[{"type": "function", "function": {"name": "pay", "parameters": {}}}],
        response_schema={"type": "object"},
    )  # fmt: skip
    name = "support/refund agent"
    make_version(project, name, first, message="Begin\n\nand why", tags=["a", "b"])
    make_version(project, name, chat(("user", "two")), parent=1)
    make_version(project, name, chat(("user", "three")), parent=1)
    agent = make_version(project, name, chat(("user", "four")), parent=2).prompt
    describe(agent, description="Answers\nrefunds.", actor=None)
    set_labels(agent, 3, ["staging", "production"], actor=None)
    archive_versions(agent, [2], actor=None)
    gone = make_version(project, "gone", text("old")).prompt
    archive_prompt(gone, actor=None)
    return agent
