"""Change requests as lists and pages show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from accounts.models import Project, User
from kit.requests import whole_number
from prompts.models import ChangeRequest, Check, Comment, Review, Rollout, Thread
from prompts.queries.deciding import authors_of, settings_of, verdicts_among
from prompts.queries.environments import environments_of, people_who_review, protected_of
from prompts.rules.blockers import approvals_for
from prompts.rules.facts import Person

PAGE = 50
WHOLE_TRAFFIC = 100.0


@dataclass(frozen=True)
class ReviewRow:
    """A change request in the list. `needed` None: its label is free."""

    request: ChangeRequest
    approvals: int
    needed: int | None
    checks: list[Check]
    share: int | None  # of the running rollout, in hundredths of a percent
    is_mine: bool
    waits_for_me: bool

    @property
    def gate(self) -> str:
        """The worst state of its checks, or ''."""
        states = {check.state for check in self.checks}
        for state in ("fail", "error", "inconclusive", "pending", "pass"):
            if state in states:
                return state
        return ""


@dataclass(frozen=True)
class ReviewPage:
    """A page of the list; `next_number` continues it."""

    rows: list[ReviewRow]
    next_number: int | None


def get_request(project: Project, number: int) -> ChangeRequest | None:
    """The change request of that number, with what every page of it needs."""
    found = ChangeRequest.objects.filter(project=project, number=number)
    request = found.select_related("prompt__owner", "version", "from_version", "author").first()
    if request is not None:
        request.project = project
        request.prompt.project = project
    return request


def list_requests(
    project: Project,
    *,
    user: User | None = None,
    which: str = "open",
    status: str = "",
    text: str = "",
    prompt: str = "",
    label: str = "",
    before: int | None = None,
    size: int = PAGE,
) -> ReviewPage:
    """Change requests, newest first. `which`: `asked` (waits for me), `mine`, `open` or `all`."""
    found = narrowed(project, user=user, which=which)
    if text:
        number = whole_number(text.removeprefix("#"))
        wanted = Q(title__icontains=text) | Q(prompt__name__icontains=text)
        if number is not None:
            wanted |= Q(number=number)
        found = found.filter(wanted)
    if status:
        found = found.filter(status=status)
    if prompt:
        found = found.filter(prompt__name=prompt)
    if label:
        found = found.filter(label=label)
    if before is not None:
        found = found.filter(number__lt=before)
    requests = list(_with_rows(found).order_by("-number")[: size + 1])
    more, requests = len(requests) > size, requests[:size]
    return ReviewPage(
        rows(project, requests, user), requests[-1].number if more and requests else None
    )


def narrowed(project: Project, *, user: User | None, which: str) -> QuerySet[ChangeRequest]:
    """The requests of one of the list's tabs."""
    found = ChangeRequest.objects.filter(project=project)
    if which == "all":
        return found
    if which == "mine" and user is not None:
        return found.filter(author=user)
    if which == "asked" and user is not None:
        return found.filter(pk__in=_waiting_for(user), status__in=ChangeRequest.STANDING).exclude(
            status=ChangeRequest.Status.DRAFT
        )
    return found.filter(status__in=ChangeRequest.STANDING)


def list_running(project: Project, *, most: int = 5) -> list[ReviewRow]:
    """Reviews whose version rolls out just now, or was halted; those that were halted first."""
    found = ChangeRequest.objects.filter(project=project, status__in=ChangeRequest.RUNNING)
    return rows(project, _with_rows(found).order_by("status", "-changed_at")[:most], None)


def count_waiting(project: Project, user: User) -> int:
    """How many open requests wait for the person's verdict: the badge in the navigation."""
    return narrowed(project, user=user, which="asked").count()


