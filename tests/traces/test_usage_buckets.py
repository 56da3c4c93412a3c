"""Usage objects of every convention become counts that add up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.ingest.canonical.buckets import usage_of
from traces.ingest.canonical.usage import Classes, Counts, classes


def split(usage: Any) -> Classes:
    found = usage_of(usage)
    assert found is not None
    return classes(Counts(**found.counts))


_N = None
CELLS: list[tuple[dict[str, Any], tuple[int | None, ...]]] = [
    # uncached, cached, written, audio | text, reasoning, audio
    ({"input": 12, "output": 1}, (12, _N, _N, _N, 1, _N, _N)),
    ({"input": 18}, (18, _N, _N, _N, _N, _N, _N)),
    ({"total": 50}, (50, _N, _N, _N, _N, _N, _N)),
    (
        {"input": 56, "output": 30, "input_cached_tokens": 64, "output_reasoning_tokens": 8},
        (56, 64, _N, _N, 30, 8, _N),
    ),
    (
        {"input": 56, "output": 30, "input_cache_read": 64, "output_reasoning": 8, "total": 158},
        (56, 64, _N, _N, 30, 8, _N),
    ),
    # The total says that reasoning is within the output …
    ({"input": 10, "output": 30, "output_reasoning": 8, "total": 40}, (10, _N, _N, _N, 22, 8, _N)),
    # … that the cached tokens are within the input.
    (
        {"input": 120, "output": 30, "cache_read_input_tokens": 64, "total": 150},
        (56, 64, _N, _N, 30, _N, _N),
    ),
    (
        {
            "input": 20,
            "output": 11,
            "cache_read_input_tokens": 100,
            "cache_creation_input_tokens": 40,
        },
        (20, 100, 40, _N, 11, _N, _N),
    ),
    (
        {"input_tokens": 20, "output_tokens": 11, "cache_read_input_tokens": 100},
        (20, 100, _N, _N, 11, _N, _N),
    ),
    (
        {"input": 5, "output": 1, "input_cache_creation": 40, "input_cache_creation_5m": 40},
        (5, _N, 40, _N, 1, _N, _N),
    ),
    ({"input": 5, "input_cache_creation_1h": 7}, (5, _N, 7, _N, _N, _N, _N)),
    ({"input": 5, "output": 1, "input_audio": 3, "output_audio": 2}, (5, _N, _N, 3, 1, _N, 2)),
    ({"input": 5, "output": 1, "input_pages": 3, "output_frames": 2}, (8, _N, _N, _N, 3, _N, _N)),
    (
        {
            "prompt_tokens": 120,
            "completion_tokens": 30,
            "total_tokens": 150,
            "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 8},
        },
        (56, 64, _N, _N, 22, 8, _N),
    ),
    (
        {"prompt_tokens": 120, "completion_tokens": 30, "prompt_tokens_details.cached_tokens": 64},
        (56, 64, _N, _N, 30, _N, _N),
    ),
    (
        {
            "input_tokens": 345,
            "output_tokens": 77,
            "input_tokens_details": {"cached_tokens": 256},
            "output_tokens_details": {"reasoning_tokens": 32},
        },
        (89, 256, _N, _N, 45, 32, _N),
    ),
    (
        {"prompt_token_count": 10, "candidates_token_count": 4, "thoughts_token_count": 6},
        (10, _N, _N, _N, 4, 6, _N),
    ),
]


@pytest.mark.parametrize(("usage", "expected"), CELLS)
def test_a_convention(usage: dict[str, Any], expected: tuple[int | None, ...]) -> None:
    assert split(usage) == Classes(*expected)


def test_parts_of_a_class_keep_their_names() -> None:
    found = usage_of({"input": 5, "input_cache_creation_5m": 3, "input_pages": 2, "output_x": 0})
    assert found is not None
    assert found.details == {"in_cache_write_5m": 3, "in_pages": 2}


@pytest.mark.parametrize("nothing", [None, "", "{}", "[]", 5, {"images": 2}, {"input": "x"}])
def test_what_is_no_usage_says_none(nothing: Any) -> None:
    assert usage_of(nothing) is None


_COUNTS = st.dictionaries(
    st.sampled_from(sorted({key for usage, _ in CELLS[:13] for key in usage} - {"total"})),
    st.integers(0, 10_000),
    min_size=1,
)


@given(_COUNTS)
def test_additive_buckets_lose_no_token(usage: dict[str, int]) -> None:
    if usage_of(usage) is None:
        return
    if "input_cache_creation_5m" in usage or "input_tokens" in usage or "output_tokens" in usage:
        return
    assert sum(count or 0 for count in split(usage)) == sum(usage.values()) - _doubled(usage)


def _doubled(usage: dict[str, int]) -> int:
    """The tokens of a split that stand under both names."""
    terms = usage.get("input_cache_creation_1h", 0)
    whole = usage.get("input_cache_creation", 0) + usage.get("cache_creation_input_tokens", 0)
    return terms if terms and terms == whole else 0


@given(st.dictionaries(st.text(max_size=20), st.integers() | st.none() | st.text(max_size=5)))
def test_no_object_breaks_it(usage: dict[str, Any]) -> None:
    usage_of(usage)
