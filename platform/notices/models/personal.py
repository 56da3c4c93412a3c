"""What a person is told, and how they want to be."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project, User
from notices.events import Wish


class MailState(models.TextChoices):
    """What became of the mail for a notice."""

    NONE = "none", "Not by mail"
    DUE = "due", "Mail waits"
    SENDING = "sending", "Mail is being sent"
    SENT = "sent", "Mailed"
    UNSURE = "unsure", "Perhaps mailed"
    FAILED = "failed", "Mail failed"


class PersonalNotice(models.Model):
    """A person is told of an event: in their list, and perhaps by mail.

    The mail is sent at most once. Before it is handed over the row says `sending`, committed; who
    dies after that leaves it so, and nobody tries again, because it may have gone out.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    event = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    link = models.CharField(max_length=500, blank=True)  # a path of ours
    because = models.CharField(max_length=300)
    actor_label = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    mail_state = models.CharField(max_length=10, choices=MailState, default=MailState.NONE)
    mail_due_at = models.DateTimeField(null=True)
    mail_tries = models.IntegerField(default=0)
    mail_at = models.DateTimeField(null=True)  # of the last try
    mail_error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_newest"),
            models.Index(fields=["user"], name="notice_unread", condition=models.Q(read_at=None)),
            models.Index(
                fields=["mail_due_at"],
                name="notice_mail_due",
                condition=models.Q(mail_state__in=["due", "sending"]),
            ),
            models.Index(fields=["created_at"], name="notice_age"),
        ]

    def __str__(self) -> str:
        return self.title


class NoticeWish(models.Model):
    """How a person wants the notices of one event; without a row, the event's default."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    event = models.CharField(max_length=100)
    wish = models.CharField(max_length=10, choices=Wish)

    class Meta:
        verbose_name_plural = "notice wishes"
        constraints = [models.UniqueConstraint(fields=["user", "event"], name="notice_wish_once")]

    def __str__(self) -> str:
        return f"{self.event}: {self.wish}"


class MutedProject(models.Model):
    """A person wants no notice of a project at all."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "project"], name="notice_mute_once")]

    def __str__(self) -> str:
        return f"{self.user_id} mutes {self.project_id}"
