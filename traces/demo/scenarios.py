"""What can be loaded, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from traces.demo import forms, shapes, story, unfinished
from traces.demo.calendar import Calendar
from traces.demo.feedback import Feedback
from traces.demo.otlp import Post, posts

Shape = Callable[[Calendar, int], list[Post]]

SUPPORT_AGENT = "support-agent"
SHAPES: dict[str, Shape] = {
    "deep-chain": shapes.deep_chain,
    "wide-fan-out": shapes.wide_fan_out,
    "big-payload": shapes.big_payload,
    "unpriced-model": shapes.unpriced_model,
    "error-cascade": shapes.error_cascade,
    "still-running": unfinished.still_running,
    "late-parent": shapes.late_parent,
    "lost-parent": shapes.lost_parent,
    "messages": forms.messages,
}
NAMES = (SUPPORT_AGENT, *SHAPES)
# Requests of the newest traces that go before the shapes: what the first page shows comes first.
_FIRST = 4


@dataclass(frozen=True, slots=True)
class Chosen:
    """What to load. The same choice makes the same requests, up to what `now_ns` cuts off."""

    anchor: date
    scenario: str = SUPPORT_AGENT
    days: int = 60
    seed: int = 7
    scale: float = 1.0

    def posts(self, now_ns: int) -> Iterator[Post]:
        """Yield the requests in the order in which to send them."""
        calendar = Calendar(self.anchor, self.days, self.scale)
        if self.scenario != SUPPORT_AGENT:
            yield from SHAPES[self.scenario](calendar, self.seed)
            return
        feedback = Feedback(calendar, self.seed, now_ns)
        told = posts(feedback.listening(story.support_agent(calendar, self.seed, now_ns)))
        yield from islice(told, _FIRST)
        yield from feedback.posts(least=1)
        for shape in SHAPES.values():
            yield from shape(calendar, self.seed)
        for one in told:
            yield one
            yield from feedback.posts()
        yield from feedback.posts(least=1)
