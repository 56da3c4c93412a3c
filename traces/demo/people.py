"""Who writes, in which language, about which order."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from traces.demo.catalog import ITEMS
from traces.demo.issues import FOLLOW_UPS, ISSUES, Issue

_LANGUAGES = ("en", "es", "fr", "de", "ja")
_SHARES = (62, 12, 10, 11, 5)
_USERS = 1_400


@dataclass(frozen=True, slots=True)
class Person:
    """A customer: always the same language and segment."""

    user_id: str
    language: str
    segment: str


SCRIPTED = Person("u_61874", "en", "business")  # whose script asks for summaries one morning


@dataclass(slots=True)
class Visit:
    """One conversation: who, about what, and what was said so far."""

    person: Person
    issue: Issue
    facts: dict[str, str]
    session_id: str
    environment: str
    channel: str
    prompt_version: str
    offset: int = 0  # with which follow-up the conversation goes on
    turn: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)

    def exchange(self, chance: random.Random) -> tuple[str, str]:
        """Return what is asked in this turn, and the answer."""
        language = self.person.language
        if self.turn == 0:
            asked = self.issue.ask(language, chance.randrange(100))
            return asked.format_map(self.facts), self.issue.reply(language).format_map(self.facts)
        pairs = FOLLOW_UPS[language]
        asked, answer = pairs[(self.offset + self.turn) % len(pairs)]
        return asked.format_map(self.facts), answer


def person(seed: int, chance: random.Random) -> Person:
    """Return a customer; some come often."""
    number = int(chance.paretovariate(0.8) * 60) % _USERS + chance.randrange(60)
    own = random.Random(seed * 1_000_003 + number)  # noqa: S311 - it must repeat
    return Person(
        f"u_{10_000 + own.randrange(50_000)}",
        own.choices(_LANGUAGES, _SHARES)[0],
        own.choices(("free", "plus", "business"), (60, 30, 10))[0],
    )


def visit(chance: random.Random, who: Person, prompt_version: str) -> Visit:
    """Return a conversation that is about to begin."""
    order = 80_000 + chance.randrange(19_999)
    amount = chance.choice((19, 24, 39, 49, 49, 59, 64, 79, 89, 119, 149, 229)) + 0.9
    return Visit(
        person=who,
        issue=chance.choices(ISSUES, (14, 16, 18, 13, 8, 14, 8, 9))[0],
        facts={
            "order": str(order),
            "amount": f"{amount:.2f} €" if who.language != "en" else f"{amount:.2f}",
            "item": chance.choice(ITEMS),
            "days": str(chance.randrange(2, 10)),
            "ref": f"RF-{20_000 + chance.randrange(9_999)}",
        },
        session_id=f"s_{chance.getrandbits(40):010x}",
        environment="production" if chance.random() < 0.9 else "staging",
        channel=chance.choices(("chat", "email", "app"), (55, 30, 15))[0],
        prompt_version=prompt_version,
        offset=chance.randrange(60),
    )
