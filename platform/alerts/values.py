"""What an incident stands on, and which of its steps are sent to which kind of channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from alerts.models import ChannelKind, StepKind

MOST_FACTS, MOST_POINTS, MOST_TRACES, MOST_EXCERPTS = 12, 400, 5, 5
LONGEST_EXCERPT = 500  # characters

_EMAIL, _SLACK = ChannelKind.EMAIL, ChannelKind.SLACK
_PAGERDUTY, _WEBHOOK = ChannelKind.PAGERDUTY, ChannelKind.WEBHOOK
# What reaches channels that had nothing of the incident yet.
ANNOUNCING = {StepKind.OPENED, StepKind.WORSENED, StepKind.REOPENED, StepKind.RELEASED}
# What maintenance and quiet hours hold back; what makes less of an incident is told in them too.
HELD = {StepKind.OPENED, StepKind.WORSENED, StepKind.REOPENED, StepKind.ESCALATED}
# What is not named here stands in the timeline alone.
SENT: Mapping[StepKind, frozenset[ChannelKind]] = {
    StepKind.OPENED: frozenset(ChannelKind),
    StepKind.WORSENED: frozenset(ChannelKind),
    StepKind.REOPENED: frozenset(ChannelKind),
    StepKind.RELEASED: frozenset(ChannelKind),
    StepKind.RESOLVED: frozenset(ChannelKind),
    StepKind.ESCALATED: frozenset({_EMAIL, _SLACK, _WEBHOOK}),  # PagerDuty has its own
    StepKind.ACKNOWLEDGED: frozenset({_SLACK, _PAGERDUTY, _WEBHOOK}),
    StepKind.SNOOZED: frozenset({_SLACK, _PAGERDUTY, _WEBHOOK}),
    StepKind.ROLLED_BACK: frozenset({_SLACK, _WEBHOOK}),
    StepKind.ASSIGNED: frozenset({_WEBHOOK}),
}


@dataclass(frozen=True)
class Fact:
    """A line of evidence: `Faithfulness`, `0.84, was 0.93`, and the path where it is seen."""

    text: str
    value: str = ""
    href: str = ""


@dataclass(frozen=True)
class Evidence:
    """What the incident stands on.

    `points` is the figure's course up to now, None where there was none, and `bar` what it is held
    against. `trace_ids` are examples. `excerpts` are pieces of traces: content.
    """

    facts: Sequence[Fact] = ()
    points: Sequence[float | None] = ()
    bar: float | None = None
    trace_ids: Sequence[str] = ()
    excerpts: Sequence[str] = ()

    def stored(self) -> dict[str, Any]:
        """As JSON, cut to what is kept, and without what PostgreSQL cannot hold."""
        return {
            "facts": [
                {name: clean(text, 300) for name, text in asdict(fact).items()}
                for fact in self.facts[:MOST_FACTS]
            ],
            "points": list(self.points[-MOST_POINTS:]),
            "bar": self.bar,
            "trace_ids": [clean(one, 200) for one in self.trace_ids[:MOST_TRACES]],
            "excerpts": [clean(one, LONGEST_EXCERPT) for one in self.excerpts[:MOST_EXCERPTS]],
        }


def clean(text: str, length: int) -> str:
    """`text` on one line and storable, at most `length` characters."""
    whole = text.encode("utf-8", "replace").decode().replace("\x00", "")
    return " ".join(whole.split())[:length]


def moment(at: datetime) -> str:
    """`3 Dec 09:00 UTC`."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %H:%M} UTC"
