"""Connections to providers of models."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import Project, User

LONGEST_NAME = 80
LONGEST_MODEL = 200
LONGEST_SAID = 1000


class Kind(models.TextChoices):
    """Which protocol a provider speaks."""

    OPENAI = "openai", "OpenAI-compatible"
    ANTHROPIC = "anthropic", "Anthropic"
    AZURE = "azure", "Azure OpenAI"
    SIMULATED = "simulated", "Simulated"


class Provider(models.Model):
    """One connection of a project: where calls go, with which key, and which models it offers.

    `model_names` are names for calls, of Azure those of deployments; with `asks_models` they are
    what the provider said last, at `models_asked_at`. An empty `base_url` is the provider's own
    address; an empty `api_version` is Azure's API v1. `traced_as` is what spans call the provider;
    empty: told from the address. The key is sealed (`kit.crypto`, purpose `provider`) and never
    shown again.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="providers")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=LONGEST_NAME)
    base_url = models.CharField(max_length=500, blank=True)
    api_version = models.CharField(max_length=40, blank=True)
    traced_as = models.CharField(max_length=100, blank=True)
    model_names = ArrayField(models.CharField(max_length=LONGEST_MODEL), default=list)
    asks_models = models.BooleanField(default=False)
    models_asked_at = models.DateTimeField(null=True)
    is_default = models.BooleanField(default=False)
    is_enabled = models.BooleanField(default=True)

    key_sealed = models.TextField(blank=True)
    key_hint = models.CharField(max_length=12, blank=True)
    key_set_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    key_set_at = models.DateTimeField(null=True)

    tested_at = models.DateTimeField(null=True)
    test_passed = models.BooleanField(null=True)  # None: not tested as it is now
    test_said = models.CharField(max_length=LONGEST_SAID, blank=True)

    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("project", Lower("name"), name="provider_name_once"),
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(is_default=True),
                name="provider_default_once",
            ),
            models.CheckConstraint(
                condition=models.Q(is_default=False) | models.Q(is_enabled=True),
                name="provider_default_is_enabled",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_simulated(self) -> bool:
        """True where no model answers; said wherever it shows."""
        return self.kind == Kind.SIMULATED
