"""What must be true before a label of an environment may move, and who stands in for whom."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Project, User

PRODUCTION = "production"


class Environment(models.Model):
    """An environment of a project and the rules of the label that bears its name.

    A project that has no row for `production` has one with these defaults in mind.
    """

    class Protection(models.TextChoices):
        """Whether the label moves only by a change request."""

        # Where one person alone could approve, nobody may approve that person's changes.
        AUTOMATIC = "automatic", "As soon as two people can review"
        ON = "on", "Protected"
        OFF = "off", "Free"

    project = models.ForeignKey(Project, models.CASCADE, related_name="environments")
    name = models.CharField(max_length=100)
    protection = models.CharField(max_length=9, choices=Protection, default=Protection.AUTOMATIC)
    approvals = models.SmallIntegerField(default=1)
    # Above this share of traffic, in percent, `wide_approvals` are needed. None: two, or as many
    # as there are people who can review where fewer can.
    wide_share = models.SmallIntegerField(default=10)
    wide_approvals = models.SmallIntegerField(null=True, blank=True)
    required_checks = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    check_max_age_hours = models.IntegerField(default=168)
    resolve_threads = models.BooleanField(default=False)
    # A stage above `wide_share` waits while less than this share of the arm's reads, in percent,
    # appears in traces: what is not seen cannot be guarded.
    seen_share = models.SmallIntegerField(default=95)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="environment_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class FolderOwner(models.Model):
    """A person whose approval every change of prompts in a folder needs, or that of another owner.

    The owners of the deepest folder that has any decide, as with code owners.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="folder_owners")
    folder = models.CharField(max_length=255, blank=True)  # '' is every prompt
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "folder", "user"], name="folder_owner_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.folder or 'all'}"


class Delegation(models.Model):
    """While `user` is away, an approval of `delegate` counts as theirs where theirs is required."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="delegations")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    delegate = models.ForeignKey(User, models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="delegation_has_time"
            ),
            models.CheckConstraint(
                condition=~models.Q(user=models.F("delegate")), name="delegation_to_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delegate} for {self.user}"
