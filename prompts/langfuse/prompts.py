"""Prompts: created, read by version or label, listed, labelled, deleted; SDKs repeat a 409."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpResponse

from accounts.models import ApiKey, Project
from prompts.content import BadContent
from prompts.langfuse.bodies import NewLabels, NewPrompt, body_of
from prompts.langfuse.shapes import listed_document, prompt_document
from prompts.models import PRODUCTION, Prompt, PromptVersion
from prompts.queries.listed import PromptFilter, labels_on, prompts_matching, with_versions
from prompts.queries.resolving import get_prompt, get_version, resolver
from prompts.rendering import Node, compose
from prompts.rules.names import LATEST
from prompts.services.errors import BadName, InUse, NoSuchVersion, OtherType
from prompts.services.moving import set_labels
from prompts.services.versions import archive_versions, create_version
from prompts.serving.counts import READS
from traces.langfuse.envelope import Answer, ApiError, Call
from traces.langfuse.parameters import Parameters

MOST_NUMBER = 2**31 - 1


def create(call: Call) -> Answer:
    """Make a version, and move its labels there; with a protected one among them, nothing."""
    version = _created(call)
    return Answer(prompt_document(version, labels_on(version)), 201)


def create_v1(call: Call) -> Answer:
    """The same before v2, where `isActive` means production."""
    version = _created(call)
    return Answer(_v1(version), 201)


def one(call: Call, name: str) -> dict[str, Any]:
    """A version by its number or label, else at production. Raises: ApiError 400, 404."""
    version, resolve = _asked(call, name)
    if not resolve:
        return prompt_document(version, labels_on(version))
    root = Node(name, version.number)
    with refused_as_here():
        composed = compose(
            version.content(version.prompt.kind), resolver(call.project_id), root=root
        )
    return prompt_document(version, labels_on(version), composed)


def one_v1(call: Call) -> dict[str, Any]:
    """A version before v2: the name stands in the query. Raises: ApiError 400, 404."""
    name = Parameters(call.request.GET).text("name")
    if not name:
        raise ApiError(400, "name: Say which prompt.")
    version, _ = _asked(call, name)
    return _v1(version)


def listed(call: Call) -> dict[str, Any]:
    """A page of prompts by name."""
    parameters = Parameters(call.request.GET)
    wanted = PromptFilter(
        name=parameters.text("name"),
        label=parameters.text("label"),
        tag=parameters.text("tag"),
        version=_version(parameters),
        since=parameters.time("fromUpdatedAt"),
        until=parameters.time("toUpdatedAt"),
    )
    page = parameters.page()
    found = prompts_matching(call.project_id, wanted)
    rows = with_versions(list(found[page.first : page.first + page.limit]))
    return page.of([listed_document(row) for row in rows if row.numbers], found.count())


def add_labels(call: Call, name: str, number: int) -> dict[str, Any]:
    """Move labels to a version, which keeps those that it has."""
    version = _standing(call, name, number, None)
    asked = body_of(call, NewLabels)
    if LATEST in asked.new_labels and LATEST not in labels_on(version):
        raise ApiError(400, "newLabels: latest is kept by the server, on the newest version.")
    with refused_as_here():
        set_labels(version.prompt, number, asked.new_labels, actor=_actor(call))
    return prompt_document(version, labels_on(version))


def delete(call: Call, name: str) -> HttpResponse:
    """Archive a version, that of a label, or all: none of them while something points at it."""
    parameters = Parameters(call.request.GET)
    number, label = _version_or_label(parameters)
    if number is not None or label is not None:
        numbers = [_standing(call, name, number, label).number]
        prompt = _prompt(call, name)
    else:
        prompt = _prompt(call, name)
        standing = prompt.versions.filter(archived_at=None)
        numbers = list(standing.values_list("number", flat=True))
        if not numbers:
            raise ApiError(404, f"Prompt not found: '{name[:200]}'")
    with refused_as_here():
        archive_versions(prompt, numbers, actor=_actor(call))
    return HttpResponse(status=204)


@contextmanager
def refused_as_here() -> Iterator[None]:
    """Turn what the services refuse into what SDKs neither repeat nor take for a success.

    A protected label stays a `DomainError`, which the envelope makes 403.
    """
    try:
        yield
    except (BadName, BadContent, OtherType, InUse) as bad:
        raise ApiError(400, str(bad)) from None
    except NoSuchVersion as missing:
        raise ApiError(404, str(missing)) from None


def _created(call: Call) -> PromptVersion:
    asked = body_of(call, NewPrompt)
    project = Project.objects.select_related("organization").get(pk=call.project_id)
    with refused_as_here():
        return create_version(project, asked.name, asked.new_version(), actor=_actor(call))


def _v1(version: PromptVersion) -> dict[str, Any]:
    labels = labels_on(version)
    return {**prompt_document(version, labels), "isActive": PRODUCTION in labels}


def _asked(call: Call, name: str) -> tuple[PromptVersion, bool]:
    parameters = Parameters(call.request.GET)
    number, label = _version_or_label(parameters)
    if number is None and label is None:
        label = PRODUCTION
    found = _standing(call, name, number, label)
    READS.count(found.prompt_id, label or "", found.number, keyed=False)
    return found, parameters.flag("resolve") is not False


def _version_or_label(parameters: Parameters) -> tuple[int | None, str | None]:
    number, label = _version(parameters), parameters.text("label") or None
    if number is not None and label is not None:
        raise ApiError(400, "Cannot specify both version and label")
    return number, label


def _version(parameters: Parameters) -> int | None:
    if not parameters.text("version"):
        return None
    return parameters.integer("version", 0, least=0, most=MOST_NUMBER)


def _standing(call: Call, name: str, number: int | None, label: str | None) -> PromptVersion:
    """Raises: ApiError 404, in the words that Langfuse's clients know."""
    prompt = get_prompt(call.project_id, name)
    found = get_version(prompt, number=number, label=label) if prompt is not None else None
    if prompt is None or found is None:
        which = f"with version {number}" if number is not None else f"with label '{label}'"
        raise ApiError(404, f"Prompt not found: '{name[:200]}' {which}")
    found.prompt = prompt
    return found


def _prompt(call: Call, name: str) -> Prompt:
    prompt = get_prompt(call.project_id, name)
    if prompt is None:
        raise ApiError(404, f"Prompt not found: '{name[:200]}'")
    return prompt


def _actor(call: Call) -> ApiKey:
    return ApiKey.objects.get(pk=call.bearer.key_id)
