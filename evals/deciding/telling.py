"""A verdict told: figures as JSON, rows of a table as texts, and sentences."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from evals.deciding import words
from evals.deciding.effects import Effect
from evals.deciding.guards import Guarded, oriented
from evals.deciding.inputs import Metric
from evals.deciding.needs import Needs
from evals.deciding.rule import State, together
from kit.intervals import Interval

RESULTS = {"pass": "pass", "fail": "fail", "inconclusive": "warning"}
Row = dict[str, str]


def metric_told(metric: Metric, effect: Effect) -> dict[str, Any]:
    """A metric's figures in its own units: `change` and `interval` are new less old."""
    change, found = natural(metric, effect)
    return {
        "name": metric.name, "n": effect.n, "old": effect.old, "new": effect.new,
        "change": change, "interval": interval_told(found),
        "method": effect.method, "error": effect.error, "p": effect.p,
        "p_method": effect.p_method, "mde": effect.mde, "clusters": effect.clusters,
        "is_small": effect.is_small, "bar": metric.bar, "direction": metric.direction,
        "may_gate": metric.may_gate, "why_not": metric.why_not,
        "improved": len(effect.improved), "regressed": len(effect.regressed),
    }  # fmt: skip


def natural(metric: Metric, effect: Effect) -> tuple[float | None, Interval | None]:
    """The effect as new less old, whichever is better; of the new alone where nothing serves."""
    if effect.change is None:
        return None, effect.interval
    return metric.sign * effect.change, oriented(effect.interval, metric.sign)


def guard_told(one: Guarded) -> dict[str, Any]:
    """A guard's figures."""
    told = asdict(one)
    told["change"] = one.change.value if one.change else None
    told["interval"] = interval_told(one.change)
    told["own"] = interval_told(one.own)
    return told


def interval_told(found: Interval | None) -> list[float] | None:
    """Both ends."""
    return [found.low, found.high] if found else None


def why_change(metric: Metric, effect: Effect, state: State) -> str:
    """Why the change alone does not pass."""
    change, found = natural(metric, effect)
    if found is None:
        return f"{metric.name}: too few items for an interval."
    told = f"{words.signed(change)} ({words.span(found)})"
    if state == "fail":
        return f"{metric.name} is worse: {told}."
    return f"{metric.name} may be worse by {words.number(metric.margin)} or more: {told}."


def why_bar(metric: Metric, found: Interval | None, state: State) -> str:
    """Why the bar is not known to be reached."""
    side = "at least" if metric.direction == "at_least" else "at most"
    told = f"{words.number(found.value)} ({words.span(found, words.number)})" if found else "–"
    verb = "misses" if state == "fail" else "may miss"
    return f"{metric.name} {verb} its bar of {side} {words.number(metric.bar)}: {told}."


def why_slice(name: str, metric: Metric, effect: Effect, state: State) -> str:
    """Why a slice does not hold by itself."""
    if not effect.n:
        return f"No item of the slice {name} has a score."
    said = "is worse" if state == "fail" else "may be worse"
    tell = words.number if effect.change is None else words.signed
    found = natural(metric, effect)[1]
    return f"The slice {name} {said}: {words.span(found, tell)} over {effect.n:,} items."


def why_guard(one: Guarded) -> str:
    """Why a guard does not hold."""
    if one.why:
        return one.why
    if one.change is None:
        return f"{one.name} is not known to keep its limit: {words.level(one, one.new)}."
    said = "is worse" if one.state == "fail" else "may be worse than allowed"
    return f"{one.name} {said}: {words.change(one)}."


def needs_told(wants: list[Needs], n: int, repeats: int) -> dict[str, Any]:
    """The most that any undecided part needs, with a sentence; {} where nothing is undecided."""
    if not wants:
        return {}
    items = [want.items for want in wants if want.items is not None]
    most = max(items) if len(items) == len(wants) else None
    times = wants[0].repeats if len(wants) == 1 else None
    if most is None:
        text = "The effect lies where no number of items would decide."
    else:
        text = f"About {most:,} items would decide ({most - n:,} more)"
        text += f", or {times} repeats of each instead of {repeats}" if times else ""
        text += ", if the effect stays what it seems."
    more = None if most is None else most - n
    return {"items": most, "more_items": more, "repeats": times, "text": text}


def row_of(told: dict[str, Any], *, bar: str = "", result: str = "") -> Row:
    """The row of a metric or a slice."""
    ends, change = told["interval"], told["change"]
    tell = words.number if change is None else words.signed
    span = f"({words.span(Interval(change or 0.0, *ends), tell)})" if ends else ""
    return {
        "name": told["name"],
        "old": "" if told["old"] is None else words.number(told["old"]),
        "new": words.number(told["new"]),
        "change": span if change is None else f"{words.signed(change)} {span}".strip(),
        "bar": bar,
        "result": result,
    }


def row_of_guard(guard: Guarded, *, has_old: bool) -> Row:
    """The row of a guard."""
    return {
        "name": guard.name,
        "old": words.level(guard, guard.old) if has_old else "",
        "new": words.level(guard, guard.new),
        "change": words.change(guard) if has_old else "",
        "bar": words.allowed(guard, has_old=has_old),
        "result": RESULTS[guard.state] if guard.state else "",
    }


def rows_of_primary(metric: Metric, told: dict[str, Any], *, has_old: bool) -> list[Row]:
    """What decides, and how many items became worse."""
    state = together(told["states"].values())
    bar = words.bar_of(metric, with_margin=has_old)
    rows = [row_of(told, bar=bar, result=RESULTS[state])]
    if has_old:
        changed = f"{told['regressed']:,} of {told['n']:,}"
        better = f"{told['improved']:,} improved"
        rows.append(
            {"name": "Regressed items", "old": "", "new": changed, "change": better}
            | {"bar": "", "result": ""}
        )
    return rows


def summary_of_pass(told: dict[str, Any], mode: str) -> str:
    """What a pass rests on."""
    n, name, new = told["n"], told["name"], words.number(told["new"])
    if mode == "absolute":
        own = told["own"] or [None, None]
        side = "at least" if told["direction"] == "at_least" else "at most"
        bound = own[0] if told["direction"] == "at_least" else own[1]
        return (
            f"{name} is {new}, {side} {words.number(bound)} with 95 % confidence, over {n:,} items."
        )
    change = words.signed(told["change"])
    found = Interval(told["change"], *told["interval"])
    worse = words.number(told["margin"])
    return f"{name} {change} ({words.span(found)}) over {n:,} items: {worse} worse is ruled out."


def summary_of_rest(reasons: list[str], needs: dict[str, Any]) -> str:
    """The first reason, how many more there are, and what would decide."""
    first = reasons[0] if reasons else "Nothing decides."
    more = f" {len(reasons) - 1} more." if len(reasons) > 1 else ""
    return f"{first}{more} {needs.get('text', '')}".strip()
