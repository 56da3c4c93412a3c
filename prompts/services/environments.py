"""The rules of environments, the owners of folders, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from django.db import transaction

from accounts.access import role_in
from accounts.models import ApiKey, Project, Role, Scope, User
from accounts.queries import list_members
from accounts.services.trail import Actor, record
from prompts.models import ChangeRequest, Delegation, Environment, FolderOwner
from prompts.rules.names import fault_of_label
from prompts.services.errors import BadName, NothingToDo, NotYours
from prompts.services.locking import lock, pages_changed
from prompts.services.proposing import ask_reviewers, reread
from prompts.services.standing import refresh_status

MOST_ENVIRONMENTS = 100


@dataclass(frozen=True)
class Rules:
    """What an environment asks for; see `prompts.models.Environment`."""

    protection: str = Environment.Protection.AUTOMATIC
    approvals: int = 1
    wide_share: int = 10
    wide_approvals: int | None = None
    required_checks: Sequence[str] = ()
    check_max_age_hours: int = 168
    resolve_threads: bool = False
    seen_share: int = 95


def rules_of(environment: Environment) -> Rules:
    """What `environment` asks for."""
    return Rules(**{field.name: getattr(environment, field.name) for field in fields(Rules)})


@transaction.atomic
def set_environment(project: Project, name: str, rules: Rules, *, actor: Actor) -> Environment:
    """Let the environment called `name` have these rules; it is made where it does not exist.

    Open reviews are judged anew by them. Raises: BadName.
    """
    if fault := fault_of_label(name):
        raise BadName(fault)
    prompts = _alone(project)
    stored = Environment.objects.filter(project=project, name=name).first()
    if stored is None and Environment.objects.filter(project=project).count() > MOST_ENVIRONMENTS:
        raise BadName(f"A project has at most {MOST_ENVIRONMENTS} environments.")
    before = asdict(rules_of(stored)) if stored else {}
    stored = stored or Environment(project=project, name=name)
    checks = dict.fromkeys(check.strip()[:100] for check in rules.required_checks)
    after = asdict(rules) | {"required_checks": [check for check in checks if check]}
    for field, value in after.items():
        setattr(stored, field, value)
    stored.save()
    if before != after:
        record(
            "environment.rules_set",
            actor=actor,
            project=project,
            subject=stored,
            name=name,
            before={key: value for key, value in before.items() if value != after[key]},
            after={key: value for key, value in after.items() if value != before.get(key)},
        )
        _judge_anew(project, prompts, actor, label=name)
    return stored


@transaction.atomic
def delete_environment(environment: Environment, *, actor: Actor) -> None:
    """Forget an environment: its label is free. `production` goes back to its defaults."""
    project = environment.project
    prompts = _alone(project)
    record(
        "environment.deleted",
        actor=actor,
        project=project,
        subject=environment,
        name=environment.name,
        rules=asdict(rules_of(environment)),
    )
    environment.delete()
    _judge_anew(project, prompts, actor, label=environment.name)


@transaction.atomic
def set_folder_owners(
    project: Project, folder: str, users: Sequence[User], *, actor: Actor
) -> list[FolderOwner]:
    """Let exactly `users` own the folder ('' is every prompt); nobody: it has no owners.

    Raises: BadName (somebody is no member).
    """
    folder = folder.strip().strip("/")
    prompts = _alone(project)
    members = {member.user.pk for member in list_members(project)}
    if strangers := [user.display_name for user in users if user.pk not in members]:
        raise BadName(f"{', '.join(strangers)}: not a member of the project.", "owners")
    stored = FolderOwner.objects.filter(project=project, folder=folder)
    before = sorted(str(row.user) for row in stored.select_related("user"))
    wanted = {user.pk: user for user in users}
    stored.exclude(user_id__in=wanted).delete()
    FolderOwner.objects.bulk_create(
        [FolderOwner(project=project, folder=folder, user=user) for user in wanted.values()],
        ignore_conflicts=True,
    )
    after = sorted(str(user) for user in wanted.values())
    if before != after:
        record(
            "folder_owners.set",
            actor=actor,
            project=project,
            folder=folder,
            before=before,
            after=after,
        )
        _judge_anew(project, prompts, actor)
    return list(FolderOwner.objects.filter(project=project, folder=folder))


@transaction.atomic
def delegate(
    project: Project,
    user: User,
    to: User,
    *,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
    actor: Actor,
) -> Delegation:
    """While `user` is away, let an approval of `to` count where theirs is required.

    Raises: NotYours (neither that person nor an admin asks), BadName (no time between, the same
    person, or somebody who is no member).
    """
    _refuse_others(project, user, actor)
    members = {member.user.pk for member in list_members(project)}
    if user.pk not in members or to.pk not in members:
        raise BadName("Both people must be members of the project.", "delegate")
    if user.pk == to.pk:
        raise BadName("Nobody stands in for themselves.", "delegate")
    if ends_at <= starts_at:
        raise BadName("The time ends after it begins.", "ends_at")
    prompts = _alone(project)
    made = Delegation.objects.create(
        project=project,
        user=user,
        delegate=to,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason.replace("\0", "")[:200],
    )
    record(
        "delegation.created",
        actor=actor,
        project=project,
        subject=made,
        reason=reason,
        user=str(user),
        delegate=str(to),
        starts_at=starts_at,
        ends_at=ends_at,
    )
    _judge_anew(project, prompts, actor)
    return made


@transaction.atomic
def end_delegation(delegation: Delegation, *, actor: Actor) -> None:
    """The person is back. Raises: NotYours, NothingToDo."""
    _refuse_others(delegation.project, delegation.user, actor)
    prompts = _alone(delegation.project)
    found = Delegation.objects.select_for_update().filter(pk=delegation.pk).first()
    if found is None:
        raise NothingToDo("This delegation has ended already.")
    record(
        "delegation.ended",
        actor=actor,
        project=delegation.project,
        subject=found,
        user=str(delegation.user),
        delegate=str(delegation.delegate),
    )
    found.delete()
    _judge_anew(delegation.project, prompts, actor)


def _refuse_others(project: Project, user: User, actor: Actor) -> None:
    """Nobody makes somebody else's approval their own. Raises: NotYours."""
    if isinstance(actor, ApiKey):
        is_admin = Scope.ADMIN in actor.scopes
    else:
        role = role_in(actor, project) if actor is not None else Role.ADMIN
        is_admin = role is not None and role.rank >= Role.ADMIN.rank
    if not is_admin and actor != user:
        raise NotYours(f"{user.display_name}, or an admin, says who stands in.")


def _alone(project: Project) -> list[int]:
    """One change of a project's rules at a time; the prompts under review are locked with it.

    All of them at once and in order, before the audit chain: whoever holds a prompt may be waiting
    for the chain, so nobody may hold the chain and wait for a prompt.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    standing = ChangeRequest.objects.filter(project=project, status__in=ChangeRequest.STANDING)
    prompts = sorted(set(standing.values_list("prompt_id", flat=True)))
    for pk in prompts:
        lock(pk)
    return prompts


def _judge_anew(
    project: Project, prompts: list[int], actor: Actor, *, label: str | None = None
) -> None:
    """Give open reviews of the locked `prompts` the status that the rules of now give them.

    Whom the rules require now is asked, also while a rollout runs: it needs them to go further.
    """
    standing = ChangeRequest.objects.filter(
        prompt_id__in=prompts, status__in=ChangeRequest.STANDING
    )
    if label is not None:
        standing = standing.filter(label=label)
    for request in standing.order_by("pk"):
        fresh = reread(request)
        ask_reviewers(fresh, (), actor=actor)
        refresh_status(fresh)
    pages_changed(project.pk)
