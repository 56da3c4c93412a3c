"""Reading connections to providers, and opening one for a call."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import QuerySet

from accounts.models import Project
from gateway.client.connection import Connection
from gateway.models import Kind, Provider
from kit.crypto import unseal
from kit.errors import DomainError

KEY_PURPOSE = "provider"


class NoProvider(DomainError):
    """No connection can answer this call."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that one of the project's enabled connections offers."""

    provider: Provider
    model: str


def providers_of(project: Project) -> QuerySet[Provider]:
    """All connections of `project`, the default first, then by name."""
    return (
        Provider.objects.filter(project=project)
        .select_related("created_by", "changed_by", "key_set_by")
        .order_by("-is_default", "name", "pk")
    )


def list_offers(project: Project) -> list[Offer]:
    """Every model that can be called, connection by connection."""
    usable = providers_of(project).filter(is_enabled=True)
    return [Offer(provider, name) for provider in usable for name in provider.model_names]


def provider_for(project: Project, *, model: str = "", name: str = "") -> Provider:
    """The enabled connection for a call: the one named, else one that offers `model`, else the
    default one.

    Raises: NoProvider.
    """
    usable = list(providers_of(project).filter(is_enabled=True))
    if name:
        named = [provider for provider in usable if provider.name.lower() == name.lower()]
        if not named:
            raise NoProvider(f"No provider {name} is connected and enabled here.")
        return named[0]
    offering = [provider for provider in usable if model and model in provider.model_names]
    default = [provider for provider in usable if provider.is_default]
    found = offering or default or (usable if len(usable) == 1 else [])
    if found:
        return found[0]
    if not usable:
        raise NoProvider("No provider is connected: an admin adds one in Settings, Providers.")
    raise NoProvider(f"No connected provider offers {model or 'a model'}, and none is the default.")


def traced_as(provider: Provider) -> str:
    """What spans call it; prices hang on that. Its key stays shut."""
    return _without_key(provider).provider


def connection_to(provider: Provider) -> Connection:
    """`provider` with its key opened, for the client alone.

    Raises: kit.crypto.Unreadable where the key was sealed under another SECRET_KEY.
    """
    key = unseal(provider.key_sealed, purpose=KEY_PURPOSE) if provider.key_sealed else ""
    return replace(_without_key(provider), key=key)


def _without_key(provider: Provider) -> Connection:
    return Connection(
        kind=Kind(provider.kind),
        name=provider.name,
        base_url=provider.base_url,
        api_version=provider.api_version,
        traced_as=provider.traced_as,
    )
