"""The sixty days: how much happens when, and what was in place at a moment.

Everything is told in days before the anchor, the day on which the demo was begun, so that the
story reads the same whenever it is loaded.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from traces.demo.catalog import GPT5_MINI, GPT41_MINI, Model

SECOND_NS = 1_000_000_000
DAY_S = 86_400

# Days before the anchor on which something changed.
LEAK, LEAK_FIXED = 26, 14  # kb-search keeps what it found for earlier questions, more each day
MODEL_SWITCH = 23  # ticket-triage from gpt-4.1-mini to gpt-5-mini, with a new prompt
SCRIPT = 16  # one user's script asks for summaries from 9 to 12 UTC
PROMPT_CHANGE = 12  # refund-agent v13 to v14: shorter answers
INCIDENT = 9  # the order service is down from 13:10 to 15:40 UTC
INDEX_CHANGE = 6  # kb-docs v7: the semantic cache starts empty
CANARY = 5  # refund-agent v15 for one session in ten: it asks for refunds twice
CAMPAIGN = 4  # black week
INCIDENT_HOURS = (13 + 10 / 60, 15 + 40 / 60)
SCRIPT_HOURS = (9, 12)

# Share of a day's visits by hour, UTC: Europe's working day, then the American evening.
_RHYTHM = (5, 4, 4, 4, 4, 5, 7, 10, 14, 17, 18, 17, 15, 17, 19, 19, 18, 17, 15, 14, 12, 10, 8, 6)
_HOURS = range(24)
_WEEKEND = 0.55
_SURGE = 70  # more visits while the order service is down
_SCRIPTED = 110  # summaries that the script asks for
_GROWTH = 0.45  # of the context of kb-search, each day of the leak
_FIRST, _LAST = 64, 180  # visits of the first weekday and of the last before the campaign


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of the story and what was in place then."""

    at_ns: int
    days_ago: int  # counted from the anchor's midnight, 0 is the anchor's day

    @property
    def hour(self) -> float:
        """Hour of the day with its fraction, UTC."""
        return self.at_ns // SECOND_NS % DAY_S / 3600

    @property
    def is_incident(self) -> bool:
        """Whether the order service is down."""
        low, high = INCIDENT_HOURS
        return self.days_ago == INCIDENT and low <= self.hour < high

    @property
    def leaked(self) -> float:
        """How many times as much context kb-search sends: 1.0 but while nobody clears it."""
        if not LEAK_FIXED <= self.days_ago <= LEAK:
            return 1.0
        return 1.0 + _GROWTH * (LEAK - self.days_ago + self.hour / 24)

    @property
    def release(self) -> str:
        """The service's version: a new one each week, and a fix on the day after the incident."""
        week = (70 - self.days_ago) // 7
        return f"4.{10 + week}.{1 if INCIDENT - 7 < self.days_ago < INCIDENT else 0}"

    @property
    def triage_model(self) -> Model:
        """The model that sorts tickets."""
        return GPT5_MINI if self.days_ago <= MODEL_SWITCH else GPT41_MINI

    @property
    def triage_prompt(self) -> str:
        """Version of the prompt that sorts tickets."""
        return "8" if self.days_ago <= MODEL_SWITCH else "7"

    @property
    def index_version(self) -> str:
        """Version of the index of articles and policies."""
        return "7" if self.days_ago <= INDEX_CHANGE else "6"

    def agent_prompt(self, chance: random.Random) -> str:
        """Version of the refund agent's prompt for a session."""
        if self.days_ago <= CANARY and chance.random() < 0.1:
            return "15"
        return "14" if self.days_ago <= PROMPT_CHANGE else "13"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days up to and with the anchor. `scale` multiplies how much happens."""

    anchor: date
    days: int = 60
    scale: float = 1.0

    def midnight_ns(self, days_ago: int) -> int:
        """Start of a day, Unix nanoseconds."""
        start = datetime.combine(self.anchor - timedelta(days=days_ago), time(), UTC)
        return int(start.timestamp()) * SECOND_NS

    def visits(self, days_ago: int) -> int:
        """How many people come on a day: slow growth, quiet weekends, a campaign at the end."""
        grown = _FIRST + (_LAST - _FIRST) * (1 - min(days_ago, 60) / 60)
        if (self.anchor - timedelta(days=days_ago)).weekday() >= 5:
            grown *= _WEEKEND
        if days_ago <= CAMPAIGN:
            grown *= 1.2
        if days_ago <= 1:
            grown *= 1.7
        return max(1, round(grown * self.scale)) + self._surge(days_ago) + self._script(days_ago)

    def _surge(self, days_ago: int) -> int:
        """Who comes because of the incident, and again because nothing worked."""
        return round(_SURGE * self.scale) if days_ago == INCIDENT else 0

    def _script(self, days_ago: int) -> int:
        return round(_SCRIPTED * self.scale) if days_ago == SCRIPT else 0

    def is_scripted(self, days_ago: int, number: int) -> bool:
        """Whether the visit with this number of a day is one of the script's."""
        return number < self._script(days_ago)

    def moment(self, days_ago: int, number: int, chance: random.Random) -> Moment:
        """When the visit with this number of a day begins."""
        if number < self._surge(days_ago):
            hour = chance.uniform(*INCIDENT_HOURS)
        elif self.is_scripted(days_ago, number):
            hour = chance.uniform(*SCRIPT_HOURS)
        else:
            hour = chance.choices(_HOURS, _RHYTHM)[0] + chance.random()
        return Moment(self.midnight_ns(days_ago) + int(hour * 3600 * SECOND_NS), days_ago)

    def later(self, moment: Moment, at_ns: int) -> Moment:
        """The same day at another time, for the next turn of a conversation."""
        return Moment(at_ns, moment.days_ago)
