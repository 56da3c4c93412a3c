"""Which keys get the candidate of a rollout: a stable hash, the same in every process and language.

The bucket of a key is the first 8 bytes of SHA-256 over UTF-8 of `salt`, `:` and the key, read
big-endian, modulo 10,000. A key has the candidate while its bucket is below the share in hundredths
of a percent, so that a growing share only ever adds keys. Each rollout has its own salt: who is
early in one is not early in all. `docs/splitting.md` has it for other languages, with test vectors.
"""

from __future__ import annotations

from hashlib import sha256

BUCKETS = 10_000


def bucket(salt: str, key: str) -> int:
    """0 to 9,999; even but for 2**64 modulo 10,000, which is one part in 10**15."""
    # A lone surrogate, which JSON can bring, has no UTF-8; it has a bucket all the same.
    text = f"{salt}:{key}".encode("utf-8", "surrogatepass")
    return int.from_bytes(sha256(text).digest()[:8], "big") % BUCKETS


def has_candidate(salt: str, key: str, share: int) -> bool:
    """True for `share` (of BUCKETS) of all keys; true stays true while the share grows."""
    return bucket(salt, key) < share
