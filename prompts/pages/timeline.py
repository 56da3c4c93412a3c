"""What happened in a change request, one line an event, oldest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from audit.models import AuditEntry
from prompts.models import ChangeRequest, Check, LabelMove, Override, Review, Rollout, RolloutEvent

# What the audit chain says of requests that no table of their own keeps.
_SAID = {
    "change_request.proposed": ("review", "asked for it"),
    "change_request.opened": ("review", "opened it for review"),
    "change_request.version_changed": ("prompt", "proposed v{after} instead of v{before}"),
    "change_request.base_changed": ("prompt", "compared it with v{after}, which serves now"),
    "change_request.verdict_dismissed": ("x", "dismissed the verdict of {of}"),
    "change_request.closed": ("x", "closed it"),
    "change_request.reopened": ("review", "took it up again"),
}
_VERDICTS = {
    Review.Verdict.APPROVED: ("check", "ok", "approved {version}"),
    Review.Verdict.CHANGES_REQUESTED: ("err", "bad", "requested changes of {version}"),
    Review.Verdict.COMMENTED: ("chat", "", "said something"),
}
_CHECKS = {"pass": ("check", "ok"), "fail": ("err", "bad"), "error": ("err", "bad")}
_ROLLOUT = {
    RolloutEvent.Kind.STARTED: ("play", "", "began the rollout at {share}"),
    RolloutEvent.Kind.SHARE: ("play", "", "set the share to {share}"),
    RolloutEvent.Kind.HALTED: ("alert", "bad", "halted the rollout"),
    RolloutEvent.Kind.RESUMED: ("play", "", "let the rollout go on at {share}"),
    RolloutEvent.Kind.COMPLETE: ("check", "ok", "completed the rollout"),
    RolloutEvent.Kind.ROLLED_BACK: ("undo", "bad", "rolled back"),
    RolloutEvent.Kind.UNDONE: ("undo", "", "took the rollback back"),
    RolloutEvent.Kind.VERDICT: ("scale", "", "gave the test's verdict"),
}


@dataclass(frozen=True)
class Happening:
    """One line. `who` did `what`; `said` is theirs, or a reason."""

    at: datetime
    who: str
    what: str
    icon: str
    tone: str = ""
    said: str = ""
    href: str = ""


def happenings(request: ChangeRequest) -> list[Happening]:
    """Everything that happened, oldest first, in a fixed number of statements."""
    found = [
        *_of_the_audit(request),
        *_of_reviews(request.reviews.select_related("author", "version")),
        *_of_checks(request.checks.select_related("version")),
        *_of_overrides(request.overrides.select_related("by", "version")),
        *_of_rollouts(request.rollouts.all()),
        *_of_moves(request.moves.select_related("from_version", "to_version")),
    ]
    return sorted(found, key=lambda one: one.at)


def _of_the_audit(request: ChangeRequest) -> Iterable[Happening]:
    entries = AuditEntry.objects.filter(
        project_id=request.project_id,
        subject_type=ChangeRequest._meta.label_lower,
        subject_id=str(request.pk),
        action__in=list(_SAID),
    )
    for entry in entries.order_by("sequence"):
        icon, words = _SAID[entry.action]
        details = {key: _or_nothing(value) for key, value in entry.details.items()}
        what = words.format_map(details)
        who = entry.actor_label if entry.actor_kind != "person" else ""
        yield Happening(entry.at, who or _name(entry, request), what, icon, said=entry.reason)


def _name(entry: AuditEntry, request: ChangeRequest) -> str:
    """A person's name rather than the address that the chain keeps."""
    if request.author is not None and entry.actor_id == str(request.author_id):
        return request.author.display_name
    return entry.actor_label.split("@")[0] or "Roadworthy"


def _of_reviews(reviews: Iterable[Review]) -> Iterable[Happening]:
    for review in reviews:
        icon, tone, words = _VERDICTS[Review.Verdict(review.verdict)]
        what = words.format(version=review.version)
        yield Happening(review.at, review.author.display_name, what, icon, tone, said=review.note)


def _of_checks(checks: Iterable[Check]) -> Iterable[Happening]:
    for check in checks:
        icon, tone = _CHECKS.get(check.state, ("clock", ""))
        what = f"{check.name} {check.get_state_display().lower()} on {check.version}"
        yield Happening(check.at, check.reported_by, what, icon, tone, check.summary, check.url)


def _of_overrides(overrides: Iterable[Override]) -> Iterable[Happening]:
    for override in overrides:
        what = f"let {override.version} pass without a green check"
        yield Happening(
            override.at, override.by.display_name, what, "shield", "warn", said=override.reason
        )


def _of_rollouts(rollouts: Iterable[Rollout]) -> Iterable[Happening]:
    events = RolloutEvent.objects.filter(rollout__in=list(rollouts))
    for event in events.order_by("pk"):
        icon, tone, words = _ROLLOUT[RolloutEvent.Kind(event.kind)]
        what = words.format(share=f"{event.share_after / 100:g} %")
        yield Happening(event.at, event.by_label, what, icon, tone, said=event.reason)


def _of_moves(moves: Iterable[LabelMove]) -> Iterable[Happening]:
    for move in moves:
        if move.cause in {LabelMove.Cause.REVIEW, LabelMove.Cause.ROLLBACK}:
            what = f"moved {move.label} from {_or_nothing(move.from_version)} to {move.to_version}"
            icon = "undo" if move.cause == LabelMove.Cause.ROLLBACK else "tag"
            said = move.reason if move.cause == LabelMove.Cause.ROLLBACK else ""
            yield Happening(move.at, move.by_label, what, icon, said=said)


def _or_nothing(value: object) -> object:
    return "nothing" if value is None else value
