"""Prompts as Langfuse's API writes them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from prompts.models import PromptVersion
from prompts.queries.listed import ListedPrompt
from prompts.rendering import Composed
from prompts.rules.names import LATEST
from traces.langfuse.moments import iso_text

_OURS = UUID("6f1c1f6e-2b0c-5b59-9f0e-7d8f4e0f3a51")  # the namespace of these ids; made up once


def id_of(project_id: int, name: str, number: int) -> str:
    """The id of a version: the same for ever, since neither name nor number ever changes."""
    return str(uuid5(_OURS, f"{project_id}/{number}/{name}"))


def prompt_document(
    version: PromptVersion, labels: list[str], composed: Composed | None = None
) -> dict[str, Any]:
    """A version; with `composed`, the texts that it refers to stand in it."""
    prompt = version.prompt
    return {
        "id": id_of(prompt.project_id, prompt.name, version.number),
        "name": prompt.name,
        "version": version.number,
        "type": prompt.kind,
        "prompt": composed.content.prompt if composed is not None else version.body,
        "config": version.config,
        "labels": labels,
        "tags": version.tags,
        "commitMessage": version.message or None,
        "createdAt": iso_text(version.created_at),
        "updatedAt": iso_text(version.created_at),
        "resolutionGraph": _graph(prompt.project_id, composed) if composed else None,
    }


def _graph(project_id: int, composed: Composed) -> dict[str, Any] | None:
    """Which version stands in which; None where nothing is referred to."""
    if not composed.edges:
        return None

    def told(name: str, version: int | None) -> dict[str, Any]:
        assert version is not None  # noqa: S101  (nothing that is read here is a draft)
        return {"id": id_of(project_id, name, version), "name": name, "version": version}

    dependencies: dict[str, list[dict[str, Any]]] = {}
    for edge in composed.edges:
        parent = told(edge.parent.name, edge.parent.version)
        below = dependencies.setdefault(parent["id"], [])
        child = told(edge.child.name, edge.child.version)
        if child not in below:
            below.append(child)
    return {"root": told(composed.root.name, composed.root.version), "dependencies": dependencies}


def listed_document(listed: ListedPrompt) -> dict[str, Any]:
    """A prompt in the list, with its versions that stand."""
    newest = listed.newest
    assert newest is not None  # noqa: S101  (what is archived is not in this list)
    return {
        "name": listed.prompt.name,
        "type": listed.prompt.kind,
        "versions": listed.numbers,
        "labels": sorted([*(label.name for label in listed.labels), LATEST]),
        "tags": newest.tags,
        "lastUpdatedAt": iso_text(listed.prompt.changed_at),
        "lastConfig": newest.config,
    }
