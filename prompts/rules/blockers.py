"""What stands in the way of a label's move. The page shows these texts, the service obeys them."""

from __future__ import annotations

from dataclasses import dataclass

from prompts.rules.facts import Facts, Settings

WIDE_APPROVALS = 2


@dataclass(frozen=True)
class Blocker:
    """One unmet rule. `code` is for programs, `text` for people."""

    code: str
    text: str


def needed_approvals(facts: Facts, share: float) -> int:
    """How many approvals a move to `share` percent of the traffic needs."""
    return approvals_for(facts.settings, facts.reviewers, share)


def approvals_for(settings: Settings, reviewers: int, share: float) -> int:
    """The same where so many people can review who wrote no part of the change."""
    if not settings.is_protected:
        return 0
    if share <= settings.wide_share:
        return settings.approvals
    if settings.wide_approvals is not None:
        return max(settings.approvals, settings.wide_approvals)
    # One person must be asked even where nobody is there yet: an approval cannot be skipped.
    return max(settings.approvals, min(WIDE_APPROVALS, max(1, reviewers)))


def blockers(facts: Facts, *, share: float = 100.0) -> list[Blocker]:
    """Every rule that forbids moving the label to `share` percent, in the order of the page."""
    found = _of_the_state(facts)
    if facts.settings.is_protected:
        found += _of_reviews(facts, share)
        found += _of_checks(facts)
        if facts.settings.resolve_threads and facts.open_threads:
            found.append(
                Blocker("threads", f"{_count(facts.open_threads, 'thread')} must be resolved.")
            )
    return found


def _of_the_state(facts: Facts) -> list[Blocker]:
    found = []
    if facts.status == "draft":
        found.append(Blocker("draft", "This is a draft: open it for review first."))
    elif facts.status in {"complete", "rolled_back", "closed"}:
        found.append(Blocker("ended", f"This review is {facts.status.replace('_', ' ')}."))
    if facts.is_archived:
        found.append(Blocker("archived", f"v{facts.version} is archived and no longer resolves."))
    if facts.other_rollout:
        found.append(Blocker("other_rollout", facts.other_rollout))
    if facts.base != facts.serving:
        now = f"v{facts.serving}" if facts.serving is not None else "nothing"
        asked = f"v{facts.base}" if facts.base is not None else "nothing"
        found.append(
            Blocker(
                "moved",
                f"{facts.label.capitalize()} is on {now} now; this review began from {asked}. "
                "Update it to compare with what serves.",
            )
        )
    return found


def _of_reviews(facts: Facts, share: float) -> list[Blocker]:
    found = []
    for verdict in facts.verdicts:
        if not verdict.approved and not verdict.dropped and verdict.person.can_review:
            found.append(Blocker("changes_requested", f"{verdict.person.name} requested changes."))
    approved = {verdict.person.pk for verdict in facts.approvals}
    owners = facts.owners
    if owners is not None:
        may = {person.pk for person in (*owners.people, *owners.deputies)}
        if not approved & may:
            where = f"the folder {owners.folder}" if owners.folder else "every prompt"
            found.append(Blocker("owner", f"An owner of {where} must approve: {owners.names}."))
    needed = needed_approvals(facts, share)
    if len(approved) < needed:
        wide = (
            f" above {facts.settings.wide_share} % of traffic"
            if share > facts.settings.wide_share and needed > facts.settings.approvals
            else ""
        )
        found.append(
            Blocker(
                "approvals",
                f"{_count(needed, 'approval')} needed{wide}, {len(approved)} given. "
                "The author's own does not count.",
            )
        )
    return found


def _of_checks(facts: Facts) -> list[Blocker]:
    if facts.is_overridden:
        return []
    found = []
    for check in facts.checks:
        if check.is_outdated:
            text = f"{check.name} must run again: what it asks changed since it reported."
        elif not check.state:
            text = f"{check.name} has not reported on v{facts.version}."
        elif check.state == "pending":
            text = f"{check.name} is still running."
        elif check.state != "pass":
            said = {"fail": "failed", "inconclusive": "is inconclusive", "error": "broke off"}
            text = f"{check.name} {said.get(check.state, check.state)}."
        elif check.is_old:
            hours = facts.settings.check_max_age_hours
            text = f"{check.name} passed over {hours} hours ago: let it run again."
        else:
            continue
        found.append(Blocker("check", f"{text} The owner may let it pass, with a reason."))
    return found


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
