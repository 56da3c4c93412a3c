"""Count each call once: which of a trace's spans count, and why the others do not. Pure.

Frameworks repeat usage on enclosing spans, vendors' own clients send a second span for the call an
instrumentation already told, and a streamed answer may arrive as a span of its own. The result
depends on the set of spans alone, never on their order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import NamedTuple

from traces.digest.calls import Call, alike, same_response, twins, worth
from traces.ingest.record import KIND_NAMES


class Verdict(NamedTuple):
    """Whether a span counts; if not, why in words, and the span that counts instead, if one."""

    counts: bool
    reason: str = ""
    instead: str | None = None


_COUNTED = Verdict(True)
_NO_CALL = Verdict(False)
_NEVER = {
    kind: Verdict(False, f"Kind {name} calls no model itself; its usage repeats that of its calls")
    for kind, name in KIND_NAMES.items()
}
_STREAM = "The answer to this streamed request came as a log record, which has the usage"
_RESPONSE = "Another span tells the same response of the provider"
_TWIN = "Another instrumentation tells the same call: equal usage within the same time"
_SUM = "Its usage is that of the calls below it"
_HOLLOW = "It has no usage of its own; the call below it has"
_SILENT = "The call below it is the same one; neither has usage"


def count_once(calls: Collection[Call]) -> dict[str, Verdict]:
    """Return the verdict on each span of one trace, by its id.

    A span that could count yields only to one that says the same usage (or, saying none itself,
    to the one that does, or to one of the same model below it that says none either), and whatever
    it yields to counts: no call is lost.
    """
    return _Trace(calls).judged()


class _Trace:
    """The spans of one trace and the verdicts so far."""

    def __init__(self, calls: Iterable[Call]) -> None:
        # By id, so that a span given twice is one, whichever comes first.
        ordered = sorted(calls, key=lambda call: (call.start, -call.end, call.span_id, worth(call)))
        self.spans: dict[str, Call] = {}
        for call in ordered:
            self.spans.setdefault(call.span_id, call)
        self.calls = [call for call in self.spans.values() if call.may_count]
        self.verdicts = {
            call.span_id: _COUNTED
            if call.may_count
            else (_NEVER[call.kind] if call.has_usage or call.metered else _NO_CALL)
            for call in self.spans.values()
        }
        self.above = {call.span_id: self._above(call) for call in self.calls}
        self.below = self._below()
        self.inside = self._inside()

    def judged(self) -> dict[str, Verdict]:
        """Apply the rules, innermost first, and let every verdict name the span that counts."""
        self._streams()
        # Once before the twins, lest two calls at the same time be taken for one, and once after
        # them, when what an enclosing span repeats is there only once.
        self._enclosing()
        self._pairs(same_response, _RESPONSE, lambda call: call.response_id)
        self._pairs(twins, _TWIN, lambda call: call.sums if call.metered else None)
        self._enclosing()
        return {
            span_id: verdict
            if verdict.instead is None
            else verdict._replace(instead=self._last(verdict.instead))
            for span_id, verdict in self.verdicts.items()
        }

    def _counting(self) -> list[Call]:
        return [call for call in self.calls if self.verdicts[call.span_id].counts]

    def _last(self, span_id: str) -> str:
        """Return the span that counts in the end in place of another."""
        seen: set[str] = set()
        while span_id not in seen and (instead := self.verdicts[span_id].instead) is not None:
            seen.add(span_id)
            span_id = instead
        return span_id

    def _above(self, call: Call) -> tuple[str, ...]:
        """Return the ids above a span, nearest first; a missing parent or a circle ends the way."""
        found: list[str] = []
        parent = call.parent_span_id
        while parent in self.spans and parent not in found and parent != call.span_id:
            found.append(parent)
            parent = self.spans[parent].parent_span_id
        return tuple(found)

    def _below(self) -> dict[str, list[Call]]:
        """Return the nearest spans with usage below each span that could count."""
        found: dict[str, list[Call]] = {}
        could = {call.span_id: call for call in self.calls}
        for call in self.calls:
            if not call.metered:
                continue
            for above in self.above[call.span_id]:
                if above in could:
                    found.setdefault(above, []).append(call)
                    if could[above].metered:
                        break
        return found

    def _inside(self) -> dict[str, list[Call]]:
        """Return the nearest spans that could count below each, with usage or without."""
        found: dict[str, list[Call]] = {}
        could = {call.span_id for call in self.calls}
        for call in self.calls:
            nearest = next((above for above in self.above[call.span_id] if above in could), None)
            if nearest is not None:
                found.setdefault(nearest, []).append(call)
        return found

    def _streams(self) -> None:
        """Let a streamed request without usage yield to the log record that brings its answer."""
        for log in [call for call in self.calls if call.is_log and call.metered]:
            waiting = [
                call
                for call in self._counting()
                if not call.is_log
                and not call.metered
                and call.parent_span_id == log.parent_span_id
                and call.scope == log.scope
                and alike(call.model, log.model)
                and call.start <= log.start
            ]
            if waiting:
                # The last request sent before the answer that is not answered yet.
                request = max(waiting, key=lambda call: (call.start, call.end, call.span_id))
                self.verdicts[request.span_id] = Verdict(False, _STREAM, log.span_id)
                # The record is a moment; its call took from the request until then.
                self.spans[log.span_id] = replace(log, start=request.start)
        self.calls = [self.spans[call.span_id] for call in self.calls]

    def _pairs(
        self, same: Callable[[Call, Call], bool], reason: str, key: Callable[[Call], object]
    ) -> None:
        """Of spans that are one call to `same` keep the best; a scope tells a call only once.

        A span and one that encloses it are left to the rule about those.
        """
        groups: dict[object, list[Call]] = {}
        for call in self._counting():
            if (group := key(call)) is not None:
                groups.setdefault(group, []).append(call)
        for members in groups.values():
            ranked = sorted(members, key=worth) if len(members) > 1 else []
            for place, kept in enumerate(ranked):
                if not self.verdicts[kept.span_id].counts:
                    continue
                told = {kept.scope}
                for call in sorted(
                    ranked[place + 1 :], key=lambda it: (_apart(kept, it), worth(it))
                ):
                    if call.scope in told or not self.verdicts[call.span_id].counts:
                        continue
                    if self._related(kept, call) or not same(kept, call):
                        continue
                    told.add(call.scope)
                    self.verdicts[call.span_id] = Verdict(False, reason, kept.span_id)

    def _related(self, one: Call, other: Call) -> bool:
        return one.span_id in self.above[other.span_id] or other.span_id in self.above[one.span_id]

    def _enclosing(self) -> None:
        """Drop a span whose usage is the sum over the nearest spans with usage below it."""
        inwards = sorted(self._counting(), key=lambda call: -len(self.above[call.span_id]))
        for call in inwards:
            inner = self._told_below(call)
            if not inner:
                self._silent(call)
                continue
            instead = inner[0].span_id
            if not call.metered:
                like = [item for item in inner if item.kind == call.kind]
                if like and all(alike(item.model, call.model) for item in like):
                    self.verdicts[call.span_id] = Verdict(False, _HOLLOW, like[0].span_id)
            elif any(call.sums) and _total(inner) == call.sums:
                self.verdicts[call.span_id] = Verdict(False, _SUM, instead)

    def _silent(self, call: Call) -> None:
        """Drop a span without usage around a second word on the same call: it failed, mostly."""
        if call.metered:
            return
        for item in self.inside.get(call.span_id, ()):
            same = item.kind == call.kind and alike(item.model, call.model)
            last = self._last(item.span_id)
            if same and self.verdicts[last].counts:
                self.verdicts[call.span_id] = Verdict(False, _SILENT, last)
                return

    def _told_below(self, call: Call) -> list[Call]:
        """Return the nearest spans with usage below one, each call once.

        A span that yielded to another still tells that call, unless it is this very one.
        """
        found: dict[str, Call] = {}
        for item in self.below.get(call.span_id, ()):
            last = self._last(item.span_id)
            if last != call.span_id and self.verdicts[last].counts:
                found.setdefault(last, item)
        return list(found.values())


def _total(calls: list[Call]) -> tuple[int, int]:
    return sum(call.sums[0] for call in calls), sum(call.sums[1] for call in calls)


def _apart(one: Call, other: Call) -> int:
    return abs(one.start - other.start) + abs(one.end - other.end)
