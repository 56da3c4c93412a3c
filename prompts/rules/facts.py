"""What the rules look at: gathered under lock before a decision, or without it for a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Person:
    """Somebody whose say may count."""

    pk: int
    name: str
    can_review: bool
    is_owner: bool = False  # of the prompt, or owner of the project


@dataclass(frozen=True)
class Verdict:
    """A person's latest word that is no mere comment; `on_version`: of the present version."""

    person: Person
    approved: bool
    on_version: bool
    dropped: str = ""

    @property
    def counts(self) -> bool:
        """True for an approval of the present version by somebody who may still review."""
        return self.approved and self.on_version and not self.dropped and self.person.can_review


@dataclass(frozen=True)
class CheckFact:
    """The newest report of one required check on the present version; `state` '' for none.

    One that was given before the check asked what it asks now is outdated: as if it were none.
    """

    name: str
    state: str
    at: datetime | None = None
    is_old: bool = False
    is_outdated: bool = False


@dataclass(frozen=True)
class RequiredOwners:
    """One of these people must approve, because of the folder; or who stands in for them."""

    folder: str
    people: tuple[Person, ...]
    deputies: tuple[Person, ...] = ()

    @property
    def names(self) -> str:
        """Who, for a sentence."""
        people = ", ".join(person.name for person in self.people)
        deputies = ", ".join(person.name for person in self.deputies)
        return f"{people} (or {deputies}, who stands in)" if deputies else people


@dataclass(frozen=True)
class Settings:
    """The rules of the label's environment. `wide_approvals` None: two, or all who can."""

    is_protected: bool
    approvals: int = 1
    wide_share: int = 10
    wide_approvals: int | None = None
    resolve_threads: bool = False
    check_max_age_hours: int = 168


@dataclass(frozen=True)
class Facts:
    """Everything that decides whether a change request may move its label."""

    label: str
    status: str
    version: int
    base: int | None
    serving: int | None  # where the label points now
    settings: Settings
    author_pks: frozenset[int]  # of the request and of its version
    reviewers: int  # people who can review, without the authors
    verdicts: tuple[Verdict, ...] = ()
    checks: tuple[CheckFact, ...] = ()
    owners: RequiredOwners | None = None
    open_threads: int = 0
    is_overridden: bool = False
    is_archived: bool = False  # the version, or the prompt
    other_rollout: str = ""  # what else moves the label just now

    @property
    def approvals(self) -> list[Verdict]:
        """The approvals that count."""
        return [v for v in self.verdicts if v.counts and v.person.pk not in self.author_pks]
