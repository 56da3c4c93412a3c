"""The facts that the rules of a change request are asked about, read from the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import Project, Role, User
from accounts.queries import list_members
from prompts.models import (
    ChangeRequest,
    Check,
    Delegation,
    Environment,
    FolderOwner,
    PromptVersion,
    Review,
    Rollout,
)
from prompts.queries.environments import environment_of, is_protected
from prompts.queries.required import required_of
from prompts.rules.facts import CheckFact, Facts, Person, RequiredOwners, Settings, Verdict


def facts_of(request: ChangeRequest) -> Facts:
    """What stands now. Read under the prompt's lock where a decision follows."""
    project, prompt = request.project, request.prompt
    environment = environment_of(project, request.label)
    people = people_of(project, request)
    authors = author_pks(request)
    label = prompt.labels.select_related("version").filter(name=request.label).first()
    version = request.version
    return Facts(
        label=request.label,
        status=request.status,
        version=version.number,
        base=request.from_version.number if request.from_version else None,
        serving=label.version.number if label else None,
        settings=settings_of(environment, is_protected=is_protected(environment)),
        author_pks=authors,
        reviewers=sum(p.can_review and p.pk not in authors for p in people.values()),
        verdicts=tuple(latest_verdicts(request, people)),
        checks=tuple(_checks(request, environment)),
        owners=required_owners(request, people),
        open_threads=request.threads.filter(resolved_at=None, part__gt="").count(),
        is_overridden=request.overrides.filter(version=version).exists(),
        is_archived=version.archived_at is not None,
        other_rollout=_other_rollout(request),
    )


def people_of(project: Project, request: ChangeRequest) -> dict[int, Person]:
    """Every member with what their role lets them do in this request."""
    found = {}
    for member in list_members(project):
        user = member.user
        is_owner = member.role is Role.OWNER or request.prompt.owner_id == user.pk
        can = user.is_active and member.role.rank >= Role.REVIEWER.rank
        found[user.pk] = Person(user.pk, user.display_name, can, is_owner and user.is_active)
    return found


def author_pks(request: ChangeRequest) -> frozenset[int]:
    """Who wrote the request, and every version between its base and what it proposes.

    Whoever wrote a part of the change is an author of it, whoever asks for the move.
    """
    return authors_of([request])[request.pk]


def authors_of(requests: Sequence[ChangeRequest]) -> dict[int, frozenset[int]]:
    """The same for each of many, by their keys, in one statement."""
    between = Q(pk=None)
    for request in requests:
        between |= Q(
            prompt_id=request.prompt_id,
            number__gt=_base_number(request),
            number__lte=request.version.number,
        )
    wrote = PromptVersion.objects.only("number", "parent_id", "author_id").filter(between)
    by_pk = {version.pk: version for version in wrote}
    found = {}
    for request in requests:
        lineage = _lineage(request.version, by_pk, since=_base_number(request))
        authors = {version.author_id for version in lineage} | {request.author_id}
        found[request.pk] = frozenset(pk for pk in authors if pk is not None)
    return found


def _base_number(request: ChangeRequest) -> int:
    return request.from_version.number if request.from_version else 0


def _lineage(
    version: PromptVersion, among: dict[int, PromptVersion], *, since: int
) -> list[PromptVersion]:
    """`version` and those of its ancestors, `among` the given, that came after number `since`."""
    found: list[PromptVersion] = []
    at: PromptVersion | None = version
    while at is not None:
        found.append(at)
        parent = among.get(at.parent_id or 0)
        at = parent if parent is not None and parent.number > since else None
    return found


def latest_verdicts(request: ChangeRequest, people: dict[int, Person]) -> list[Verdict]:
    """Each person's latest verdict that is no mere comment, in the order they were given."""
    return verdicts_among(request.reviews.select_related("author").order_by("pk"), request, people)


