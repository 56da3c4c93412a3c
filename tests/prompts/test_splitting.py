"""A key keeps its arm; a raised share moves keys to the candidate and none back."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.split import is_right, run
from prompts.splitting import BUCKETS, bucket, has_candidate

SHARES = st.integers(0, BUCKETS)
PAGE = Path(__file__).parents[2] / "docs" / "splitting.md"
VECTORS = [
    ("7d3f", "user-1", 7351),
    ("7d3f", "user-2", 245),
    ("a90c", "user-1", 7577),
    ("7d3f", "Zoë", 993),
    ("7d3f", "session:42", 4425),
]


@pytest.mark.parametrize(("salt", "key", "expected"), VECTORS)
def test_vectors_that_other_implementations_must_meet(salt: str, key: str, expected: int) -> None:
    assert bucket(salt, key) == expected
    assert int(sha256(f"{salt}:{key}".encode()).hexdigest()[:16], 16) % 10_000 == expected
    assert f"| `{salt}` | `{key}` | {expected:,} |" in PAGE.read_text()


@settings(max_examples=60, deadline=None)
@given(salt=st.uuids().map(lambda one: one.hex), key=st.text(max_size=40), one=SHARES, other=SHARES)
def test_raising_a_share_moves_no_key_back(salt: str, key: str, one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert has_candidate(salt, key, low) <= has_candidate(salt, key, high)
    assert has_candidate(salt, key, BUCKETS)
    assert not has_candidate(salt, key, 0)


def test_text_that_is_no_unicode_has_a_bucket() -> None:
    assert 0 <= bucket("7d3f", "\ud800") < BUCKETS


@pytest.mark.slow
def test_shares_are_met_and_rollouts_split_independently() -> None:
    """A slice of `make trial NAME=split`."""
    figures = run(keys=200_000, salts=3)
    assert is_right(figures), figures
    assert figures["moved_from_10_to_25"] == pytest.approx(30_000, abs=700)
