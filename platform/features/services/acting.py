"""What every service here needs: the feature's lock, and how an actor is called."""

from __future__ import annotations

from accounts.models import ApiKey, User
from accounts.services.trail import Actor
from features.models import Feature


def lock(feature_id: int) -> Feature:
    """The feature, alone for the rest of the transaction. Raises: Feature.DoesNotExist."""
    return (
        Feature.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project__organization", "owner", "deputy")
        .get(pk=feature_id)
    )


def label_of(actor: Actor) -> str:
    """How the actor is called in history: a person's name, a key's, or the product."""
    if isinstance(actor, User):
        return actor.display_name
    if isinstance(actor, ApiKey):
        return f"key {actor.name}"
    return "Roadworthy"
