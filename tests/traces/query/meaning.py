"""What a query means for a trace, worked out in plain Python by the words of the reference."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.traces.query.stage import Told
from traces.ingest.record import Kind, Level, SpanRecord
from traces.query.nodes import And, Node, Not, NumberTest, OneSpan, Or, Term, Test, Text

CLASSES = ("in_uncached", "in_cached", "out_text")


def meets(node: Node | None, trace: Told) -> bool:
    """What the query means for the trace, by the words of the reference."""
    if node is None:
        return True
    if isinstance(node, And):
        return all(meets(item, trace) for item in node.items)
    if isinstance(node, Or):
        return any(meets(item, trace) for item in node.items)
    if isinstance(node, Not):
        return not meets(node.item, trace)
    if isinstance(node, OneSpan):
        return any(span_meets(node.item, one, trace) for one in trace.spans)
    if isinstance(node, Text):
        named = node.text.lower() in trace.root.name.lower() or node.text == trace.trace_id
        return named or any(span_meets(node, one, trace) for one in trace.spans)
    found = _trace_says(node, trace)
    return found is not node.is_negative


def span_meets(node: Node, one: SpanRecord, trace: Told) -> bool:
    """What the query means for one span."""
    if isinstance(node, And):
        return all(span_meets(item, one, trace) for item in node.items)
    if isinstance(node, Or):
        return any(span_meets(item, one, trace) for item in node.items)
    if isinstance(node, Not):
        return not span_meets(node.item, one, trace)
    if isinstance(node, Text):
        return any(said(node, text) for text in (one.name, one.input, one.output) if text)
    assert isinstance(node, Term)
    if node.field == "has":
        return bool(span_values(*_named(node.key), one, trace)) is not node.is_negative
    values = span_values(node.field, node.key, one, trace)
    if node.field in {"input", "output"}:
        found = any(said(_as_text(test), text) for text in values for test in node.tests)
    elif node.field == "prompt":
        found = any(prompt(test, one) for test in node.tests)
    else:
        found = any(
            fits(value, test)
            for value in values
            for test in node.tests
            # Of scores a yes is 1; of attributes it is no number.
            if not (node.field == "attr" and _is_yes_beside_number(value, test))
        )
    return found is not node.is_negative


def _is_yes_beside_number(value: Any, test: Test) -> bool:
    return isinstance(value, bool) and isinstance(test, NumberTest)


def _trace_says(term: Term, trace: Told) -> bool:
    ended = any(one.end_ns is not None for one in trace.spans)
    of_trace: dict[str, Callable[[], list[Any]]] = {
        "latency": lambda: [_lasted(trace)] if ended else [],
        "cost": lambda: [_sum(trace, "cost_nano")] if _costs(trace) else [],
        "tokens": lambda: [_sum_tokens(trace)] if _metered(trace) else [],
        "tag": lambda: sorted({tag for one in trace.spans for tag in one.tags or ()}),
        "outcome": lambda: trace.outcomes + trace.session_outcomes,
        "score": lambda: _of_scores(trace.scores, term.key),
        "status": lambda: _statuses(trace),
        "feedback": lambda: [
            "up" if score["num"] == 1 else "down"
            for score in trace.scores
            if score["source"] == "user"
        ],
        "name": lambda: [trace.root.name],
        "error": lambda: [one for one in trace.spans if one.level == Level.ERROR],
    }
    for name in ("user", "session", "env", "release", "feature"):
        of_trace[name] = lambda name=name: _first(trace, name)
    name = _named(term.key)[0] if term.field == "has" else term.field
    key = _named(term.key)[1] if term.field == "has" else term.key
    if name in of_trace:
        values = of_trace[name]() if name != "score" else _of_scores(trace.scores, key)
        if term.field == "has":
            return bool(values)
        return any(fits(value, test) for value in values for test in term.tests)
    if term.field == "id" and any(fits(trace.trace_id, test) for test in term.tests):
        return True
    positive = Term(term.field, term.key, ":", term.tests, term.texts)
    return any(span_meets(positive, one, trace) for one in trace.spans)


def _first(trace: Told, name: str) -> list[Any]:
    """The value of the first span that says one."""
    return next((v for v in (span_values(name, "", o, trace) for o in trace.spans) if v), [])


def _named(key: str) -> tuple[str, str]:
    base, dot, rest = key.partition(".")
    return (base, rest) if dot and base in {"score", "attr"} else (key, "")


def span_values(name: str, key: str, one: SpanRecord, trace: Told) -> list[Any]:
    """What a span says of a field; nothing where it is unknown."""
    columns = {
        "name": one.name, "kind": Kind(one.kind).name.lower(), "feature": one.feature,
        "provider": one.provider, "prompt.version": one.prompt_version, "user": one.user_id,
        "session": one.session_id, "env": one.environment, "release": one.release,
        "ttft": one.ttft_us, "segment": one.user_segment, "index": one.index_name,
        "route": one.route, "key": None,
        "input": one.input, "output": one.output, "prompt": one.prompt_name,
        "cost": _cost(one), "error": one.level == Level.ERROR or None,
        "latency": None if one.end_ns is None else (one.end_ns - one.start_ns) // 1000,
        "dataset": (one.experiment or {}).get("dataset_id"),
    }  # fmt: skip
    if name in columns:
        return [] if columns[name] is None else [columns[name]]
    if name == "model":
        return [one.model or one.model_requested] if one.model or one.model_requested else []
    if name == "id":
        return [v for v in (one.span_id, one.trace_id, one.response_id) if v]
    if name == "tokens":
        known = [v for v in (getattr(one, name) for name in CLASSES) if v is not None]
        return [sum(known)] if known else []
    if name == "status":
        found = ["error"] if one.level == Level.ERROR else []
        found += ["running"] if one.end_ns is None else []
        return found or ["ok"]
    if name == "score":
        return _of_scores([s for s in trace.scores if s.get("span_id") == one.span_id], key)
    assert name == "attr", name
    found = one.attributes.get(key)
    if found is None and key == "deep.er":
        found = one.attributes.get("deep", {}).get("er")
    return [] if found is None else [found]


def _of_scores(scores: list[dict[str, Any]], name: str) -> list[Any]:
    """The values of the scores of that name, of any where there is none."""
    found: list[Any] = []
    for score in scores:
        if not name or score["name"] == name:
            value = score["label"] if "label" in score else score["num"]
            found.append(bool(value) if score["data_type"] == "boolean" else value)
    return found


def _statuses(trace: Told) -> list[str]:
    failed = any(one.level == Level.ERROR for one in trace.spans)
    is_open = any(one.end_ns is None for one in trace.spans)
    if failed:
        went_on = trace.root.level != Level.ERROR and trace.root.end_ns is not None
        return ["recovered" if went_on else "error"]
    return ["running" if is_open else "ok"]


def _lasted(trace: Told) -> int:
    first = min(one.start_ns or 0 for one in trace.spans)
    return (max(one.end_ns or one.start_ns or 0 for one in trace.spans) - first) // 1000


def _cost(one: SpanRecord) -> int | None:
    return None if one.cost_given is None else round(one.cost_given["total"] * 10**9)


def _costs(trace: Told) -> list[int]:
    return [cost for cost in map(_cost, trace.spans) if cost is not None]


def _sum(trace: Told, name: str) -> int:
    return sum(_costs(trace))


def _metered(trace: Told) -> list[int]:
    return [n for one in trace.spans for n in span_values("tokens", "", one, trace)]


def _sum_tokens(trace: Told) -> int:
    return sum(_metered(trace))


def prompt(test: Test, one: SpanRecord) -> bool:
    """A prompt is asked for by its name, or by name/version."""
    if one.prompt_name is None:
        return False
    if fits(one.prompt_name, test):
        return True
    name, slash, version = test.text.rpartition("/")
    return (
        bool(slash)
        and _like(one.prompt_name, name, test)
        and _like(one.prompt_version, version, test)
    )


def fits(value: Any, test: Test) -> bool:
    """Whether a known value meets a test."""
    if isinstance(test, NumberTest):
        if isinstance(value, bool):
            value = float(value)  # a yes of a score is 1
        return isinstance(value, int | float) and test.holds(value)
    if isinstance(value, bool):
        words = {"true": True, "yes": True, "false": False, "no": False, "1": True, "0": False}
        return words.get(test.text) is value
    if isinstance(value, int | float):
        number = re.fullmatch(r"(-?\d+(?:\.\d+)?)(%|k|M)?", test.text)
        if number is None:
            return False
        return value == float(number[1]) * {"%": 0.01, "k": 1e3, "M": 1e6, None: 1}[number[2]]
    return _like(value, test.text, test)


def _like(value: str, text: str, test: Test) -> bool:
    if not test.glob:
        return value == text
    return re.fullmatch(".*".join(map(re.escape, text.split("*"))), value) is not None


def _as_text(test: Test) -> Text:
    text = test.text
    if not test.glob:
        return Text(text)
    return Text(text.strip("*"), not text.startswith("*"), not text.endswith("*"))


def said(text: Text, where: str) -> bool:
    """The words stand in the text, whole but at an open end."""
    place = -1
    low, part = where.lower(), text.text.lower()
    while (place := low.find(part, place + 1)) >= 0:
        before, after = low[place - 1 : place], low[place + len(part) : place + len(part) + 1]
        starts = not text.opens or not part[0].isalnum() or not before.isalnum() or part > "\u3000"
        ends = not text.closes or not part[-1].isalnum() or not after.isalnum() or part > "\u3000"
        if starts and ends:
            return True
    return False
