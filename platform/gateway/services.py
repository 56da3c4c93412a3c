"""Connecting providers: made, changed, given another key, tested, removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, person, record
from gateway import client
from gateway.client import IMPATIENT, About, CallFailed, ChatRequest, user
from gateway.models import LONGEST_SAID, Kind, Provider
from gateway.queries import KEY_PURPOSE, connection_to
from gateway.terms import (
    MOST_MODELS,
    BadTerms,
    Terms,
    checked,
    checked_key,
    hint_of,
    is_model_name,
)
from kit.crypto import Unreadable, seal
from kit.errors import DomainError

TEST_PROMPT = "Say: ready."
TEST_TOKENS = 16  # the least that reasoning models take
_FACTS = (
    "kind",
    "name",
    "base_url",
    "api_version",
    "traced_as",
    "model_names",
    "asks_models",
    "is_default",
    "is_enabled",
)


class NameTaken(DomainError):
    """Another connection of the project has this name."""


class IsDisabled(DomainError):
    """A connection that is off cannot be the default."""


@transaction.atomic
def create_provider(
    project: Project, terms: Terms, *, key: str = "", is_default: bool = False, actor: Actor
) -> Provider:
    """A new connection; the first one that is enabled is the default.

    Raises: BadTerms, NameTaken, IsDisabled.
    """
    terms = checked(terms)
    key = checked_key(terms.kind, key)
    project = _locked(project)
    first = not Provider.objects.filter(project=project, is_default=True).exists()
    provider = Provider(project=project, created_by=person(actor), changed_by=person(actor))
    _put(provider, terms)
    _put_key(provider, key, actor)
    provider.is_default = terms.is_enabled and first
    _save(provider)
    if is_default and not provider.is_default:
        _become_default(provider)
    _tell("provider.created", provider, actor, has_key=bool(key), **_facts(provider))
    return provider


@transaction.atomic
def change_provider(
    provider: Provider,
    terms: Terms | Callable[[Provider], Terms],
    *,
    key: str | None = None,
    is_default: bool = False,
    actor: Actor,
) -> Provider:
    """Let the connection say `terms`; its kind stays, and without `key` its key does.

    Where only a part of it is known, `terms` makes the whole from the row as it stands, locked:
    what others changed meanwhile stays. With `is_default` it becomes the default as well, or
    nothing changes. Raises: BadTerms, NameTaken, IsDisabled.
    """
    provider = _again(provider)
    wanted = terms if isinstance(terms, Terms) else terms(provider)
    terms = checked(replace(wanted, kind=Kind(provider.kind)))
    if (
        key is None
        and provider.key_sealed
        and _origin(terms.base_url) != _origin(provider.base_url)
    ):
        raise BadTerms([("key", "The address is another one: enter the key that belongs to it.")])
    before, hint = _facts(provider), provider.key_hint
    _put(provider, terms)
    provider.is_default = provider.is_default and provider.is_enabled
    provider.changed_by, provider.changed_at = person(actor), timezone.now()
    provider.test_passed, provider.test_said = None, ""
    if key is not None:
        _put_key(provider, checked_key(terms.kind, key), actor)
    _save(provider)
    after = _facts(provider)
    changed = [name for name in _FACTS if before[name] != after[name]]
    if changed or key is None:
        old, new = ({name: facts[name] for name in changed} for facts in (before, after))
        _tell("provider.changed", provider, actor, before=old, after=new)
    if key is not None:
        _tell("provider.key_replaced", provider, actor, before=hint, after=provider.key_hint)
    return _made_default(provider, actor) if is_default else provider


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Whom a key is given to: it never goes to an address for which it was not entered."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


@transaction.atomic
def make_default(provider: Provider, *, actor: Actor) -> Provider:
    """Take this connection for calls that name none. Raises: IsDisabled."""
    return _made_default(_again(provider), actor)


@transaction.atomic
def remove_provider(provider: Provider, *, actor: Actor) -> None:
    """Delete the connection and its key. Spans keep its name."""
    provider = _again(provider)
    _tell("provider.removed", provider, actor, **_facts(provider))
    provider.delete()


@transaction.atomic
def remove_providers_of_deleted_projects(project_id: int | None = None) -> int:
    """Delete what projects left behind that were deleted; returns how many connections went.

    The deletion of the project is in the audit trail.
    """
    left = Provider.objects.exclude(project__deleted_at=None)
    if project_id is not None:
        left = left.filter(project_id=project_id)
    gone, _ = left.delete()
    return gone


# --- trying it --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Tested:
    """Whether the provider answered, what it said or why not, and the trace where a model did."""

    passed: bool
    said: str
    trace_id: str = ""


def try_provider(provider: Provider, *, actor: Actor) -> Tested:
    """Ask the provider for its models, else a model for a word, and keep what came of it.

    Connections that ask for their models have them renewed. Takes up to 40 s.
    """
    try:
        tested, names = _try(provider)
    except Unreadable as sealed:
        tested, names = Tested(False, str(sealed)), None
    except CallFailed as failed:
        tested, names = Tested(False, str(failed), failed.trace_id), None
    tested = replace(tested, said=tested.said.replace("\x00", "")[:LONGEST_SAID])
    was = provider
    with transaction.atomic():
        provider, now = _again(provider), timezone.now()
        if provider.changed_at != was.changed_at:
            return tested  # of a connection that is no more
        provider.tested_at, provider.test_passed = now, tested.passed
        provider.test_said = tested.said
        if names is not None and provider.asks_models:
            kept = [name for name in names if is_model_name(name)][:MOST_MODELS]
            provider.model_names, provider.models_asked_at = kept, now
        provider.save()
        _tell("provider.tested", provider, actor, passed=tested.passed)
    return tested


def _try(provider: Provider) -> tuple[Tested, list[str] | None]:
    connection = connection_to(provider)
    if provider.kind in (Kind.OPENAI, Kind.ANTHROPIC):
        try:
            names = client.models(connection, IMPATIENT)
        except CallFailed as failed:
            # Some servers have no list; then a model must tell.
            if failed.status not in (404, 405, 501) or not provider.model_names:
                raise
        else:
            return _told(provider, names), names
    return _ask_a_model(provider), None


def _told(provider: Provider, names: list[str]) -> Tested:
    count = f"It answers and offers {len(names)} {'model' if len(names) == 1 else 'models'}."
    missing = [name for name in provider.model_names if name not in names]
    if provider.asks_models or not missing:
        return Tested(True, count)
    return Tested(True, f"{count} Not among them: {', '.join(missing[:5])}.")


def _ask_a_model(provider: Provider) -> Tested:
    model = provider.model_names[0]
    request = ChatRequest(model, (user(TEST_PROMPT),), parameters={"max_tokens": TEST_TOKENS})
    about = About(provider.project_id, name="provider test", tags=("provider-test",))
    called = client.chat(connection_to(provider), request, about, IMPATIENT)
    answered = called.given.model or model
    return Tested(True, f"{answered} answers.", called.trace_id)


# --- the row ----------------------------------------------------------------------------------
def _locked(project: Project) -> Project:
    """One writer of a project's connections at a time: there is one default."""
    return (
        Project.objects.select_for_update(of=["self"], no_key=True)
        .select_related("organization")
        .get(pk=project.pk)
    )


