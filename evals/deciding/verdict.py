"""The whole decision: one verdict, which is stored as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from evals.deciding import needs, telling
from evals.deciding.effects import Effect, Level, effect_of, level_of
from evals.deciding.guards import guarded, oriented
from evals.deciding.inputs import LEAST_COMMON, CannotDecide, Case, Metric
from evals.deciding.rule import State, decide, decide_bar, together
from evals.statistics.repeats import Components, components

MOST_UNDEFINED = 0.2  # of the items; above, the verdict says so


@dataclass(slots=True)
class Verdict:
    """What the gate says. `rows` are texts for the table, `summary` is a sentence or two.

    Keys of items are listed in the order of the scores. `needs` says what would decide.
    """

    state: State
    mode: str  # relative or absolute
    summary: str = ""
    primary: dict[str, Any] | None = None
    improved: list[str] = field(default_factory=list)
    regressed: list[str] = field(default_factory=list)
    same: int = 0
    to_pass: list[str] = field(default_factory=list)
    to_fail: list[str] = field(default_factory=list)
    guards: list[dict[str, Any]] = field(default_factory=list)
    slices: list[dict[str, Any]] = field(default_factory=list)
    advisory: list[dict[str, Any]] = field(default_factory=list)
    undefined: dict[str, int] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)
    needs: dict[str, Any] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that must hold: its state, why where it does not, and what would decide it."""

    state: State
    why: str
    wants: needs.Needs | None = None


def reckon(case: Case) -> dict[str, Any]:
    """The verdict on a case, as JSON has it.

    Passes where the primary metric, each slice and each guard do and the sample is large enough;
    fails where any of them does. Metrics that may not gate only inform.

    Raises: CannotDecide: too few items in common, or neither a version that serves nor a bar.
    """
    mode = "absolute" if case.old_items is None else "relative"
    found = Verdict("inconclusive", mode, items=_items(case), warnings=list(case.warnings))
    advisory = [one for one in case.others if one.role == "advisory" or not one.may_gate]
    guards = guarded(
        [one for one in case.others if one.role == "guard" and one.may_gate], case.measures
    )
    metric = case.primary
    if metric is not None and metric.may_gate:
        parts = _of_primary(found, case, metric)
    else:
        parts = [Part("inconclusive", "No metric decides.")]
        if metric is not None:
            advisory.insert(0, metric)
            parts = [Part("inconclusive", f"{metric.name} may not gate: {metric.why_not}")]
    parts += [Part(one.state, telling.why_guard(one)) for one in guards if one.state is not None]
    found.state = together(part.state for part in parts)
    found.reasons = [part.why for part in _gravest_first(parts)]
    wants = [part.wants for part in parts if part.wants is not None]
    n = found.primary["n"] if found.primary else found.items["common"]
    if found.state == "inconclusive":
        found.needs = telling.needs_told(wants, n, case.repeats)
    found.guards = [telling.guard_told(one) for one in guards]
    found.advisory = [telling.metric_told(one, effect_of(one)) for one in advisory]
    found.warnings += [
        f"{one.name} informs only: {one.why_not}" for one in advisory if not one.may_gate
    ]
    has_old = mode == "relative"
    if metric is not None and found.primary is not None:
        found.rows += telling.rows_of_primary(metric, found.primary, has_old=has_old)
        found.rows += [
            telling.row_of(
                one | {"name": f"Slice {one['name']} ({one['n']:,})"},
                result=telling.RESULTS[one["state"]],
            )
            for one in found.slices
            if one["decides"]
        ]
    found.rows += [telling.row_of_guard(one, has_old=has_old) for one in guards]
    found.rows += [
        telling.row_of(
            one | {"name": f"{one['name']} (informs only)"},
            result="" if one["may_gate"] else "warning",
        )
        for one in found.advisory
    ]
    if found.state == "pass" and found.primary is not None:
        found.summary = telling.summary_of_pass(found.primary, mode)
    else:
        found.summary = telling.summary_of_rest(found.reasons, found.needs)
    return asdict(found)


def _gravest_first(parts: list[Part]) -> list[Part]:
    """Those that do not pass: failures before what is undecided."""
    return sorted((one for one in parts if one.state != "pass"), key=lambda one: one.state)


def _items(case: Case) -> dict[str, int]:
    """How many items were answered. Raises: CannotDecide."""
    answered = set(case.new_items)
    planned = set(case.planned) | answered | set(case.old_items or ())
    by = ""
    if case.old_items is not None:
        answered &= set(case.old_items)
        by = " by both versions"
    if not planned:
        raise CannotDecide("There is no item to decide by.")
    if len(answered) < LEAST_COMMON * len(planned):
        raise CannotDecide(
            f"Only {len(answered):,} of {len(planned):,} items were answered{by}: a verdict needs "
            f"at least {LEAST_COMMON:.0%}."
        )
    return {"planned": len(planned), "common": len(answered)}