def _waiting_for(user: User) -> QuerySet[Any, int]:
    """Requests that asked the person, who has not judged their present version."""
    judged = Review.objects.filter(
        request=OuterRef("pk"), author=user, version=OuterRef("version"), dropped=""
    ).exclude(verdict=Review.Verdict.COMMENTED)
    asked = ChangeRequest.objects.filter(asked__user=user)
    return (
        asked.annotate(judged=Subquery(judged.values("pk")[:1]))
        .filter(judged=None)
        .values_list("pk", flat=True)
    )


def _with_rows(found: QuerySet[ChangeRequest]) -> QuerySet[ChangeRequest]:
    share = Rollout.objects.filter(request=OuterRef("pk"), status__in=Rollout.RUNNING)
    return found.select_related("prompt", "version", "from_version").annotate(
        share=Subquery(share.values("share")[:1])
    )


def rows(project: Project, requests: Iterable[ChangeRequest], user: User | None) -> list[ReviewRow]:
    """What the list says of each request, in a fixed number of statements."""
    requests = list(requests)
    checks: dict[int, list[Check]] = defaultdict(list)
    newest = Check.objects.filter(request__in=requests, version=F("request__version"))
    for check in newest.order_by("request", "name", "-pk").distinct("request", "name"):
        checks[check.request_id].append(check)
    approvals = _approvals(project, requests)
    pks = [request.pk for request in requests]
    waiting = set(_waiting_for(user).filter(pk__in=pks)) if user is not None and pks else set()
    return [
        ReviewRow(
            request=request,
            approvals=approvals[request.pk][0],
            needed=approvals[request.pk][1],
            checks=checks[request.pk],
            share=getattr(request, "share", None),
            is_mine=user is not None and request.author_id == user.pk,
            waits_for_me=request.pk in waiting and request.takes_verdicts,
        )
        for request in requests
    ]


def _approvals(
    project: Project, requests: Sequence[ChangeRequest]
) -> dict[int, tuple[int, int | None]]:
    """How many approvals of each request count, and how many all traffic needs, as its page says.

    None needed: its label is free.
    """
    if not requests:
        return {}
    environments = environments_of(project)
    protected = protected_of(environments)
    settings = {
        one.name: settings_of(one, is_protected=True)
        for one in environments
        if one.name in protected
    }
    people = {
        user.pk: Person(user.pk, user.display_name, can_review=True)
        for user in people_who_review(project)
    }
    authors = authors_of(requests)
    reviews: dict[int, list[Review]] = defaultdict(list)
    given = Review.objects.filter(request__in=requests).select_related("author")
    for review in given.defer("note").order_by("pk"):
        reviews[review.request_id].append(review)
    found = {}
    for request in requests:
        others = people.keys() - authors[request.pk]
        verdicts = verdicts_among(reviews[request.pk], request, people)
        counting = {verdict.person.pk for verdict in verdicts if verdict.counts} & others
        rules = settings.get(request.label)
        needed = approvals_for(rules, len(others), WHOLE_TRAFFIC) if rules else None
        found[request.pk] = (len(counting), needed)
    return found


def threads_of(request: ChangeRequest) -> list[Thread]:
    """Its discussions in the order in which they began, with their comments."""
    comments = Comment.objects.select_related("author", "applied_as").order_by("pk")
    return list(
        request.threads.select_related("version", "resolved_by")
        .prefetch_related(Prefetch("comments", queryset=comments))
        .order_by("pk")
    )


def reviews_of(request: ChangeRequest) -> list[Review]:
    """Every verdict and remark, oldest first."""
    return list(request.reviews.select_related("author", "version").order_by("pk"))


def mark_of(request: ChangeRequest) -> str:
    """Changes with whatever the page of the request shows: its verdicts, checks, words, rollout."""
    comments = Comment.objects.filter(thread__request=request)
    shares = request.rollouts.order_by("-pk").values_list("share", "status").first()
    said = comments.aggregate(number=Count("pk"))["number"]
    resolved = request.threads.filter(resolved_at__isnull=False).count()
    share, status = shares or (0, "none")
    parts = (request.revision, request.status, request.reviews.count(), said, resolved, share)
    return "-".join(str(part) for part in (*parts, status))
