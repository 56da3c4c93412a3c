"""Change requests ("reviews" on the pages): the proposal, its reviews, comments and checks."""

from __future__ import annotations

from django.db import models

from accounts.models import Project, User
from prompts.models.registry import Prompt, PromptVersion


class ChangeRequest(models.Model):
    """A proposal to move a label of a prompt from one version to another."""

    class Status(models.TextChoices):
        """Where it stands; the first four are open, the last three ended."""

        DRAFT = "draft", "Draft"
        OPEN = "open", "Open"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        APPROVED = "approved", "Approved"
        ROLLING_OUT = "rolling_out", "Rolling out"
        HALTED = "halted", "Halted"
        COMPLETE = "complete", "Complete"
        ROLLED_BACK = "rolled_back", "Rolled back"
        CLOSED = "closed", "Closed"

    # Those that may still move the label.
    PENDING = (Status.DRAFT, Status.OPEN, Status.CHANGES_REQUESTED, Status.APPROVED)
    RUNNING = (Status.ROLLING_OUT, Status.HALTED)
    STANDING = (*PENDING, *RUNNING)  # not ended
    ENDED = (Status.COMPLETE, Status.ROLLED_BACK, Status.CLOSED)

    project = models.ForeignKey(Project, models.CASCADE, related_name="change_requests")
    number = models.IntegerField()  # in the project, without gaps
    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="requests")
    label = models.CharField(max_length=100)
    from_version = models.ForeignKey(  # None: the label does not stand yet
        PromptVersion, models.PROTECT, null=True, related_name="requests_from"
    )
    version = models.ForeignKey(PromptVersion, models.PROTECT, related_name="requests")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=17, choices=Status, default=Status.OPEN)
    # Grows with whatever a reviewer judges by: version, base, verdicts, checks.
    revision = models.IntegerField(default=1)
    author = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+"
    )  # or a key's maker
    author_label = models.CharField(max_length=320)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    # After a rollback: why. Asked for until somebody says it.
    rollback_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="change_request_once")
        ]
        indexes = [
            models.Index(fields=["project", "status", "-changed_at"], name="change_request_list")
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"

    @property
    def is_pending(self) -> bool:
        """True while it may be reviewed and the label has not begun to move."""
        return self.status in self.PENDING

    @property
    def is_running(self) -> bool:
        """True while two versions serve, or a halt waits for a person."""
        return self.status in self.RUNNING

    @property
    def takes_verdicts(self) -> bool:
        """True while a verdict decides about a move: also of a rollout that is to go further."""
        return self.is_running or (self.is_pending and self.status != self.Status.DRAFT)


class RequestNumber(models.Model):
    """The last number of a project's change requests; its row is the lock of the next."""

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="+")
    last = models.IntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)


class Review(models.Model):
    """A person's verdict on the version that a change request proposed then."""

    class Verdict(models.TextChoices):
        """What the person says."""

        APPROVED = "approved", "Approved"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        COMMENTED = "commented", "Commented"

    request = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="reviews")
    version = models.ForeignKey(PromptVersion, models.PROTECT, related_name="+")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=17, choices=Verdict)
    note = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    # Why it no longer counts: '' it counts; a new version, a new base, or dismissed by a person.
    dropped = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.author} {self.verdict} {self.version}"


class AskedReviewer(models.Model):
    """A person who was asked to review, or whose folder makes them a required reviewer."""

    request = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="asked")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    is_required = models.BooleanField(default=False)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "user"], name="asked_reviewer_once")
        ]

    def __str__(self) -> str:
        return str(self.user)


class Thread(models.Model):
    """A discussion, of the whole request or of one line of a version."""

    class Side(models.TextChoices):
        """Which of the two versions the line stands in."""

        OLD = "old", "old"
        NEW = "new", "new"

    request = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="threads")
    version = models.ForeignKey(PromptVersion, models.PROTECT, null=True, related_name="+")
    side = models.CharField(max_length=3, choices=Side, blank=True)
    part = models.CharField(max_length=300, blank=True)  # a card's key; '': the whole request
    line = models.IntegerField(null=True)  # from 1
    line_text = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.part}:{self.line}" if self.part else "conversation"


class Comment(models.Model):
    """One remark in a thread; with a `suggestion`, text for the thread's line instead of it."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    author_label = models.CharField(max_length=320)
    body = models.TextField(blank=True)
    suggestion = models.TextField(null=True)  # None: none; '': take the line away
    applied_as = models.ForeignKey(
        PromptVersion, models.SET_NULL, null=True, related_name="suggested_by"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.body[:80]


class Check(models.Model):
    """What a source says of a version in a request, like a commit status; the newest counts."""

    class State(models.TextChoices):
        """Only `pass` is green."""

        PASS = "pass", "Passed"
        FAIL = "fail", "Failed"
        INCONCLUSIVE = "inconclusive", "Inconclusive"
        PENDING = "pending", "Pending"
        ERROR = "error", "Error"

    request = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="checks")
    version = models.ForeignKey(PromptVersion, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=12, choices=State)
    summary = models.CharField(max_length=500, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    # [{"name", "old", "new", "change", "bar", "result"}]: rows of the gate's table, as texts.
    rows = models.JSONField(default=list)
    reported_by = models.CharField(max_length=320)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["request", "name", "-at"], name="check_newest")]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"


class Override(models.Model):
    """The owner lets a version pass although a required check is not green, and says why."""

    request = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="overrides")
    version = models.ForeignKey(PromptVersion, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "version"], name="override_once")]

    def __str__(self) -> str:
        return self.reason[:80]


class Viewed(models.Model):
    """A person has looked at one card of a version's diff."""

    request = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="viewed")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    version = models.ForeignKey(PromptVersion, models.CASCADE, related_name="+")
    part = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "user", "version", "part"], name="viewed_once"
            )
        ]

    def __str__(self) -> str:
        return self.part
