"""Traces that are easy to reckon: integer nano-dollars a token, everything known beforehand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

SECOND = 10**9
DAY = 86_400 * SECOND
# Nano-dollars a token (input, output): before the change, and after it.
PRICES = {"trial-a": ((2_500, 10_000), (3_100, 12_700)), "trial-b": ((150, 600), (150, 600))}
CHANGED = "trial-a"
SPANS_EACH = 8


@dataclass
class Traffic:
    """Spans as they are sent, by (trace, span) as they end up, and by which key each is sent."""

    sends: list[tuple[int, dict[str, Any]]] = field(default_factory=list)  # place of a key, span
    last: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)  # of a trace
    corrections: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


def traffic(
    spans: int, *, now_ns: int, days: int = 30, keys: int = 2, seed: int = 1, repeats: float = 0.1
) -> Traffic:
    """`spans` spans of as many traces as that takes, in random order, a share of them twice.

    `corrections` are some of them with other tokens, to be sent after all others.
    """
    chance, found = random.Random(seed), Traffic()
    for number in range(-(-spans // SPANS_EACH)):
        place = chance.randrange(keys)
        trace_id = f"{seed:08x}{number:024x}"
        found.keys[trace_id] = place
        for one in _trace(chance, trace_id, now_ns - chance.randrange(60 * SECOND, days * DAY)):
            found.last[trace_id, one["span_id"]] = one
            found.sends += [(place, one)] * (1 + (chance.random() < repeats))
    chance.shuffle(found.sends)
    calls = [one for one in found.last.values() if "tokens" in one]
    for one in chance.sample(calls, len(calls) // 30):
        tokens = {"input_total": chance.randrange(5_000), "output_total": chance.randrange(900)}
        other = {**one, "tokens": tokens}
        found.last[one["trace_id"], one["span_id"]] = other
        found.corrections.append((found.keys[one["trace_id"]], other))
    return found


def truth(
    found: Traffic, *, gone: Iterable[str], changed_at_ns: int, key_ids: Sequence[int]
) -> dict[str, Counter[str]]:
    """Nano-dollars by what pays, from what was sent: in all, by segment, key, route."""
    without, sums = set(gone), {name: Counter[str]() for name in ("all", "segment", "key", "route")}
    segments = {
        trace_id: one["user_segment"]
        for (trace_id, _), one in found.last.items()
        if one.get("user_segment")
    }
    for (trace_id, _), one in found.last.items():
        if trace_id in without or "tokens" not in one:
            continue
        per_in, per_out = PRICES[one["model"]][one["start"] >= changed_at_ns]
        tokens = one["tokens"]
        cost = per_in * tokens["input_total"] + per_out * tokens["output_total"]
        sums["all"][""] += cost
        sums["segment"][segments.get(trace_id, "")] += cost
        sums["key"][str(key_ids[found.keys[trace_id]])] += cost
        sums["route"][one.get("route", "")] += cost
    return {name: Counter({k: n for k, n in each.items() if n}) for name, each in sums.items()}


def _trace(chance: random.Random, trace_id: str, start: int) -> list[dict[str, Any]]:
    feature, user = chance.choice(("refunds", "search", "chat")), f"user-{chance.randrange(400)}"
    segment = chance.choice(("free", "pro", "enterprise", ""))
    on_root = chance.random() < 0.5
    shared = {
        "trace_id": trace_id, "feature": feature,
        "environment": chance.choice(("production", "staging")), "user_id": user,
    }  # fmt: skip
    root = {
        **shared, "span_id": "00", "kind": "agent", "name": f"answer {feature}", "start": start,
        "end": start + 30 * SECOND, "level": chance.choice(("DEFAULT", "DEFAULT", "ERROR")),
    }  # fmt: skip
    if segment and on_root:
        root["user_segment"] = segment
    spans, evaluates = [root], chance.random() < 0.1
    for place in range(1, SPANS_EACH):
        at = start + place * 3 * SECOND + chance.randrange(SECOND)
        one: dict[str, Any] = {
            **shared, "span_id": f"{place:02x}", "parent_span_id": "00", "start": at,
            "end": at + chance.randrange(SECOND), "name": f"step {place}",
        }  # fmt: skip
        if place == 1:
            one["kind"] = "evaluator" if evaluates else "tool"
        else:
            model = chance.choice(tuple(PRICES))
            one |= {
                "kind": "generation", "model": model, "provider": "trial",
                "level": "ERROR" if chance.random() < 0.05 else "DEFAULT",
                "tokens": {
                    "input_total": chance.randrange(4_000), "output_total": chance.randrange(800),
                },
            }  # fmt: skip
            if place == 2 and evaluates:
                one["parent_span_id"] = "01"
            if chance.random() < 0.3:
                one |= {"prompt_name": "greet", "prompt_version": str(chance.randrange(3))}
            if chance.random() < 0.5:
                one["route"] = chance.choice(("cheap-first", "strong"))
            if segment and not on_root:
                one["user_segment"] = segment
        spans.append(one)
    return spans