def verdicts_among(
    reviews: Iterable[Review], request: ChangeRequest, people: Mapping[int, Person]
) -> list[Verdict]:
    """The same of reviews that were read already, oldest first."""
    latest: dict[int, Review] = {}
    for review in reviews:
        if review.verdict == Review.Verdict.COMMENTED:
            continue
        latest.pop(review.author_id, None)
        latest[review.author_id] = review
    return [
        Verdict(
            person=people.get(review.author_id)
            or Person(review.author_id, review.author.display_name, can_review=False),
            approved=review.verdict == Review.Verdict.APPROVED,
            on_version=review.version_id == request.version_id,
            dropped=review.dropped,
        )
        for review in latest.values()
    ]


def required_owners(request: ChangeRequest, people: dict[int, Person]) -> RequiredOwners | None:
    """The owners of the deepest folder of the prompt that has any, without the change's authors.

    Where everybody who owns the folder wrote the change, nobody is required: the number of
    approvals still is.
    """
    name = request.prompt.name
    rows = FolderOwner.objects.filter(project_id=request.project_id).order_by("pk")
    by_folder: dict[str, list[int]] = {}
    for row in rows:
        by_folder.setdefault(row.folder, []).append(row.user_id)
    holding = [f for f in by_folder if not f or name == f or name.startswith(f"{f}/")]
    if not holding:
        return None
    folder = max(holding, key=len)
    authors = author_pks(request)
    owners = [pk for pk in by_folder[folder] if pk not in authors]
    who = tuple(people[pk] for pk in owners if pk in people and people[pk].can_review)
    deputies = [
        people[pk]
        for pk in standing_in(request.project_id, owners)
        if pk in people and people[pk].can_review and pk not in authors
    ]
    if not who and not deputies:
        return None
    return RequiredOwners(folder, who, tuple(d for d in deputies if d not in who))


def standing_in(project_id: int, users: list[int]) -> list[int]:
    """Who stands in for any of `users` at this moment."""
    now = timezone.now()
    return list(
        Delegation.objects.filter(
            project_id=project_id, user_id__in=users, starts_at__lte=now, ends_at__gt=now
        )
        .order_by("pk")
        .values_list("delegate_id", flat=True)
    )


def newest_checks(request: ChangeRequest) -> list[Check]:
    """The newest report of each source on the version that is proposed now, by name."""
    rows = Check.objects.filter(request=request, version_id=request.version_id)
    return list(rows.order_by("name", "-pk").distinct("name"))


def _checks(request: ChangeRequest, environment: Environment | None) -> list[CheckFact]:
    if environment is None:
        return []
    since = required_of(request)
    names = list(dict.fromkeys([*environment.required_checks, *since]))
    if not names:
        return []
    newest = {check.name: check for check in newest_checks(request)}
    oldest = timezone.now() - timedelta(hours=environment.check_max_age_hours)
    found = []
    for name in names:
        check = newest.get(name)
        if check is None:
            found.append(CheckFact(name, ""))
        elif name in since and check.at < since[name]:
            found.append(CheckFact(name, "", check.at, is_outdated=True))
        else:
            found.append(CheckFact(name, check.state, check.at, check.at < oldest))
    return found


def settings_of(environment: Environment | None, *, is_protected: bool) -> Settings:
    """The rules of an environment as decisions take them; None: the label is free."""
    if environment is None:
        return Settings(is_protected=False)
    return Settings(
        is_protected=is_protected,
        approvals=environment.approvals,
        wide_share=environment.wide_share,
        wide_approvals=environment.wide_approvals,
        resolve_threads=environment.resolve_threads,
        check_max_age_hours=environment.check_max_age_hours,
    )


def _other_rollout(request: ChangeRequest) -> str:
    running = (
        Rollout.objects.filter(prompt_id=request.prompt_id, label=request.label)
        .filter(status__in=Rollout.RUNNING)
        .filter(~Q(request=request) | Q(request=None))
        .select_related("request", "candidate")
        .first()
    )
    if running is None:
        return ""
    of = f"of review #{running.request.number}" if running.request else f"to {running.candidate}"
    return f"A rollout {of} moves {request.label} already."


def can_review(project: Project, user: User) -> bool:
    """True when the person may give a verdict in the project."""
    return any(
        member.user.pk == user.pk and user.is_active and member.role.rank >= Role.REVIEWER.rank
        for member in list_members(project)
    )
