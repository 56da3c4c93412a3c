"""Usage records sent as one object: additive buckets, or a provider's own usage. Pure.

Langfuse's `usage_details` is either; a provider's own record arrives also elsewhere.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from traces.ingest.dialects.fields import count, mapping


class Usage(NamedTuple):
    """Counts by the fields of `usage.Counts`, and parts of a class by their own names.

    A part is named after the class it belongs to: `in_cache_write_1h` is a part of
    `in_cache_write`, any other `in_…` of `in_uncached`, `out_…` of `out_text`.
    """

    counts: dict[str, int]
    details: dict[str, int]


# Bucket names -> field of Counts. All of these stand beside `input`, not within it.
_CACHED = frozenset(
    {
        "input_cached_tokens",
        "input_cached",
        "input_cache_read",
        "cache_read_input_tokens",
        "input_cache_read_input_tokens",
        "input_cached_content",
        "cached_tokens",
        "cache_read",
    }
)
_WRITTEN = frozenset(
    {
        "cache_creation_input_tokens",
        "input_cache_creation",
        "input_cache_creation_input_tokens",
        "input_cache_write",
        "cache_write_input_tokens",
        "input_cache_creation_tokens",
        "cache_creation",
    }
)
_WRITTEN_PARTS = {
    "input_cache_creation_5m": "5m",
    "input_cache_write_5m": "5m",
    "input_ephemeral_5m_input_tokens": "5m",
    "ephemeral_5m_input_tokens": "5m",
    "input_cache_creation_1h": "1h",
    "input_cache_write_1h": "1h",
    "input_ephemeral_1h_input_tokens": "1h",
    "ephemeral_1h_input_tokens": "1h",
}
_AUDIO_IN = frozenset({"input_audio_tokens", "input_audio"})
_REASONING = frozenset({"output_reasoning_tokens", "output_reasoning", "reasoning_tokens"})
_AUDIO_OUT = frozenset({"output_audio_tokens", "output_audio"})
_PLAIN = frozenset({"input", "output", "total", "input_tokens", "output_tokens", "total_tokens"})
# Parts that the provider counts within `input` or `output` and bills like them.
_NO_CLASS = frozenset(
    {
        "input_text_tokens",
        "input_text",
        "output_text_tokens",
        "output_text",
        "output_accepted_prediction_tokens",
        "output_rejected_prediction_tokens",
    }
)


def usage_of(value: Any) -> Usage | None:
    """Return the usage an object (or its JSON text) tells; None where it tells none."""
    record = mapping(value)
    if record is None:
        return None
    if "prompt_tokens" in record or "completion_tokens" in record:
        return _openai(record, "prompt_tokens", "completion_tokens")
    if any(f"{side}_tokens_details" in record for side in ("input", "output")):
        return _openai(record, "input_tokens", "output_tokens")
    if "prompt_token_count" in record or "candidates_token_count" in record:
        return _google(record)
    return _buckets(record)


def _openai(record: dict[str, Any], given: str, answered: str) -> Usage | None:
    """Return an OpenAI usage object: the details are within the totals."""
    before = _inner(record, f"{given}_details")
    after = _inner(record, f"{answered}_details")
    cached = before.get("cached_tokens")
    if cached is None:
        cached = record.get("cache_read_input_tokens")  # litellm, for Anthropic
    written = before.get("cache_write_tokens", before.get("cache_creation_tokens"))
    if written is None:
        written = record.get("cache_creation_input_tokens")
    details = {"in_image": before.get("image_tokens"), "out_image": after.get("image_tokens")}
    return _usage(
        {
            "input_total": record.get(given),
            "output_total": record.get(answered),
            "total": record.get("total_tokens"),
            "cached": cached,
            "cache_write": written,
            "input_audio": before.get("audio_tokens"),
            "reasoning": after.get("reasoning_tokens"),
            "output_audio": after.get("audio_tokens"),
        },
        details,
    )


def _google(record: dict[str, Any]) -> Usage | None:
    """Return a Gemini usage object: cached within the prompt, thoughts beside the candidates."""
    thoughts = count(record.get("thoughts_token_count"))
    answered = count(record.get("candidates_token_count"))
    output = None if answered is None and thoughts is None else (answered or 0) + (thoughts or 0)
    return _usage(
        {
            "input_total": record.get("prompt_token_count"),
            "output_total": output,
            "cached": record.get("cached_content_token_count"),
            "reasoning": thoughts,
        },
        {},
    )


def _inner(record: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a nested object, also where its keys were joined with a dot."""
    inner = record.get(name)
    if isinstance(inner, dict):
        return inner
    start = f"{name}."
    return {key[len(start) :]: item for key, item in record.items() if key.startswith(start)}