def _again(provider: Provider) -> Provider:
    """The row as it stands now, locked with its project."""
    project = _locked(provider.project)
    fresh = Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
    fresh.project = project
    return fresh


def _put(provider: Provider, terms: Terms) -> None:
    asks_anew = terms.asks_models and not provider.asks_models
    provider.kind = terms.kind
    provider.name = terms.name
    provider.base_url = terms.base_url
    provider.api_version = terms.api_version
    provider.traced_as = terms.traced_as
    if not terms.asks_models or asks_anew:
        provider.model_names = terms.model_names
        provider.models_asked_at = None
    provider.asks_models = terms.asks_models
    provider.is_enabled = terms.is_enabled


def _put_key(provider: Provider, key: str, actor: Actor) -> None:
    provider.key_sealed = seal(key, purpose=KEY_PURPOSE) if key else ""
    provider.key_hint = hint_of(key)
    provider.key_set_by, provider.key_set_at = person(actor), timezone.now() if key else None


def _become_default(provider: Provider) -> None:
    if not provider.is_enabled:
        raise IsDisabled(f"{provider.name} is off; switch it on before it becomes the default.")
    Provider.objects.filter(project=provider.project, is_default=True).update(is_default=False)
    provider.is_default = True
    provider.save(update_fields=["is_default"])


def _made_default(provider: Provider, actor: Actor) -> Provider:
    if not provider.is_default:
        _become_default(provider)
        _tell("provider.made_default", provider, actor)
    return provider


def _save(provider: Provider) -> None:
    try:
        with transaction.atomic():
            provider.save()
    except IntegrityError as error:
        if "provider_name_once" not in str(error):
            raise
        raise NameTaken(f"There is a connection named {provider.name} already.") from None


def _facts(provider: Provider) -> dict[str, Any]:
    """What the audit trail may know: all but the key."""
    return {name: getattr(provider, name) for name in _FACTS}


def _tell(action: str, provider: Provider, actor: Actor, **details: Any) -> None:
    record(action, actor=actor, project=provider.project, subject=provider, **details)
