"""What pairwise judges came to, in words: won, tied and lost, and the win rate with its range."""

from __future__ import annotations

from dataclasses import dataclass

from evals.models import Experiment
from evals.pages.pairing import Pairing, Reading
from evals.pages.wording import many, score
from evals.queries.measures import Measure
from evals.queries.pairs import Pairs
from evals.statistics.winning import LOSS, TIE, WIN, WinRate
from kit import figures
from kit.intervals import Interval

EVEN = 0.5  # the rate of answers that are as good as the others
WORDS = {WIN: "won", TIE: "tied", LOSS: "lost"}
TONES = {"better": "ok", "worse": "bad"}


@dataclass(frozen=True, slots=True)
class Wins:
    """`value` and `range` are those of the win rate; `counts` says what it is made of."""

    value: str
    range: str
    counts: str
    reading: Reading

    @property
    def tone(self) -> str:
        """Where the range leaves out one half there is one."""
        return TONES.get(self.reading, "")


def wins_of(pairs: Pairs) -> Wins:
    """One judge in one run."""
    value, between, reading = rate_words(pairs.rate)
    counts = f"{pairs.rate.wins:,} won, {pairs.rate.ties:,} tied, {pairs.rate.losses:,} lost"
    if pairs.lacking:
        counts += f", {many(pairs.lacking, 'answer')} without a counterpart"
    return Wins(value, between, counts, reading)


def rate_words(rate: WinRate) -> tuple[str, str, Reading]:
    """A win rate, its range, and how it reads."""
    if rate.rate is None or rate.low is None or rate.high is None:
        return figures.UNKNOWN, "", "none"
    between = f"{figures.percent(rate.low)} to {figures.percent(rate.high)}"
    reading: Reading = "better" if rate.low > EVEN else "worse" if rate.high < EVEN else "noise"
    return figures.percent(rate.rate), between, reading


def opponent_of(run: Experiment) -> str:
    """What the run's answers were compared with."""
    return f"against {run.baseline_label}" if run.baseline_label else "against what is expected"


def item_words(measure: Measure, mean: float | None) -> str:
    """An item's score: of a pair won, tied or lost where its repeats agree."""
    if measure.is_pairwise and mean in WORDS:
        return WORDS[mean]
    return score(mean)


def pairing_of(base: Experiment, run: Experiment, pairs: Pairs | None) -> Pairing:
    """A run against its baseline: an item that was won improved, a lost one regressed.

    The effect is the win rate less one half. Nothing where it was compared with something else.
    """
    if pairs is None or run.baseline_id != base.pk or not pairs.means:
        return Pairing(0, None, None, "none", True, None)
    rate = pairs.rate
    effect = None
    if rate.rate is not None and rate.low is not None and rate.high is not None:
        effect = Interval(rate.rate - EVEN, rate.low - EVEN, rate.high - EVEN)
    moves = {key: mean - EVEN for key, mean in pairs.means.items()}
    return Pairing(
        items=rate.items,
        effect=effect,
        detectable=None,
        reading=rate_words(rate)[2],
        is_small=False,  # its interval holds for few items
        p=None,
        moves=moves,
        improved=frozenset(key for key, one in moves.items() if one > 0),
        regressed=frozenset(key for key, one in moves.items() if one < 0),
    )
