"""Traces whose shape breaks pages: very deep, wide, big, failed, unfinished, out of order."""

from __future__ import annotations

import random
from contextlib import ExitStack, suppress

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from traces.demo import features, mishaps
from traces.demo.calendar import INCIDENT, Calendar, Moment
from traces.demo.calls import Ask, Prompt, chat, embed, guard, text, tool
from traces.demo.catalog import HAIKU, POLICIES, SONNET
from traces.demo.otlp import SPANS_EACH, Post, Told, post, posts
from traces.demo.people import Visit, person, visit
from traces.demo.spans import Attributes, Failed, Failure, Telling, json, put

DEPTH = 120
FAN_OUT = 5_000
PAYLOAD_CHARACTERS = 2 * 1_048_576  # twice what intake keeps of one text
_ATTEMPTS = 6


class Stage:
    """Where a shape is told: a moment of the story, a visit, a trace that begins."""

    def __init__(
        self, calendar: Calendar, seed: int, name: str, feature: str, hour: float, days_ago: int = 1
    ) -> None:
        key = f"{seed}/{calendar.anchor.isoformat()}/{name}"
        self.chance = random.Random(key)  # noqa: S311 - it must repeat
        at = calendar.midnight_ns(days_ago) + int(hour * 3600e9)
        self.moment = Moment(at, days_ago)
        self.visit: Visit = visit(self.chance, person(seed, self.chance), "14")
        self.feature = feature
        self.common: Attributes = {
            "user.id": self.visit.person.user_id,
            "session.id": self.visit.session_id,
            "roadworthy.feature": feature,
        }
        self.t = Telling(self.chance, at, self.common)

    def told(self) -> Told:
        """What has been told so far."""
        return Told(self.t.spans, "production", self.moment.release)


def deep_chain(calendar: Calendar, seed: int) -> list[Post]:
    """A plan that refines itself: 120 spans, each below the one before."""
    stage = Stage(calendar, seed, "deep-chain", "refund-agent", 9.2)
    t = stage.t
    root: Attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "planner"}
    with ExitStack() as nested:
        nested.enter_context(t.within("agent.plan_deep", root | {"tag.tags": ["shape:deep-chain"]}))
        for step in range(2, DEPTH):
            kind = {"gen_ai.operation.name": "agent_step"}
            nested.enter_context(t.within(f"plan.refine_{step - 1}", dict(kind)))
        ask = Ask(Prompt("plan"), temperature=0.0)
        said = text("assistant", "The plan is final: look up the order, then refund.")
        chat(t, "plan.decide", HAIKU, ask, [text("user", "Refine the plan until it holds")], said)
    return [post([stage.told()])]


def wide_fan_out(calendar: Calendar, seed: int) -> list[Post]:
    """The nightly index: 5,000 spans, 4,999 of them side by side, three of them failed."""
    stage = Stage(calendar, seed, "wide-fan-out", "kb-search", 22.6)
    t, chance = stage.t, stage.chance
    failing = set(chance.sample(range(FAN_OUT - 1), 3))
    root: Attributes = {
        "gen_ai.operation.name": "chain",
        "tag.tags": ["shape:wide-fan-out", "nightly"],
        "metadata": json({"index": "kb-docs", "chunks": FAN_OUT - 1}),
    }
    with t.within("kb.reindex", root):
        for number in range(FAN_OUT - 1):
            if number in failing:
                busy: Attributes = {
                    "gen_ai.operation.name": "embeddings",
                    "gen_ai.provider.name": "openai",
                    "gen_ai.request.model": "text-embedding-3-small",
                }
                with suppress(Failed):
                    t.leaf("embed_chunk", busy, 0.2, failure=mishaps.RATE_LIMIT, beside=True)
            else:
                embed(t, "embed_chunk", POLICIES[number % len(POLICIES)][2], beside=True)
            if number % 16 == 15:  # sixteen at a time
                t.wait(0.06)
    # As exporters send it: what has ended goes out, so the root comes last.
    root_span, *chunks = t.spans
    parts = [
        *(chunks[at : at + SPANS_EACH] for at in range(0, len(chunks), SPANS_EACH)),
        [root_span],
    ]
    return [post([Told(part, "production", stage.moment.release)]) for part in parts]


