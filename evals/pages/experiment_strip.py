"""One experiment in a sentence, and its figures beside the scores: money, latency, repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.pages.experiment import Figure
from evals.pages.runs import Run
from evals.pages.wording import many, share
from evals.queries.measures import Measure
from evals.queries.outcomes import Outcomes, cost_each
from evals.statistics.repeats import flip_rate, pass_hat_of
from kit import figures


def totals_strip(
    run: Run, outcomes: Outcomes, repeats: Mapping[str, list[float]], measure: Measure | None
) -> list[dict[str, str]]:
    """Figures of the run beside its scores, for the strip: cost, latency, repeats."""
    one, totals = run.experiment, outcomes.totals
    spent = figures.money(one.spent_nano)
    shown = [
        {
            "label": "Spent",
            "value": "unpriced" if one.unpriced and not one.spent_nano else spent,
            "note": f"{figures.money(cost_each(totals))} an answer"
            + (f", {many(one.unpriced, 'call')} unpriced" if one.unpriced else ""),
            "tone": "warn" if one.unpriced else "muted",
        },
        {
            "label": "p95 latency",
            "value": _time(totals.p95_us),
            "note": f"half within {_time(totals.p50_us)}",
        },
    ]
    if measure is not None and one.repeats > 1 and repeats:
        shown += _repeat_figures(list(repeats.values()), one.repeats, measure)
    if totals.refusals:
        shown.append(
            {
                "label": "Refusals",
                "value": share(totals.refusals, totals.done),
                "note": many(totals.refusals, "answer"),
            }
        )
    if totals.failed:
        shown.append(
            {
                "label": "Failed",
                "value": f"{totals.failed:,}",
                "href": "#errors",
                "note": f"of {many(one.total, 'answer')}",
                "tone": "bad",
            }
        )
    return shown


def _repeat_figures(
    values: list[list[float]], repeats: int, measure: Measure
) -> list[dict[str, str]]:
    rate = flip_rate(values)
    flipped = sum(len(set(item)) > 1 for item in values if len(item) > 1)
    what = "pass in some repeats, fail in others" if measure.bar is not None else "vary"
    shown = [
        {
            "label": "Flip rate",
            "value": figures.percent(rate),
            "note": f"{many(flipped, 'item')} {what}",
        }
    ]
    whole = [item for item in values if len(item) >= repeats]
    always = pass_hat_of(whole, repeats) if measure.bar is not None else None
    if always is not None:
        shown.append(
            {
                "label": f"pass^{repeats}",
                "value": figures.percent(always),
                "note": f"of items pass all {repeats} times",
            }
        )
    return shown


def _time(us: float | None) -> str:
    return figures.duration(None if us is None else round(us))


def sentence_of(run: Run, shown: Sequence[Figure]) -> tuple[str, str, str, str]:
    """Icon, tone, what is in bold, and the rest: the deciding score first, then what is missing."""
    one = run.experiment
    if one.is_open:
        head = f"{many(one.done + one.failed, 'answer')} of {one.total:,} so far."
        return "clock", "muted", head, "Figures are of what has been judged until now."
    if one.error:
        return "err", "bad", "The run failed.", one.error
    if not shown or shown[0].value == figures.UNKNOWN:
        return "info", "muted", "No answer has been scored.", run.partial
    first = shown[0]
    is_low = first.tone == "bad"
    head = f"{first.title} {first.value}"
    if first.opponent:
        noise = "" if first.tone else ", within noise"
        head = f"{first.title}: {first.value} won {first.opponent}{noise}"
    if first.bar:
        head += ", below its bar" if is_low else ", at or above its bar"
    said = [
        f"95% range {first.range}." if first.range else "",
        f"{first.passes}." * bool(first.passes),
    ]
    said.append(run.partial)
    below = [one.title.lower() for one in shown[1:] if one.tone and not one.opponent]
    if below:
        said.append(f"Below its bar: {', '.join(below)}.")
    silent = [one.title.lower() for one in shown[1:] if one.value == figures.UNKNOWN]
    if silent:
        said.append(f"No answer has a score of {', '.join(silent)}.")
    icon, tone = ("alert", "warn") if is_low or below or silent else ("check", "ok")
    if not first.bar and not first.opponent and tone == "ok":
        icon, tone = "info", "muted"  # nothing says how much would be good
    if first.opponent and not first.tone and not below:
        icon, tone = "eq", "muted"
    return icon, tone, f"{head}.", " ".join(part for part in said if part)
