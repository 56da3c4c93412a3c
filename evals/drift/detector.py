"""The detector: a CUSUM on paired predictive z, with immediate reruns in the warning zone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt
from typing import Literal

from evals.drift.pin import Checked, check
from evals.drift.reference import Place, Reference, Sums, is_shared, place
from evals.drift.runs import BadRun, Run, Scale
from evals.drift.settings import Settings
from evals.drift.state import Alarm, State, Stretch, Waiting

Verdict = Literal["calibrating", "no verdict", "quiet", "warning", "alarm"]
Act = Literal["dismiss", "close"]
_MOST_WAITING = 30  # behind a low patch that neither alarms nor ends


@dataclass(frozen=True, slots=True)
class Step:
    """What one run came to. `raised` and `improved` are true on the run that found it."""

    verdict: Verdict
    place: Place | None = None
    raised: bool = False
    improved: bool = False
    wants_rerun: bool = False
    checked: Checked | None = None


def begin(items: int, scale: Scale | None = None, settings: Settings | None = None) -> State:
    """A series of so many items before its first run.

    Raises: BadRun.
    """
    if items < 1:
        raise BadRun("A series needs at least one item.")
    return State(scale or Scale(), settings or Settings(), items)


def feed(state: State, run: Run) -> tuple[State, Step]:
    """The state after one run more, and what the run came to.

    The first runs calibrate. Then S = max(0, S − z − k) for each run, an alarm above h; a run that
    leaves S in the warning zone wants a rerun at once, which is fed to the same S. While an alarm
    is open no second one is raised, no rerun is wanted and the reference stays.

    Source: E. S. Page, Biometrika 41 (1954); reruns: M. R. Reynolds, R. W. Amin, J. C. Arnold,
    CUSUM Charts With Variable Sampling Intervals, Technometrics 32 (1990); the growing reference:
    D. M. Hawkins, Self-starting Cusum Charts, The Statistician 36 (1987).

    Raises: BadRun for a run of other items, or of a day that is over.
    """
    if run.scores.size != state.items:
        raise BadRun(f"A run of this series has {state.items} items, not {run.scores.size}.")
    if state.day is not None and run.day < state.day:
        raise BadRun("A run must not be of an earlier day than the last one.")
    today = state.reruns_today if run.day == state.day else 0
    state = replace(
        state, day=run.day, reruns_today=today + run.is_rerun,
        runs=state.runs + (not run.is_rerun), reruns=state.reruns + run.is_rerun,
    )  # fmt: skip
    reference = state.reference
    if reference is None:
        return _calibrate(state, run)
    found = place(reference, run.scores, state.scale, state.settings)
    if found is None:
        state = replace(state, without_verdict=state.without_verdict + 1)
        return state, Step("no verdict", wants_rerun=wants_rerun(state))
    state = replace(state, recent=(*state.recent, run)[-state.settings.kept :])
    return _judge(state, reference, run, found)


def wants_rerun(state: State) -> bool:
    """Whether to run the set again at once: S is in the warning zone, and the day has room."""
    if state.reference is None or state.alarm is not None or state.low <= state.settings.warning:
        return False
    return state.reruns_today < reruns_allowed(state)


def reruns_allowed(state: State) -> int:
    """How many reruns a day may have: fewer where a day's runs share what disturbs them."""
    settings = state.settings
    if state.reference is not None and is_shared(state.reference, state.scale, settings):
        return min(settings.few_reruns, settings.reruns)
    return settings.reruns


def wants_repeat(state: State) -> bool:
    """Whether to run the set once more on this day, so that its baseline is there in a few days.

    What one day's runs share says nothing of others: so they are spread evenly over the days that
    a baseline needs at least, and not all made at once.
    """
    settings = state.settings
    if state.reference is not None or not state.recent:
        return False
    today = sum(run.day == state.day for run in state.recent)
    if not today:
        return False
    earlier = len({run.day for run in state.recent}) - 1
    left = max(settings.baseline_days - earlier, 1)
    missing = settings.baseline - (len(state.recent) - today)
    return today < min(ceil(missing / left), 1 + settings.reruns)


def dismiss(state: State) -> State:
    """After a person said that this is how it is now: the last ten runs are reference and pin.

    Where there are fewer of them than a baseline takes, the series calibrates anew, with them.
    """
    newest = state.recent[-state.settings.rebase :]
    if state.reference is None:
        return state
    reference = None
    if len(newest) >= state.settings.baseline:
        reference = Reference.of_runs([run.scores for run in newest])
    return replace(close(state), reference=reference, pin=reference, recent=newest)


def close(state: State) -> State:
    """After the cause is repaired: the reference is what it was, and all else begins anew."""
    return replace(
        state, low=0.0, high=0.0, falling=None, rising=None, alarm=None, improved=None, waiting=(),
        recent=(), checked=state.day,
    )  # fmt: skip


def recompute(
    items: int, events: Iterable[Run | Act], scale: Scale | None = None,
    settings: Settings | None = None,
) -> State:  # fmt: skip
    """The state after all runs of a history and what people did between them.

    Raises: BadRun.
    """
    state = begin(items, scale, settings)
    acts = {"dismiss": dismiss, "close": close}
    for event in events:
        state = feed(state, event)[0] if isinstance(event, Run) else acts[event](state)
    return state


def is_enough(runs: Sequence[Run], settings: Settings) -> bool:
    """Whether these make a baseline: enough of them, of enough days."""
    days = min(settings.baseline_days, settings.baseline)
    return len(runs) >= settings.baseline and len({run.day for run in runs}) >= days