def big_payload(calendar: Calendar, seed: int) -> list[Post]:
    """A summary of a text of two million characters: intake keeps one and says so."""
    stage = Stage(calendar, seed, "big-payload", "summaries", 15.4)
    line = "[{n}] Customer: the warehouse log of pallet {n} is attached below, please read it all."
    lines = (line.format(n=number) for number in range(1, 40_000))
    log = "\n".join(lines)[:PAYLOAD_CHARACTERS]
    summary = text("assistant", "36,000 scans; pallet 4,117 was scanned twice, the rest agrees.")
    root: Attributes = {
        "gen_ai.operation.name": "chain",
        "gen_ai.output.messages": json([summary]),
        "tag.tags": ["shape:big-payload"],
    }
    with stage.t.within("summarise_case", root):
        ask = Ask(Prompt("summaries", "31"))
        chat(stage.t, "compose_summary", HAIKU, ask, [text("user", log)], summary)
    return [post([stage.told()])]


def unpriced_model(calendar: Calendar, seed: int) -> list[Post]:
    """A voice note: its speech model stands in no price list."""
    stage = Stage(calendar, seed, "unpriced-model", "voice-notes", 17.1)
    features.note_by_voice(stage.t, stage.visit, stage.moment)
    _tag(stage.t.spans[0], "shape:unpriced-model")
    return [post([stage.told()])]


def error_cascade(calendar: Calendar, seed: int) -> list[Post]:
    """The order service is down: six attempts, each failing below and above, then the root."""
    day = INCIDENT if calendar.days > INCIDENT else 1
    stage = Stage(calendar, seed, "error-cascade", "refund-agent", 13.6, day)
    t = stage.t
    facts = stage.visit.facts
    asked = text("user", f"Where is order {facts['order']}? I was charged {facts['amount']}")
    root: Attributes = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "refund-agent",
        "gen_ai.input.messages": json([asked]),
        "tag.tags": ["shape:error-cascade", "incident"],
    }
    given_up = Failure("RetriesExhausted", f"gave up after {_ATTEMPTS} attempts")
    with suppress(Failed), t.within("agent.resolve_ticket", root):
        guard(t, "guard.input_scan", asked["parts"][0]["content"], "passed")
        for attempt in range(1, _ATTEMPTS + 1):
            with suppress(Failed), t.within(f"attempt {attempt}", {"retry.attempt": attempt}):
                failure = mishaps.ORDERS_DOWN if attempt % 2 else mishaps.POOL_EXHAUSTED
                with suppress(Failed), t.within("resolve_order"):
                    call = f"call_{attempt}"
                    wanted = {"order_id": facts["order"]}
                    tool(t, "orders.lookup", call, wanted, None, 5.0, failure)
                ask = Ask(Prompt("refund-agent", "14"), failure=mishaps.OVERLOADED)
                chat(t, "compose_apology", SONNET, ask, [asked], asked)
            t.wait(2**attempt / 8)
        raise Failed(given_up)
    return [post([stage.told()])]


def late_parent(calendar: Calendar, seed: int) -> list[Post]:
    """The children come first, their parent in a later request."""
    stage = Stage(calendar, seed, "late-parent", "kb-search", 19.3)
    features.answer_question(stage.t, stage.visit, stage.moment)
    root, *children = stage.told().spans
    _tag(root, "shape:late-parent")
    release = stage.moment.release
    return [
        *posts([Told(children, "production", release)]),
        *posts([Told([root], "production", release)]),
    ]


def lost_parent(calendar: Calendar, seed: int) -> list[Post]:
    """The parent never comes: a part of a trace."""
    stage = Stage(calendar, seed, "lost-parent", "ticket-triage", 20.8)
    features.route_ticket(stage.t, stage.visit, stage.moment)
    spans = stage.told().spans[1:]
    _tag(spans[0], "shape:lost-parent")
    return [post([Told(spans, "production", stage.moment.release)])]


def _tag(span: Span, tag: str) -> None:
    for pair in span.attributes:
        if pair.key == "tag.tags":
            pair.value.array_value.values.add().string_value = tag
            return
    put(span.attributes, {"tag.tags": [tag]})
