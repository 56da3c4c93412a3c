"""Intervals and sequential tests, from sums that add up: pure, with nothing but the math module.

What other apps may use of it is imported here. Sources stand in each module; ADR 0014 says why
these tests were chosen.
"""

from kit.intervals.clustering import KeySums, design_effect
from kit.intervals.counts import LEAST, Measure, too_early
from kit.intervals.effects import Effect
from kit.intervals.guards import Bin, Guard, Verdict, Watch, judge, judge_all
from kit.intervals.laws import normal_quantile, t_quantile
from kit.intervals.means import mean_difference, mean_interval, mean_ratio
from kit.intervals.planned import Outcome, Plan, decide, difference, plan, power_of
from kit.intervals.proportions import rate_difference, wilson
from kit.intervals.quantiles import Cell, quantile_interval
from kit.intervals.sums import NOTHING, Interval, Sums

__all__ = [
    "LEAST", "NOTHING", "Bin", "Cell", "Effect", "Guard", "Interval", "KeySums", "Measure",
    "Outcome", "Plan", "Sums", "Verdict", "Watch", "decide", "design_effect", "difference", "judge",
    "judge_all", "mean_difference", "mean_interval", "mean_ratio", "normal_quantile", "plan",
    "power_of", "quantile_interval", "rate_difference", "t_quantile", "too_early", "wilson",
]  # fmt: skip