def _calibrate(state: State, run: Run) -> tuple[State, Step]:
    present = int((run.scores == run.scores).sum())
    if present < state.settings.least_present * state.items:
        return replace(state, without_verdict=state.without_verdict + 1), Step("no verdict")
    recent = (*state.recent, run)
    state = replace(state, recent=recent)
    if is_enough(recent, state.settings):
        reference = Reference.of_runs([one.scores for one in recent])
        state = replace(state, reference=reference, pin=reference, checked=run.day)
    return state, Step("calibrating")


def _judge(state: State, reference: Reference, run: Run, found: Place) -> tuple[State, Step]:
    settings = state.settings
    z = min(max(found.z, -settings.clip), settings.clip)
    low = max(0.0, state.low - z - settings.allowance)
    high = max(0.0, state.high + z - settings.allowance)
    state = replace(
        state, low=low, high=high, falling=_stretched(state.falling, low, run),
        rising=_stretched(state.rising, high, run),
    )  # fmt: skip
    if state.alarm is not None:
        return _after_alarm(state, state.alarm, run, found)
    if low > settings.limit and state.falling is not None:
        began = sharpened(state.falling, state, reference)
        alarm = Alarm("drop", run.day, began, reference)
        return replace(state, alarm=alarm), Step("alarm", found, raised=True)
    state, improved = _improved(state)
    state = _grow(state, reference, run, found.z)
    checked = None
    wants = wants_rerun(state)
    if not run.is_rerun and state.pin is not None and state.checked is not None:
        # One run that fell far lowers the mean of the newest, too: whether it is a sudden drop its
        # reruns say first, and the comparison waits for a day without, but not for long.
        patience = settings.check_patience if wants else 0
        if run.day - state.checked >= settings.check_every + patience:
            checked = check(state.pin, state.recent, state.scale, settings)
            state = replace(state, checked=run.day)
        if checked is not None and checked.has_fallen:
            alarm = Alarm("decay", run.day, checked.stretch, state.pin or reference)
            return replace(state, alarm=alarm), Step("alarm", found, raised=True, checked=checked)
    verdict: Verdict = "warning" if low > settings.warning else "quiet"
    return state, Step(verdict, found, improved=improved, wants_rerun=wants, checked=checked)


def _stretched(before: Stretch | None, cusum: float, run: Run) -> Stretch | None:
    if cusum <= 0:
        return None
    if before is None:
        before = Stretch(run.day, 0, 0, Sums.nothing(run.scores.size))
    return Stretch(
        before.day, before.runs + 1, before.reruns + run.is_rerun, before.sums.plus(run.scores)
    )


def sharpened(stretch: Stretch, state: State, reference: Reference) -> Stretch:
    """The stretch from the run on that makes the drop most likely: no earlier than S was last 0.

    S may have been above 0 by chance for a day or two before the change. A longer stretch than the
    state holds runs of (a slow drop) is left as it is.

    Source: D. V. Hinkley, Biometrika 57 (1970): the start that maximises (Σ z)² / m.
    """
    if stretch.runs > len(state.recent):
        return stretch
    runs = state.recent[-stretch.runs :]
    found = [place(reference, one.scores, state.scale, state.settings) for one in runs]
    total, best, start = 0.0, -1.0, 0
    for at in range(len(runs) - 1, -1, -1):
        here = found[at]
        total += here.z if here else 0.0
        likely = total * total / (len(runs) - at)
        if total < 0 and likely > best:
            best, start = likely, at
    used = runs[start:]
    reruns = sum(one.is_rerun for one in used)
    return Stretch(used[0].day, len(used), reruns, Sums.of([one.scores for one in used]))


def _after_alarm(state: State, alarm: Alarm, run: Run, found: Place) -> tuple[State, Step]:
    """An open alarm goes on counting; S is held a step above the limit, so that it comes down."""
    recovered = alarm.recovered
    if recovered is None and state.low == 0:
        recovered = run.day
    grown = _stretched(alarm.stretch, 1.0, run) if recovered is None else alarm.stretch
    settings = state.settings
    alarm = replace(alarm, stretch=grown or alarm.stretch, recovered=recovered)
    low = min(state.low, settings.limit + settings.allowance)
    return replace(state, low=low, alarm=alarm), Step("alarm", found)


def _improved(state: State) -> tuple[State, bool]:
    """The mirrored CUSUM informs, and begins anew."""
    if state.high <= state.settings.limit:
        return state, False
    return replace(state, high=0.0, rising=None, improved=state.rising), True


def _grow(state: State, reference: Reference, run: Run, z: float) -> State:
    """A scheduled run waits for the next ones: it joins unless it is far out, or they are low."""
    settings = state.settings
    if run.is_rerun or reference.runs >= settings.most:
        return state
    waiting = (*state.waiting, Waiting(run, z))[-_MOST_WAITING:]
    if len(waiting) <= settings.lag:
        return replace(state, waiting=waiting)
    many, runs = reference.runs, len(waiting)
    mean = sum(one.z for one in waiting) / runs
    of_mean = mean * sqrt((1 + 1 / many) / (1 / runs + 1 / many))
    if of_mean <= settings.low_below:
        return replace(state, waiting=waiting)
    first = waiting[0]
    if abs(first.z) < settings.joins_below:
        reference = reference.joined(first.run.scores)
    return replace(state, waiting=waiting[1:], reference=reference)
