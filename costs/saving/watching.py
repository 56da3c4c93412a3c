"""Calls looked at one after the other, in the order of their time; of texts only hashes stay."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from costs.saving.chunks import used_by_rank
from costs.saving.facts import (
    MOST_SAMPLE,
    MOST_TOP,
    Facts,
    Key,
    Repeated,
    Sampled,
    added_ranks,
)
from costs.saving.texts import (
    MOST_TEXT,
    cacheable,
    common_lines,
    common_prefix,
    digest_of,
    lines_of,
)

LIFETIME = 300  # seconds that a cached beginning lives after it was used
REMEMBERED = 8  # calls before it that a call is compared with
MOST_KEYS = 200
POOR = 0.5  # a call that read less than half of what it could is an example


@dataclass(frozen=True)
class Call:
    """One call of a model. `at` in seconds, `cost` in nano-dollars or None; `text` its input."""

    at: float
    trace: str
    feature: str
    model: str
    prompt: str
    provider: str
    cost: int | None
    into: int  # input tokens of all classes
    cached: int
    written: int
    out: int
    text: str

    @property
    def key(self) -> Key:
        """Whose it is."""
        return Key(self.feature, self.model, self.prompt)


@dataclass
class _Before:
    at: float
    text: str
    lines: frozenset[int]


class Watch:
    """Sees the calls of one day. `facts` has what they say, by key."""

    def __init__(self, seed: int = 0) -> None:
        self.facts: dict[Key, Facts] = {}
        self._seen: dict[str, Repeated] = {}
        self._of: dict[str, Key] = {}
        self._before: dict[Key, deque[_Before]] = {}
        self.calls: dict[str, tuple[Key, int, int]] = {}  # of a trace, its last: key, tokens, text
        self._chance = Random(seed)  # noqa: S311  (no secret)

    def gap(self) -> None:
        """Calls were left out here: what comes next has nothing before it."""
        self._before.clear()

    def see(self, call: Call) -> None:
        """Take a call in."""
        facts = self.facts.get(call.key)
        if facts is None:
            if len(self.facts) >= MOST_KEYS:
                return
            facts = self.facts[call.key] = Facts(provider=call.provider)
        facts.calls += 1
        facts.cost += call.cost or 0
        facts.into += call.into
        facts.cached += call.cached
        facts.written += call.written
        facts.out += call.out
        self._sample(facts, call)
        if call.text:
            self.calls[call.trace] = (call.key, call.into, len(call.text))
            self._repeat(facts, call)
            self._prefix(facts, call)

    def retrieved(self, trace: str, chunks: Sequence[str], answer: str) -> None:
        """What was retrieved for the last call of a trace, and what was answered."""
        known = self.calls.get(trace)
        if known is None:
            return
        key, into, length = known
        facts = self.facts[key]
        ranks = [
            [1, used, min(size, length) * into // length if length else 0]
            for used, size in used_by_rank(chunks, answer)
        ]
        facts.ranks = added_ranks(facts.ranks, ranks)
        if len(facts.retrieved) < MOST_TOP:
            facts.retrieved.append(trace)

    def finish(self) -> dict[Key, Facts]:
        """The facts, with the dearest repeats of each key."""
        by_key: dict[Key, list[Repeated]] = {}
        for digest, one in self._seen.items():
            if one.times > 1:
                by_key.setdefault(self._of[digest], []).append(one)
        for key, found in by_key.items():
            found.sort(key=lambda one: (-one.cost, -one.times))
            self.facts[key].top = found[:MOST_TOP]
        return self.facts

    def _sample(self, facts: Facts, call: Call) -> None:
        cost = -1 if call.cost is None else call.cost
        one = Sampled(call.into, call.cached, call.out, cost, call.trace)
        if len(facts.sample) < MOST_SAMPLE:
            facts.sample.append(one)
        elif (place := self._chance.randrange(facts.calls)) < MOST_SAMPLE:
            facts.sample[place] = one

    def _repeat(self, facts: Facts, call: Call) -> None:
        digest = digest_of(call.model, call.text)
        known = self._seen.get(digest)
        if known is None:
            self._seen[digest] = Repeated(digest, 1, 0, call.trace)
            self._of[digest] = call.key
            return
        facts.repeats += 1
        facts.repeat_cost += call.cost or 0
        self._seen[digest] = known._replace(
            times=known.times + 1, cost=known.cost + (call.cost or 0)
        )

    def _prefix(self, facts: Facts, call: Call) -> None:
        text = call.text[:MOST_TEXT]
        before = self._before.setdefault(call.key, deque(maxlen=REMEMBERED))
        live = [one for one in before if call.at - one.at <= LIFETIME]
        lines = lines_of(text)
        if live:
            facts.followed += 1
            begun = max(common_prefix(text, one.text) for one in live)
            prefix = cacheable(begun, text, call.into)
            same = max(common_lines(text, one.lines) for one in live)
            shared = max(prefix, cacheable(same, text, call.into))
            facts.prefix += prefix
            facts.missed += max(0, prefix - call.cached)
            facts.unshared += max(0, shared - call.cached)
            is_poor = max(prefix, shared) and call.cached < POOR * max(prefix, shared)
            if is_poor and len(facts.poorly_cached) < MOST_TOP:
                facts.poorly_cached.append(call.trace)
        else:
            facts.first += 1
        before.append(_Before(call.at, text, lines))
