"""What a rule would have said of the past: the backtest, decided as every look is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alerts.models import AlertRule
from alerts.queries.rule_figures import looks_of
from alerts.rules.deciding import Episode, Said, episodes, replay
from alerts.rules.windows import HOUR, MINUTE, WHOLE_HOURS_FROM, end_of
from traces.queries.patience import TimeUp

DAYS = 14
# What is tried in turn: so many days, within so many seconds of a statement.
_TRIES = ((14, 1.5), (3, 1.0))
_STEP = 10 * MINUTE


@dataclass(frozen=True)
class Backtest:
    """When it would have fired in the last `days` days, looking every `step`.

    `days` 0: there is too much traffic to look back.
    """

    days: int
    step: timedelta
    said: list[Said]
    episodes: list[Episode]

    @property
    def known(self) -> int:
        """Looks that had something to go by."""
        return sum(one.verdict != "unknown" for one in self.said)


def backtest(rule: AlertRule, now: datetime) -> Backtest:
    """The rule over the past, saved or not. Raises: ValueError where its scope cannot be read."""
    step = step_of(rule)
    for days, seconds in _TRIES:
        ends = ends_of(rule, end_of(now), timedelta(days=days))
        try:
            [looks] = looks_of([(rule, ends)], seconds=seconds)
        except TimeUp:
            continue
        said = list(replay(rule.terms, looks))
        return Backtest(days, step, said, episodes(rule.terms, said))
    return Backtest(0, step, [], [])


def step_of(rule: AlertRule) -> timedelta:
    """How far apart the looks are: no window is skipped, and long ones move by whole hours."""
    if rule.window_minutes >= WHOLE_HOURS_FROM:
        return max(rule.frame.every // HOUR, 1) * HOUR
    return min(_STEP, rule.window_minutes * MINUTE)


def ends_of(rule: AlertRule, end: datetime, reach: timedelta) -> list[datetime]:
    """When it looks, the oldest first, `end` the last."""
    step = step_of(rule)
    if step >= HOUR:
        end = end.astimezone(UTC).replace(minute=0)
    return [end - back * step for back in range(reach // step - 1, -1, -1)]