def _buckets(record: dict[str, Any]) -> Usage | None:
    """Return additive buckets as inclusive counts."""
    sent = {name: number for name, value in record.items() if (number := count(value)) is not None}
    if not any(name in _PLAIN or name.startswith(("input_", "output_")) for name in sent):
        return None
    parts = dict.fromkeys(("5m", "1h"), 0)
    sums = {"cached": 0, "cache_write": 0, "input_audio": 0, "reasoning": 0, "output_audio": 0}
    others_in = others_out = 0
    details: dict[str, int] = {}
    for name, number in sent.items():
        if name in _PLAIN or name in _NO_CLASS or number <= 0:
            continue
        if name in _WRITTEN_PARTS:
            parts[_WRITTEN_PARTS[name]] += number
        elif field := _field(name):
            sums[field] += number
        elif name.startswith("input_"):
            details["in_" + _short(name, "input_")] = number
            others_in += number
        elif name.startswith("output_"):
            details["out_" + _short(name, "output_")] = number
            others_out += number
    split = sum(parts.values())
    if split != sums["cache_write"]:  # else the same tokens under both names
        sums["cache_write"] += split
    details.update({f"in_cache_write_{term}": number for term, number in parts.items()})

    given = sent.get("input", sent.get("input_tokens"))
    answered = sent.get("output", sent.get("output_tokens"))
    total = sent.get("total", sent.get("total_tokens"))
    before = sums["cached"] + sums["cache_write"] + sums["input_audio"] + others_in
    after = sums["reasoning"] + sums["output_audio"] + others_out
    before_apart, after_apart = _apart(given, answered, total, before, after)
    if given is None and before and (total is None or answered is not None):
        given = 0
    if given is not None and before_apart:
        given += before
    if answered is None and after:
        answered = 0
    if answered is not None and after_apart:
        answered += after
    counts = {"input_total": given, "output_total": answered, **sums}
    if given is None or answered is None:
        counts["total"] = total
    return _usage(counts, details)


def _apart(
    given: int | None, answered: int | None, total: int | None, before: int, after: int
) -> tuple[bool, bool]:
    """Return whether the parts stand beside input, and beside output: the total tells, if any."""
    if total is not None:
        base = (given or 0) + (answered or 0)
        for before_apart, after_apart in ((True, True), (True, False), (False, True)):
            if base + before * before_apart + after * after_apart == total:
                return before_apart, after_apart
        if base == total and before <= (given or 0) and after <= (answered or 0):
            return False, False
    return True, True


def _field(name: str) -> str | None:
    for names, field in (
        (_CACHED, "cached"),
        (_WRITTEN, "cache_write"),
        (_AUDIO_IN, "input_audio"),
        (_REASONING, "reasoning"),
        (_AUDIO_OUT, "output_audio"),
    ):
        if name in names:
            return field
    return None


def _short(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).removesuffix("_tokens")


def _usage(counts: dict[str, Any], details: dict[str, Any]) -> Usage | None:
    known = {name: number for name, value in counts.items() if (number := count(value)) is not None}
    if not known:
        return None
    parts = {name: number for name, value in details.items() if (number := count(value) or 0) > 0}
    return Usage(known, parts)
