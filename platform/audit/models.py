"""Audit entries: one row for each write that matters, chained by hashes, never changed."""

from __future__ import annotations

from django.db import models


class AuditEntry(models.Model):
    """One fact in the past tense. Rows are only added; triggers refuse anything else.

    Whoever acted and what was acted on are kept as text beside their ids, without a foreign key:
    the entry must outlive both. `hash` covers the canonical JSON of all other columns and the
    hash before it, so that a changed or missing entry breaks the chain of its organization.
    """

    organization = models.ForeignKey(
        "accounts.Organization", models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    action = models.CharField(max_length=100)
    actor_kind = models.CharField(max_length=20)  # person, key, system
    actor_id = models.CharField(max_length=100, blank=True)
    actor_label = models.CharField(max_length=320, blank=True)
    project_id = models.BigIntegerField(null=True)
    subject_type = models.CharField(max_length=100, blank=True)
    subject_id = models.CharField(max_length=200, blank=True)
    subject_label = models.CharField(max_length=320, blank=True)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    ip = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "audit entries"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "sequence"],
                name="audit_sequence",
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["organization", "-at"], name="audit_newest")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"


class ChainHead(models.Model):
    """Last entry of an organization's chain; its row lock makes the chain's writers queue."""

    organization = models.OneToOneField(
        "accounts.Organization", models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], name="audit_one_head", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"head at {self.sequence}"
