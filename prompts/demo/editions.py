"""What each version of the demo's prompts says, and why it was made.

The version that serves holds the text that the demo's spans show, a sentence a line. Before it the
text grew line by line, then its settings were tried.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

from prompts.content import Content
from traces.demo.catalog import GPT5_MINI, GPT41_MINI, HAIKU, SONNET, SYSTEM, TOOLS

AGENT, TRIAGE = "refund-agent", "ticket-triage"
SERVING_AGENT, CANARY_AGENT = 14, 15
SERVING_TRIAGE, PROPOSED_TRIAGE = 8, 9


@dataclass(frozen=True)
class Edition:
    """A version to be made."""

    author: str
    message: str
    content: Content


@dataclass(frozen=True)
class Series:
    """A prompt: its versions by number from 1, with the days on which the last ones were made."""

    name: str
    description: str
    tags: tuple[str, ...]
    owner: str
    editions: tuple[Edition, ...]
    made: dict[int, float]  # days ago; versions before the first of them are spread over the past
    moves: tuple[tuple[str, int, float], ...]  # label, number, days ago


_AUTHORS = ("priya", "lena", "priya", "tomas", "lena", "aiko")
_TRIALS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Cooler, because answers wandered", {"temperature": 0.3}),
    ("Room for cases with two orders", {"max_tokens": 1000}),
    ("Warmer again: replies read like forms", {"temperature": 0.4}),
    ("Back to 800 tokens, nobody reads further", {"max_tokens": 800}),
    ("Try top_p instead of temperature", {"top_p": 0.9}),
    ("No top_p: the test set saw no difference", {"top_p": None}),
    ("As cool as the test set liked best", {"temperature": 0.2}),
    ("Shorter limit during the outage", {"max_tokens": 600}),
)


def all_series() -> tuple[Series, ...]:
    """Every prompt of the demo."""
    agent, triage = _agent(), _triage()
    return (
        Series(
            AGENT, "Resolves refunds, returns and late parcels with tools.", ("support", "agent"),
            "priya", agent, {12: 66, 13: 61, 14: 13.3, 15: 6.4},
            (
                ("production", 4, 142), ("production", 9, 98), ("staging", 13, 60.6),
                ("production", 13, 60.2), ("staging", 14, 13.1), ("production", 14, 12),
                ("staging", 15, 6.2),
            ),
        ),
        Series(
            TRIAGE, "Sorts messages into queues; answers with JSON.", ("support", "json"),
            "lena", triage, {6: 90, 7: 71, 8: 24.2, 9: 2.1},
            (
                ("production", 3, 140), ("production", 7, 70), ("staging", 8, 24.1),
                ("production", 8, 23), ("staging", 9, 2),
            ),
        ),
        Series(
            "kb-answer", "Answers from the help centre's articles.", ("help-centre",), "aiko",
            _series("kb-answer", 22, HAIKU.asked, "{{articles}}\n\nQuestion: {{question}}"),
            {22: 68}, (("production", 11, 120), ("staging", 22, 67.5), ("production", 22, 67)),
        ),
        Series(
            "summaries", "Hands a case over to a colleague.", ("support",), "tomas",
            _series("summaries", 31, HAIKU.asked, "{{case}}"), {30: 75, 31: 36.5},
            (("production", 18, 110), ("production", 30, 74), ("production", 31, 35)),
        ),
        Series(
            "voice-notes", "Three bullet points of a spoken note.", ("field-service",), "lena",
            _series("voice-notes", 3, GPT5_MINI.asked, "{{transcript}}"), {3: 75},
            (("production", 3, 74),),
        ),
    )  # fmt: skip


def _agent() -> tuple[Edition, ...]:
    text = _lines(SYSTEM[AGENT])
    before = [line.replace("140", "220") for line in text]
    asked = "{{question}}"
    grown = list(_series(AGENT, 13, SONNET.asked, asked, lines=before, tools=True))
    settings = {"temperature": 0.2, "max_tokens": 800}
    last = _content(text, asked, SONNET.asked, settings, tools=True)
    twice = [*text, "Before you confirm a refund, create it and check its reference once more."]
    return (
        *grown,
        Edition("priya", "Shorter answers: 140 words instead of 220", last),
        Edition(
            "tomas", "Check each refund before it is confirmed",
            _content(twice, asked, SONNET.asked, settings, tools=True),
        ),
    )  # fmt: skip


def _triage() -> tuple[Edition, ...]:
    text = _lines(SYSTEM[TRIAGE])
    asked = "Subject: {{subject}}\n\n{{message}}"
    grown = list(_series(TRIAGE, 7, GPT41_MINI.asked, asked, temperature=0.0))
    thinks = {"max_tokens": 400, "temperature": 1.0, "reasoning_effort": "low"}
    proposed = [
        text[0],
        text[1].replace("needs_human.", "needs_human, reason (one sentence)."),
        text[2].replace("warranty.*.", "warranty.*, fraud.*."),
        "Priority 1 is for safety and for money that was taken wrongly.",
        "Set needs_human whenever you are not sure.",
    ]
    return (
        *grown,
        Edition(
            "lena", "gpt-5-mini, which thinks before it sorts",
            _content(text, asked, GPT5_MINI.asked, thinks),
        ),
        Edition(
            "priya", "A label for fraud, and a reason with each verdict",
            _content(proposed, asked, GPT5_MINI.asked, thinks | {"max_tokens": 500}),
        ),
    )  # fmt: skip


def _series(
    name: str, count: int, model: str, asked: str, *,
    lines: list[str] | None = None, tools: bool = False, temperature: float = 0.2,
) -> tuple[Edition, ...]:  # fmt: skip
    """`count` versions: the text grows a line at a time, then settings are tried."""
    lines = lines or _lines(SYSTEM[name])
    settings: dict[str, Any] = {"temperature": 0.7, "max_tokens": 800}
    made: list[Edition] = []
    authors = cycle(_AUTHORS)
    for number in range(1, min(len(lines), count) + 1):
        words = " ".join(lines[number - 1].split()[:5])
        message = "First version" if number == 1 else f"Say: {words} …"
        content = _content(lines[:number], asked, model, settings, tools=tools)
        made.append(Edition(next(authors), message, content))
    for message, trial in islice(cycle(_TRIALS), max(0, count - len(made) - 1)):
        merged = settings | trial
        settings = {key: value for key, value in merged.items() if value is not None}
        content = _content(lines, asked, model, settings, tools=tools)
        made.append(Edition(next(authors), message, content))
    if len(made) < count:
        settled = {"temperature": temperature, "max_tokens": 800}
        content = _content(lines, asked, model, settled, tools=tools)
        made.append(Edition(next(authors), "The settings that the test set settled on", content))
    return tuple(made)


def _content(
    lines: list[str], asked: str, model: str, parameters: dict[str, Any], *, tools: bool = False
) -> Content:
    history = [{"type": "placeholder", "name": "history"}] if tools else []
    return Content(
        kind="chat",
        prompt=[
            {"role": "system", "content": "\n".join(lines)},
            *history,
            {"role": "user", "content": asked},
        ],
        tools=[_tool(tool) for tool in TOOLS] if tools else [],
        model=model,
        parameters=parameters,
    )


def _tool(tool: dict[str, object]) -> dict[str, Any]:
    return {"type": "function", "function": {k: v for k, v in tool.items() if k != "type"}}


def _lines(text: str) -> list[str]:
    """A sentence a line."""
    return re.split(r"(?<=[.:?]) (?=[A-Z])", text)