def _of_primary(found: Verdict, case: Case, metric: Metric) -> list[Part]:
    """Fill in the primary metric, and say what of it must hold."""
    if metric.old is None and metric.bar is None:
        raise CannotDecide(
            f"No version serves and {metric.name} has no bar, so there is nothing to decide by."
        )
    effect, level = effect_of(metric), level_of(metric.new)
    parts: list[Part] = []
    states: dict[str, State] = {}
    if metric.old is not None:
        states["change"] = decide(effect.interval, metric.margin)
        parts.append(_change_part(metric, effect, states["change"], case.repeats))
    if metric.bar is not None:
        own = oriented(level.interval, metric.sign)
        states["bar"] = decide_bar(own, metric.sign * metric.bar)
        parts.append(_bar_part(metric, level, states["bar"], case.repeats))
    if effect.n < case.smallest_sample:
        why = f"{effect.n:,} items, and at least {case.smallest_sample:,} are asked for."
        wants = needs.Needs(case.smallest_sample, None)
        parts.append(Part("inconclusive", why, wants))
    found.primary = telling.metric_told(metric, effect) | {
        "own": telling.interval_told(level.interval), "states": states, "margin": metric.margin,
    }  # fmt: skip
    found.improved, found.regressed = list(effect.improved), list(effect.regressed)
    found.same = effect.same if metric.old is not None else 0
    found.to_pass, found.to_fail = _flipped(metric)
    found.undefined = {"new": metric.new.undefined}
    if metric.old is not None:
        found.undefined["old"] = metric.old.undefined
    _warn(found, metric, effect)
    return parts + _of_slices(found, case, metric)


def _change_part(metric: Metric, effect: Effect, state: State, repeats: int) -> Part:
    wants = None
    if state == "inconclusive" and effect.interval is not None:
        gap = needs.gap_of(effect.interval, metric.margin)
        wants = needs.needed(effect.interval, gap, effect.n, _components(metric), repeats)
    return Part(state, telling.why_change(metric, effect, state), wants)


def _bar_part(metric: Metric, level: Level, state: State, repeats: int) -> Part:
    wants = None
    if state == "inconclusive" and level.interval is not None and metric.bar is not None:
        gap = abs(level.interval.value - metric.bar)
        wants = needs.needed(level.interval, gap, level.n, None, repeats)
    return Part(state, telling.why_bar(metric, level.interval, state), wants)


def _warn(found: Verdict, metric: Metric, effect: Effect) -> None:
    if effect.is_small and effect.method in ("bootstrap", "wilson"):
        changed = len(effect.improved) + len(effect.regressed)
        told = f"{effect.n:,} items" + (f", {changed:,} changed" if metric.old else "")
        law = "the bootstrap" if effect.method == "bootstrap" else "Wilson's score"
        found.warnings.append(f"Small sample ({told}): the interval is by {law}.")
    if effect.warning:
        found.warnings.append(effect.warning)
    undefined = max(found.undefined.values(), default=0)
    if undefined > MOST_UNDEFINED * max(effect.n, 1):
        found.warnings.append(
            f"{metric.name} is undefined for {undefined:,} answers, which are counted apart."
        )


def _of_slices(found: Verdict, case: Case, metric: Metric) -> list[Part]:
    """Slices that must hold by themselves decide; the others are told."""
    names = dict.fromkeys([*case.slices, *sorted({one for one in metric.new.slices if one})])
    of = list(zip(metric.new.keys, metric.new.slices, strict=True))
    parts = []
    for name in names:
        effect = effect_of(metric, tuple(key for key, slice_ in of if slice_ == name))
        state: State = "inconclusive"
        if metric.old is not None:
            state = decide(effect.interval, metric.margin)
        elif metric.bar is not None:
            state = decide_bar(oriented(effect.interval, metric.sign), metric.sign * metric.bar)
        is_asked = name in case.slices
        if is_asked:
            parts.append(Part(state, telling.why_slice(name, metric, effect, state)))
        told = telling.metric_told(metric, effect)
        wanted = ("n", "old", "new", "change", "interval", "p", "improved", "regressed")
        found.slices.append(
            {"name": name, "state": state, "decides": is_asked} | {key: told[key] for key in wanted}
        )
    return parts


def _components(metric: Metric) -> Components | None:
    """Variances between and within items."""
    if metric.old is None:
        return None
    old = dict(zip(metric.old.keys, metric.old.values, strict=True))
    both = [
        (old[key], values)
        for key, values in zip(metric.new.keys, metric.new.values, strict=True)
        if values and old.get(key)
    ]
    return components([before for before, _ in both], [after for _, after in both])


def _flipped(metric: Metric) -> tuple[list[str], list[str]]:
    """Items that at least half of the repeats pass now and did not before, and the reverse."""
    if metric.old_passes is None or metric.new_passes is None:
        return [], []
    before, after = metric.old_passes.means(), metric.new_passes.means()
    common = [key for key in metric.new_passes.keys if key in before and key in after]
    return (
        [key for key in common if before[key] < 0.5 <= after[key]],
        [key for key in common if after[key] < 0.5 <= before[key]],
    )
