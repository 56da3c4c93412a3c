"""The range of a page in whole hours, and the one that it is compared with."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from kit.figures import instant
from traces.queries.usage import Scope, hour_of
from traces.values.ranges import BadRange, parse_range
from traces.views.scoped import PageScope

HOUR = timedelta(hours=1)
_SHIFTS = {"7d": ("a week earlier", 7), "30d": ("30 days earlier", 30)}


class Compared:
    """The range of the page in whole hours, and the one that it is compared with."""

    def __init__(self, project_id: int, scope: PageScope, vs: str) -> None:
        end = scope.range.until or timezone.now()
        until = hour_of(end)
        until = until if until == end else until + HOUR
        self.scope = Scope(project_id, hour_of(scope.range.since), until, scope.env)
        self.complaint = ""
        self.vs = vs
        self.before, self.words = self._before(vs)

    @property
    def t(self) -> str:
        """The range as links to lists carry it, so that they hold what was counted."""
        return f"{instant(self.scope.since)}..{instant(self.scope.until)}"

    def _before(self, vs: str) -> tuple[Scope | None, str]:
        scope, length = self.scope, self.scope.until - self.scope.since
        if vs == "none":
            return None, ""
        shift, words = length, "the period before"
        if vs in _SHIFTS:
            words, days = _SHIFTS[vs]
            shift = timedelta(days=days)
        elif vs:
            try:
                other = parse_range(vs)
                if other.until is None:
                    raise BadRange("Compare with 7d, 30d, none, or from..to in ISO 8601.")
            except BadRange as bad:
                self.complaint = str(bad)
            else:
                low = hour_of(other.since)
                high = max(hour_of(other.until), low + HOUR)
                given = Scope(scope.project_id, low, high, scope.environment)
                return given, "the range chosen"
        before = Scope(
            scope.project_id, scope.since - shift, scope.until - shift, scope.environment
        )
        return before, words
