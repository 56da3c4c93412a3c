"""Files are compared with what stands: steps in an order that can be taken, and conflicts."""

from __future__ import annotations

import pytest

from prompts.content import Content
from prompts.files import (
    BadFile,
    PromptFile,
    PromptFiles,
    RegistryFiles,
    RegistryState,
    StoredPrompt,
    VersionFile,
    plan,
    read_registry,
    written,
)


def files(**prompts: PromptFiles) -> RegistryFiles:
    return RegistryFiles({prompt.prompt.name: prompt for prompt in prompts.values()})


def prompt(name: str, *texts: str, first: int = 1, **rest: object) -> PromptFiles:
    numbered = enumerate(texts, first)
    return PromptFiles(
        PromptFile(name, "text", **rest),  # type: ignore[arg-type]
        {n: VersionFile(n, Content("text", text), message=f"why {n}") for n, text in numbered},
    )


def stored(*texts: str, **rest: object) -> StoredPrompt:
    hashes = {n: Content("text", text).hash() for n, text in enumerate(texts, 1)}
    return StoredPrompt("text", versions=hashes, **rest)  # type: ignore[arg-type]


def said(registry: RegistryFiles, state: RegistryState, **options: bool) -> list[str]:
    return [f"{step.act} {step}" for step in plan(registry, state, **options)]


def test_an_empty_project_gets_everything_and_then_nothing():
    registry = files(
        a=prompt("agent", "{{> tone}} hello", description="d", labels={"production": 1}),
        b=prompt("tone", "Be kind.", "Be kinder.", labels={"staging": 2, "production": 1}),
    )
    assert said(registry, RegistryState(protected={"production"})) == [
        "create_prompt tone: create as a text prompt",
        "create_version tone: create v1, why 1",
        "create_version tone: create v2, why 2",
        "create_prompt agent: create as a text prompt",
        "create_version agent: create v1, why 1",
        "describe agent: change description",
        "propose_label tone: propose production: v1",
        "move_label tone: move staging: v2",
        "propose_label agent: propose production: v1",
    ]
    there = RegistryState(
        {
            "agent": stored("{{> tone}} hello", description="d", labels={"production": 1}),
            "tone": stored("Be kind.", "Be kinder.", labels={"staging": 2, "production": 1}),
        }
    )
    assert said(registry, there) == []
    assert said(registry, there, prune=True) == []


def test_only_what_differs_is_a_step():
    registry = files(a=prompt("a", "1", "2", "3", tags=("x", "y"), labels={"beta": 3, "free": 2}))
    state = RegistryState({"a": stored("1", "2", tags=("y", "x"), labels={"beta": 2, "free": 2})})
    assert said(registry, state) == [
        "create_version a: create v3, why 3",
        "move_label a: move beta: v2 → v3",
    ]


CONFLICTS = {
    "other content under a number": (
        prompt("a", "1", "other"), stored("1", "2"), "v2 exists with other content"
    ),
    "a gap before a new version": (
        prompt("a", "4", first=4), stored("1", "2"), "v4 cannot be made: v3 would come first"
    ),
    "another type": (
        prompt("a", "1"), StoredPrompt("chat"), "it is a chat prompt, the file says text"
    ),
    "a label on nothing": (
        prompt("a", "1", labels={"beta": 9}), stored("1"), "beta cannot move: there is no v9"
    ),
    "a label on what is archived": (
        prompt("a", "1", labels={"beta": 1}), stored("1", archived={1}), "v1 is archived"
    ),
    "a prompt without a version": (prompt("a"), None, "v1.yaml is missing"),
    "an archived prompt": (prompt("a", "1"), stored("1", is_archived=True), "it is archived"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFLICTS)
def test_what_no_apply_can_do_is_a_conflict(name):
    wanted, there, words = CONFLICTS[name]
    state = RegistryState({"a": there} if there else {})
    conflicts = [step for step in plan(files(a=wanted), state) if step.is_conflict]
    assert [words in step.text for step in conflicts] == [True]


def test_nothing_is_taken_away_unless_pruned():
    registry = files(a=prompt("a", "2", first=2, labels={"beta": 2}))
    state = RegistryState(
        {
            "a": stored("1", "2", "3", "4", labels={"beta": 2, "old": 1, "production": 3}),
            "b": stored("1"),
            "c": stored("1", is_archived=True),
        },
        protected={"production"},
    )
    assert said(registry, state) == []
    assert said(registry, state, prune=True) == [
        "remove_label a: remove old from v1",
        "conflict a: production stands in no file and is protected: remove it by hand",
        "archive_version a: archive v1",
        "archive_version a: archive v4",
        "archive_prompt b: archive, it stands in no file",
    ]


def test_a_registry_is_written_and_read_back():
    registry = files(
        a=prompt("support", "x"),
        b=prompt("support/refund agent", "a", "b\n", tags=("t",), labels={"production": 2}),
        c=prompt("prompt.yaml/v1.yaml", "x"),
        d=prompt("z/without versions here"),
    )
    texts = written(registry)
    assert list(texts)[:3] == [
        "prompt%2Eyaml/v1%2Eyaml/prompt.yaml",
        "prompt%2Eyaml/v1%2Eyaml/v1.yaml",
        "support/prompt.yaml",
    ]
    assert read_registry({**texts, "README.md": "#", ".github/x.yaml": "a"}) == registry


def test_every_fault_of_a_folder_is_named_at_once():
    text = "version: 1\nprompt: x\n"
    with pytest.raises(BadFile) as refusal:
        read_registry(
            {
                "a/prompt.yaml": "name: b\ntype: text\n",
                "a/v2.yaml": text,
                "c/v1.yaml": text,
                "d/prompt.yaml": "name: d\ntype: chat\n",
                "d/v1.yaml": text,
                "d/notes.yaml": "x: 1",
                "e e/v1.yaml": text,
                "v1.yaml": text,
            }
        )
    assert [str(fault) for fault in refusal.value.faults] == [
        "a/prompt.yaml: The prompt b belongs into b/prompt.yaml.",
        "a/v2.yaml: Version 1 belongs into v1.yaml.",
        "d/notes.yaml: Expected prompt.yaml or the file of a version, v1.yaml.",
        "e e/v1.yaml: No prompt has this folder; see how names become folders.",
        "v1.yaml: No prompt has this folder; see how names become folders.",
        "c/prompt.yaml: This file is missing beside its versions.",
        "d/v1.yaml: This is a text prompt; prompt.yaml says chat.",
    ]
    surrogate = files(a=prompt("a", "\ud800"))
    with pytest.raises(BadFile, match=r"^a/v1\.yaml: A text holds half"):
        written(surrogate)
