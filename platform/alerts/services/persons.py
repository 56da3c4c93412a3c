"""Who answers for an incident, and telling them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import Project, Role, User
from accounts.queries import list_members
from accounts.services.trail import Actor
from alerts.models import HeldNotice, Incident, Severity
from alerts.oncall import ON_CALL, Chain, Skipped, chain_at
from alerts.queries.on_call import members_of, plans_of
from alerts.queries.quiet import sleeping
from alerts.values import moment
from features.models import Feature
from features.services.acting import label_of
from notices.services import tell

SLEPT_THROUGH = {"incident.opened", "incident.worsened", "incident.reopened", "incident.assigned"}


@dataclass(frozen=True)
class Answering:
    """Whom to ask about a feature, in order, and in words why others are not."""

    persons: list[User]
    said: str

    @property
    def first(self) -> User | None:
        """Whose an incident is; None where nobody answers for it."""
        return next(iter(self.persons), None)


def who_answers(project: Project, feature: Feature | None, now: datetime) -> Answering:
    """Owner, whoever is on call, deputy; who is away, deactivated or gone is passed over."""
    members = members_of(project)
    if feature is None:
        return Answering([], "")
    plan = plans_of(project, [feature], now, members)[feature.pk]
    chain = chain_at(plan, now)
    named = {one.pk: one for one in _named(chain, members)}
    said = [_passed_over(one, named) for one in chain.skipped]
    if chain.asked and (first := chain.asked[0]).role == ON_CALL:
        said.append(f"{named[first.person].display_name} is on call.")
    return Answering([members[one.person] for one in chain.asked], " ".join(said))


def _named(chain: Chain, members: dict[int, User]) -> list[User]:
    """Everybody whom the chain names, those who left among them."""
    wanted = {one.person for one in chain.asked} | {one.person for one in chain.skipped}
    gone = User.objects.filter(pk__in=wanted - set(members)) if wanted - set(members) else ()
    return [*(members[pk] for pk in wanted & set(members)), *gone]


def _passed_over(skipped: Skipped, named: dict[int, User]) -> str:
    person = named.get(skipped.person)
    name = person.display_name if person is not None else "Somebody"
    if skipped.until is not None:
        return f"{name} ({skipped.role}) is away until {moment(skipped.until)}."
    is_gone = person is None or person.is_active
    why = "has left the project" if is_gone else "is deactivated"
    return f"{name} ({skipped.role}) {why}."


def admins_of(project: Project) -> list[User]:
    """Admins and owners of the project, the last whom an incident can reach."""
    return [
        row.user
        for row in list_members(project)
        if row.role.rank >= Role.ADMIN.rank and row.user.is_active
    ]


def tell_persons(
    incident: Incident,
    event: str,
    title: str,
    persons: Iterable[User | None],
    *,
    actor: Actor,
    now: datetime | None = None,
) -> None:
    """Tell these persons, and the project's webhooks, of what happened to the incident.

    What is held back is told by `release`; of a ticket, persons hear after their quiet hours.
    """
    if incident.held_until is not None and event != "incident.resolved":
        return
    now = now or timezone.now()
    named = [one for one in persons if one is not None]
    if incident.severity != Severity.PAGE and event in SLEPT_THROUGH:
        later = sleeping(named, now)
        HeldNotice.objects.bulk_create(
            HeldNotice(
                incident=incident, person_id=pk, event=event, title=title[:600], due_at=until
            )
            for pk, until in later.items()
        )
        named = [one for one in named if one.pk not in later]
    _tell(incident, event, title, named, actor=actor)


def tell_again(incident: Incident, event: str, title: str, person: User) -> None:
    """Tell the person alone what waited for the end of their quiet hours."""
    _tell(incident, event, title, [person], actor=None, to_webhooks=False)


def _tell(
    incident: Incident,
    event: str,
    title: str,
    persons: list[User],
    *,
    actor: Actor,
    to_webhooks: bool = True,
) -> None:
    tell(
        incident.project,
        event,
        data={
            "incident": incident.pk,
            "cause": incident.cause,
            "feature": incident.feature,
            "severity": incident.severity,
            "state": incident.state,
            "origin": incident.origin,
            "sentence": incident.sentence,
            "by": label_of(actor),
            "url": incident.page_path,
        },
        title=title,
        link=incident.page_path,
        persons=dict.fromkeys(persons, ""),
        actor=actor,
        to_webhooks=to_webhooks,
    )
