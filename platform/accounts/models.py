"""People, organizations, projects, who may do what, and the keys of programs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

SLUG = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", "Use lower-case letters, digits and hyphens.")


class Role(models.TextChoices):
    """What a person may do, least first; each role may also do what those before it may."""

    VIEWER = "viewer", "Viewer"
    ENGINEER = "engineer", "Engineer"
    REVIEWER = "reviewer", "Reviewer"
    ADMIN = "admin", "Admin"
    OWNER = "owner", "Owner"

    @property
    def rank(self) -> int:
        """Place in the order; higher may do more."""
        return list(Role).index(self)


class Scope(models.TextChoices):
    """What a program's key may do. A new key has all but admin."""

    INGEST = "ingest", "Send traces, scores, outcomes, media"
    READ = "read", "Read traces and figures"
    PROMPTS = "prompts", "Read and propose prompts"
    EVALS = "evals", "Datasets, runs, checks"
    GATEWAY = "gateway", "Call models through the gateway"
    ADMIN = "admin", "Manage the project"


def default_scopes() -> list[str]:
    """Scopes of a new key."""
    return [scope.value for scope in Scope if scope is not Scope.ADMIN]


class UserManager(BaseUserManager["User"]):
    """Makes users; e-mail addresses are compared without regard to case."""

    def get_by_natural_key(self, username: str | None) -> User:
        """The user of an e-mail address."""
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A saved user; without a password, one who must reset it first."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person, known by e-mail address."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    theme = models.CharField(max_length=5, blank=True)  # '' follows the system; light, dark
    shortcuts_on = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.email

    @property
    def display_name(self) -> str:
        """The name, else what stands before the @."""
        return self.name or self.email.split("@")[0]


class Organization(models.Model):
    """Who owns projects; the audit chain is an organization's."""

    name = models.CharField(max_length=120)
    slug = models.CharField(max_length=63, unique=True, validators=[SLUG])
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Project(models.Model):
    """Holds traces and all that is derived from them. The slug is unique in the installation."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="projects")
    name = models.CharField(max_length=120)
    slug = models.CharField(max_length=63, unique=True, validators=[SLUG])
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    first_trace_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.slug


class Membership(models.Model):
    """A person's role in an organization, or in one project of it where `project` is set.

    The row of the project wins over that of the organization.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization", "project"],
                name="membership_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"


class Invitation(models.Model):
    """A link that lets its bearer join; only its hash is stored."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="invitations")
    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=Role)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"


class ApiKey(models.Model):
    """A program's pair of keys to one project. Of the secret only a hash is stored.

    The secret holds 256 random bits, so a plain SHA-256 cannot be searched backwards.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="keys")
    name = models.CharField(max_length=80)
    public_key = models.CharField(max_length=80, unique=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    secret_hint = models.CharField(max_length=20)  # first characters, to tell keys apart
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), default=default_scopes)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    rotated_from = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.name} ({self.public_key})"


class RateWindow(models.Model):
    """Counts of one thing in one window of time, shared by all processes."""

    subject = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "starts_at"], name="rate_window_once")
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.count}"
