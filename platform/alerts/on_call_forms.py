"""What people say of rotations, of turns taken over and of absences."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms

from accounts.models import Project, User
from alerts.models import OnCallRotation, QuietHours
from alerts.queries.on_call import members_of
from alerts.services.on_call import MOST_WEEKS, NewRotation
from features.queries import features_of

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PLACES = 8  # persons that the page puts in order
_FIELD = {"class": "field"}
_MOMENT = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


def _zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(available_timezones())]


def _person(label: str, *, required: bool = True, help_text: str = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, required=required, coerce=int, empty_value=None, help_text=help_text,
        widget=forms.Select(attrs=_FIELD),
    )  # fmt: skip


def _moment(label: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local", **_FIELD})
    return forms.DateTimeField(label=label, input_formats=_MOMENT, widget=widget)


def _zone() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Time zone", choices=_zones, initial="UTC", widget=forms.Select(attrs=_FIELD)
    )


class RotationForm(forms.Form):
    """Who takes turns, and when they hand over."""

    weekday = forms.TypedChoiceField(
        label="Handover on", coerce=int, choices=list(enumerate(DAYS)), initial=0,
        widget=forms.Select(attrs=_FIELD),
    )  # fmt: skip
    at = forms.TimeField(
        label="At", initial="09:00", input_formats=["%H:%M"],
        widget=forms.TimeInput(attrs={"type": "time", **_FIELD}, format="%H:%M"),
    )  # fmt: skip
    zone = _zone()
    weeks = forms.IntegerField(
        label="Weeks of a turn", min_value=1, max_value=MOST_WEEKS, initial=1,
        widget=forms.NumberInput(attrs={"class": "field num"}),
    )  # fmt: skip
    starts = forms.DateField(
        label="A day of the first person’s turn",
        required=False,
        help_text="Empty: today.",
        widget=forms.DateInput(attrs={"type": "date", **_FIELD}, format="%Y-%m-%d"),
    )
    is_first = forms.BooleanField(label="Ask whoever is on call before the owner", required=False)

    def __init__(
        self, data: Any = None, *, project: Project, rotation: OnCallRotation | None = None
    ) -> None:
        super().__init__(data, initial=_initial(rotation))
        people = [("", "–"), *_choices(project)]
        for place in range(1, PLACES + 1):
            field = _person(f"Person {place}", required=False)
            field.choices = people
            self.fields[f"person_{place}"] = field
        order = [f"person_{place}" for place in range(1, PLACES + 1)]
        self.order_fields([*order, *self.fields])

    def wanted(self) -> NewRotation:
        """What the service takes."""
        said = self.cleaned_data
        chosen = [said.get(f"person_{place}") for place in range(1, PLACES + 1)]
        return NewRotation(
            person_ids=[one for one in chosen if one is not None],
            zone=said["zone"],
            weekday=said["weekday"],
            hour=said["at"].hour,
            minute=said["at"].minute,
            weeks=said["weeks"],
            starts=said["starts"],
            is_first=said["is_first"],
        )

    def persons(self) -> list[forms.BoundField]:
        """The fields of persons, in the order of their turns."""
        return [self[f"person_{place}"] for place in range(1, PLACES + 1)]

    def others(self) -> list[forms.BoundField]:
        """When they hand over, and the rest."""
        return [self[name] for name in ("weekday", "at", "zone", "weeks", "starts", "is_first")]


class TimeForm(forms.Form):
    """A person and a time, said in a zone."""

    person = _person("Person")
    begins_at = _moment("From")
    ends_at = _moment("Until")
    zone = _zone()

    def __init__(self, data: Any = None, *, project: Project, zone: str = "UTC") -> None:
        super().__init__(data, initial={"zone": zone})
        self.people: dict[int, User] = members_of(project)
        for name in ("person", "stands_in"):
            if (field := self.fields.get(name)) is not None:
                assert isinstance(field, forms.TypedChoiceField)  # noqa: S101  (as declared)
                nobody = [] if name == "person" else [("", "Nobody")]
                field.choices = [*nobody, *_choices(project)]

    def clean(self) -> dict[str, Any]:
        """Moments are read as clocks show them in the zone; one that is skipped is as late."""
        said = super().clean() or {}
        there = ZoneInfo(said.get("zone") or "UTC")
        for name in ("begins_at", "ends_at"):
            if (given := said.get(name)) is not None:
                said[name] = datetime.combine(given.date(), given.time(), there)
        return said

    def wanted(self) -> dict[str, Any]:
        """Arguments of the services."""
        said = self.cleaned_data
        return {
            "person": self.people[said["person"]],
            "begins_at": said["begins_at"],
            "ends_at": said["ends_at"],
        }


class AbsenceForm(TimeForm):
    """Who is away, and who stands in."""

    stands_in = _person("Who stands in", required=False)

    def wanted(self) -> dict[str, Any]:
        """Arguments of the service."""
        chosen = self.cleaned_data["stands_in"]
        return {**super().wanted(), "stands_in": self.people.get(chosen)}


class MaintenanceForm(forms.Form):
    """When nothing is sent, of what, and why."""

    reason = forms.CharField(label="Reason", max_length=200, widget=forms.TextInput(attrs=_FIELD))
    feature = forms.ChoiceField(label="Of", required=False, widget=forms.Select(attrs=_FIELD))
    begins_at = _moment("From")
    ends_at = _moment("Until")
    zone = _zone()
    is_weekly = forms.BooleanField(label="Every week at this time", required=False)

    def __init__(self, data: Any = None, *, project: Project) -> None:
        super().__init__(data)
        named = [(one.name, one.heading) for one in features_of(project)]
        choice = self.fields["feature"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101  (as declared)
        choice.choices = [("", "the whole project"), *named]

    def clean(self) -> dict[str, Any]:
        """Moments are read as clocks show them in the zone."""
        said = super().clean() or {}
        there = ZoneInfo(said.get("zone") or "UTC")
        for name in ("begins_at", "ends_at"):
            if (given := said.get(name)) is not None:
                said[name] = datetime.combine(given.date(), given.time(), there)
        return said


class HoursForm(forms.Form):
    """From and until a time of day."""

    begins = forms.TimeField(
        label="From", initial="22:00", input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time", **_FIELD}, format="%H:%M"),
    )  # fmt: skip
    ends = forms.TimeField(
        label="Until", initial="07:00", input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time", **_FIELD}, format="%H:%M"),
    )  # fmt: skip
    zone = _zone()

    def __init__(self, data: Any = None, *, hours: QuietHours | None = None, whose: str) -> None:
        known = {} if hours is None else {
            "begins": hours.begins, "ends": hours.ends, "zone": hours.zone,
        }  # fmt: skip
        super().__init__(data, initial=known, auto_id=f"{whose}_%s")

    def wanted(self) -> tuple[time, time, str]:
        """What the service takes."""
        said = self.cleaned_data
        return said["begins"], said["ends"], said["zone"]


def _choices(project: Project) -> list[tuple[int, str]]:
    return [(pk, one.display_name) for pk, one in members_of(project).items()]


def _initial(rotation: OnCallRotation | None) -> dict[str, Any]:
    if rotation is None:
        return {}
    persons = {f"person_{place}": pk for place, pk in enumerate(rotation.person_ids, 1)}
    return {
        **persons,
        "weekday": rotation.weekday,
        "at": f"{rotation.hour:02}:{rotation.minute:02}",
        "zone": rotation.zone,
        "weeks": rotation.weeks,
        "starts": rotation.starts,
        "is_first": rotation.is_first,
    }
