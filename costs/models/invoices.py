"""What providers say that was spent: their exports, kept by day, model and class of tokens."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project, User


class Invoice(models.Model):
    """An export of a provider. `first_day` and `last_day` are UTC days, both in it.

    `sha256` is that of the file: the same file again changes nothing. `only` is the provider's
    project, workspace or key whose rows were taken; '' is all.
    """

    class Provider(models.TextChoices):
        """Whose export it is."""

        OPENAI = "openai", "OpenAI"
        ANTHROPIC = "anthropic", "Anthropic"

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    provider = models.CharField(max_length=9, choices=Provider)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    only = models.CharField(max_length=200, blank=True)
    has_tokens = models.BooleanField()
    has_money = models.BooleanField()
    first_day = models.DateField()
    last_day = models.DateField()
    rows = models.IntegerField()
    left_out = models.IntegerField(default=0)  # rows of others than `only`
    totals = models.IntegerField(default=0)  # rows that sum others up
    undated = models.IntegerField(default=0)  # rows without a day: they stand on the last
    unknown = models.IntegerField(default=0)  # lines of which nothing is known but their text
    is_shifted = models.BooleanField(default=False)  # days do not begin at midnight UTC
    replaced = models.JSONField(default=list)  # [{"name", "first", "last", "whole"}]
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "sha256", "only"], name="invoice_once"),
        ]
        indexes = [
            models.Index(fields=["project", "provider", "last_day"], name="invoice_days"),
        ]

    def __str__(self) -> str:
        return self.name


class InvoiceLine(models.Model):
    """Sums of one day, model, class of tokens and way of service. None: the file does not say.

    Money in nano-dollars. `kind`: tokens, tax, credit, tool or unknown; `model` is '' where the
    line is none's; `name` is what the file calls it.
    """

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    day = models.DateField()
    kind = models.CharField(max_length=7)
    model = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    token_class = models.CharField(max_length=11, blank=True)
    service = models.CharField(max_length=8, blank=True)
    tokens = models.BigIntegerField(null=True)
    requests = models.BigIntegerField(null=True)
    cost = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["invoice", "day"], name="invoice_line_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
