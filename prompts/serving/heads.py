"""What a read needs to know of a prompt: where its labels stand, what rolls out, what versions say.

Read from the database once for each change of the project; see `prompts.serving.cache`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from prompts.content import Content
from prompts.models import Prompt, PromptVersion, Rollout
from prompts.queries.resolving import resolver
from prompts.rendering import BadReference, Node, compose


@dataclass(frozen=True, slots=True)
class Split:
    """A rollout as reads see it: keys of `share` (in hundredths of a percent) get `candidate`."""

    rollout: int
    base: int
    candidate: int
    share: int
    salt: str


@dataclass(frozen=True, slots=True)
class Head:
    """A prompt without its texts."""

    prompt_id: int
    name: str
    kind: str
    tags: tuple[str, ...]
    latest: int | None  # the newest version that stands; None: the prompt is archived
    labels: dict[str, int]
    splits: dict[str, Split]  # by label, of active rollouts

    def labels_of(self, number: int) -> list[str]:
        """The labels that stand on the version, `latest` among them."""
        found = sorted(name for name, at in self.labels.items() if at == number)
        return [*found, "latest"] if number == self.latest else found


@dataclass(frozen=True, slots=True)
class Body:
    """A version as it is handed out: as written, and with its references put in."""

    version: PromptVersion
    raw: Content
    composed: Content
    used: tuple[Node, ...]
    fault: str = ""  # why the references cannot be followed; then `composed` is `raw`


def load_head(project_id: int, name: str) -> Head | None:
    """The prompt of that name as it stands; None where there is none."""
    if "\0" in name:
        return None
    prompt = Prompt.objects.filter(project_id=project_id, name=name).first()
    if prompt is None:
        return None
    newest = prompt.versions.filter(archived_at=None).order_by("-number")
    rollouts = prompt.rollouts.filter(status=Rollout.Status.ACTIVE)
    return Head(
        prompt_id=prompt.pk,
        name=prompt.name,
        kind=prompt.kind,
        tags=tuple(prompt.tags),
        latest=newest.values_list("number", flat=True).first(),
        labels=dict(prompt.labels.values_list("name", "version__number")),
        splits={
            one.label: Split(one.pk, one.base.number, one.candidate.number, one.share, one.salt)
            for one in rollouts.select_related("base", "candidate")
        },
    )


def load_body(project_id: int, head: Head, number: int) -> Body | None:
    """What a version says now; None where it does not resolve."""
    if not 0 < number < 2**31:
        return None
    version = PromptVersion.objects.filter(
        prompt_id=head.prompt_id, number=number, archived_at=None
    ).first()
    if version is None:
        return None
    raw = version.content(head.kind)
    if not version.references:
        return Body(version, raw, raw, ())
    try:
        whole = compose(raw, resolver(project_id), root=Node(head.name, number))
    except BadReference as bad:
        return Body(version, raw, raw, (), str(bad))
    return Body(version, raw, whole.content, tuple(whole.used))


def document(head: Head, body: Body) -> dict[str, Any]:
    """The part of the answer that is the same for whoever gets the version."""
    version, whole = body.version, body.composed
    return {
        "name": head.name,
        "version": version.number,
        "type": head.kind,
        "prompt": whole.prompt,
        "raw": body.raw.prompt,
        "tools": whole.tools,
        "response_schema": whole.response_schema,
        "model": whole.model,
        "parameters": whole.parameters,
        "config": whole.config,
        "variables": version.variables,
        "references": [{"name": node.name, "version": node.version} for node in body.used],
        "labels": head.labels_of(version.number),
        "tags": list(head.tags),
        "message": version.message,
        "author": version.author_label,
        "created_at": version.created_at,
    }
