"""Who may approve a target: its feature's owner or an admin, and not who wrote it."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import Role, User
from accounts.queries import list_members
from features.models import Feature, Target


def approvers_of(feature: Feature) -> list[User]:
    """Persons who may approve targets of the feature, whoever wrote them, highest role first.

    Its owner, from the role reviewer, and everybody from the role admin.
    """
    found = []
    for member in list_members(feature.project):
        least = Role.REVIEWER if member.user.pk == feature.owner_id else Role.ADMIN
        if member.user.is_active and member.role.rank >= least.rank:
            found.append(member.user)
    return found


def may_decide(target: Target, approvers: Sequence[User] | None = None) -> list[User]:
    """Of those, who may approve `target`: nobody who wrote a part of it.

    Where every approver did, any but its author; and the author where there is nobody else at all
    (docs/adr/0015 says the same of reviews).
    """
    found = list(approvers_of(target.feature) if approvers is None else approvers)
    others = [person for person in found if person.pk not in target.writers]
    return others or [person for person in found if person.pk != target.author_id] or found


def fault_of_approval(target: Target, person: User) -> str:
    """Why `person` cannot approve or decline `target` now, in words; '' where they can."""
    if target.state != Target.State.PROPOSED:
        return f"Target {target.number} is {target.get_state_display().lower()}, not proposed."
    approvers = approvers_of(target.feature)
    if person.pk not in {approver.pk for approver in approvers}:
        owner = target.feature.owner
        whose = f"{owner.display_name}, who owns it, or an admin" if owner else "An admin"
        return f"{whose} approves targets of {target.feature.heading}."
    able = may_decide(target, approvers)
    if person.pk not in {one.pk for one in able}:
        names = " or ".join(sorted(one.display_name for one in able))
        return f"You wrote a part of it; {names} can approve it."
    return ""
