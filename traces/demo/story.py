"""The support assistant's sixty days, newest first, from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from traces.demo import agent, features
from traces.demo.calendar import Calendar, Moment
from traces.demo.otlp import Told
from traces.demo.people import SCRIPTED, Visit, person, visit
from traces.demo.spans import Attributes, Telling


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature: its name, how it is told, and how many turns a conversation has."""

    name: str
    tell: Callable[[Telling, Visit, Moment], None]
    share: int  # of the visits
    turns: tuple[int, ...] = (1,)  # weights of 1, 2, … turns


FEATURES = (
    Feature("refund-agent", agent.resolve_ticket, 27, (30, 28, 20, 12, 6, 4)),
    Feature("kb-search", features.answer_question, 23, (64, 26, 10)),
    Feature("ticket-triage", features.route_ticket, 28),
    Feature("summaries", features.summarise_case, 15),
    Feature("voice-notes", features.note_by_voice, 7),
)
_SHARES = [feature.share for feature in FEATURES]
_SCRIPTED = FEATURES[3]


def support_agent(calendar: Calendar, seed: int, now_ns: int) -> Iterator[Told]:
    """Yield the traces that have ended by `now_ns` (Unix nanoseconds), newest first.

    A visit depends on the seed, the anchor and its number within its day, on nothing else: loading
    again on the same day tells the same and adds only what has happened since.
    """
    for days_ago in range(calendar.days):
        told: list[Told] = []
        for number in range(calendar.visits(days_ago)):
            told += _visit(calendar, seed, days_ago, number)
        told = [one for one in told if one.end_ns <= now_ns]
        told.sort(key=lambda one: one.spans[0].start_time_unix_nano, reverse=True)
        yield from told


def _visit(calendar: Calendar, seed: int, days_ago: int, number: int) -> Iterator[Told]:
    key = f"{seed}/{calendar.anchor.isoformat()}/{days_ago}/{number}"
    chance = random.Random(key)  # noqa: S311 - it must repeat
    moment = calendar.moment(days_ago, number, chance)
    feature = chance.choices(FEATURES, _SHARES)[0]
    who = person(seed, chance)
    if calendar.is_scripted(days_ago, number):
        feature, who = _SCRIPTED, SCRIPTED
    one = visit(chance, who, moment.agent_prompt(chance))
    turns = chance.choices(range(1, len(feature.turns) + 1), feature.turns)[0]
    common: Attributes = {
        "user.id": one.person.user_id,
        "session.id": one.session_id,
        "roadworthy.feature": feature.name,
        "roadworthy.user.segment": one.person.segment,
    }
    for _ in range(turns):
        t = Telling(chance, moment.at_ns, common)
        feature.tell(t, one, moment)
        yield Told(t.spans, one.environment, moment.release)
        pause = int(chance.uniform(15, 260) * 1e9)
        moment = calendar.later(moment, t.now_ns + pause)
