"""Who works on the demo's prompts, and when: days count back from the story's last midnight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from accounts.models import Project, Role, User
from accounts.services.members import add_member
from notices.models import MutedProject

# By first name; nobody can sign in as one of them, and their addresses reach nobody.
PEOPLE = {
    "priya": ("Priya Nair", Role.ENGINEER),
    "lena": ("Lena Fischer", Role.REVIEWER),
    "tomas": ("Tomás Rivera", Role.REVIEWER),
    "aiko": ("Aiko Mori", Role.REVIEWER),
    "samuel": ("Samuel Okoye", Role.ADMIN),
}


@dataclass(frozen=True)
class Story:
    """The demo project, its last day, its seed."""

    project: Project
    anchor: date
    seed: int

    def at(self, days_ago: float) -> datetime:
        """The instant so many days before the last day began."""
        return datetime.combine(self.anchor, time(), UTC) - timedelta(days=days_ago)

    @cached_property
    def people(self) -> dict[str, User]:
        """The demo's people by first name, made members of the demo project alone.

        So no other project of the organization gets a second reviewer by them.
        """
        return {key: _member(self.project, key, name, role) for key, (name, role) in PEOPLE.items()}


def _member(project: Project, key: str, name: str, role: Role) -> User:
    email = f"{key}@northwind.example"
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, name=name)  # without a usable password
    add_member(user, project.organization, role, project=project, actor=None)
    MutedProject.objects.get_or_create(user=user, project=project)
    return user
