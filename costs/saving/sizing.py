"""Over-long contexts, and dear models on easy traffic: judged by the scores of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from statistics import median

from costs.saving.advice import EASY, LEAST_CALLS, LONG, Advice, Rates, RatesOf, Seen
from costs.saving.facts import Facts, Key, Sampled
from costs.saving.rules import percent
from costs.saving.scores import Compared, Scores, compared, no_worse

USUAL = 2  # times the lower quartile: what calls of the feature need
FAR_ABOVE = 4  # times the lower quartile
LEAST_LONG = 4_000  # tokens
EASY_IN, EASY_OUT = 1_000, 300  # tokens
CHEAPER = Fraction(1, 2)  # of the price of the dear one, at most
MOST_TRACES = 5


def long_contexts(seen: Seen, rates: Rates | None, scores: Scores) -> Advice | None:
    """Calls with far more input than others of theirs that are answered as well."""
    sample = [one for one in seen.total.sample if one.into > 0]
    if rates is None or len(sample) < LEAST_CALLS:
        return None
    sizes = sorted(one.into for one in sample)
    quartile = sizes[len(sizes) // 4]
    far = max(FAR_ABOVE * quartile, LEAST_LONG)
    longer = [one for one in sample if one.into >= far]
    usual = [one for one in sample if one.into <= USUAL * quartile]
    if not longer or len(usual) < LEAST_CALLS // 3:
        return None
    verdicts = compared(scores, [one.trace for one in usual], [one.trace for one in longer])
    is_known = no_worse(verdicts)
    if is_known is False:
        return None  # the long ones are answered better: their length is worth it
    middle = int(median([one.into for one in usual]))
    price = rates.get("input", Fraction(0))
    excess = sum((_excess(one, middle) * price for one in longer), Fraction(0))
    whole = sum(one.cost for one in sample if one.cost > 0)
    if not whole:
        return None
    share = min(Fraction(1), excess / whole)
    amount = int(seen.spend.cost * share)
    out = median([Fraction(one.out, one.into) for one in longer])
    evidence = [
        f"{len(longer):,} of {len(sample):,} calls have {far:,} input tokens or more; the usual "
        f"one has {middle:,}",
        f"what they answer is {percent(out)} of what they read",
        *_told(verdicts, "usual calls", "long ones"),
    ]
    assumptions = [
        "Counted is what is beyond the usual length, of tokens that no cache gave.",
        "The low end cuts half of it."
        if is_known
        else "No score tells whether the long ones are answered better: try it first. The low end "
        "is nothing.",
    ]
    dearest = sorted(longer, key=lambda one: -one.into)[:MOST_TRACES]
    return Advice(
        LONG, *seen.key, amount if is_known else amount // 2, amount // 2 if is_known else 0,
        amount, bool(is_known), evidence, assumptions, [one.trace for one in dearest],
    )  # fmt: skip


def _excess(one: Sampled, middle: int) -> int:
    return max(0, min(one.into - one.cached, one.into - middle))


def easy_traffic(
    of_model: Seen, others: Mapping[str, Facts], candidates: Sequence[str], rates: RatesOf,
    scores: Scores, trials: Mapping[str, Mapping[str, tuple[float, int]]],
) -> Advice | None:  # fmt: skip
    """Short calls of a dear model that a cheaper one would answer as well.

    `others` are the facts of the feature's other models, `candidates` cheaper names to ask for
    where none of them is. `trials`: model -> score -> (mean, number) of experiments.
    """
    sample = [one for one in of_model.total.sample if one.cost > 0]
    easy = [one for one in sample if one.into <= EASY_IN and one.out <= EASY_OUT]
    if len(easy) < LEAST_CALLS:
        return None
    found = []
    for name in dict.fromkeys((*others, *candidates)):
        if name == of_model.key.model:
            continue
        provider = others[name].provider if name in others else of_model.total.provider
        cheap = _at(rates(provider, name), easy)
        now = sum(one.cost for one in easy)
        if cheap is None or cheap > now * CHEAPER:
            continue
        theirs = [one.trace for one in others[name].sample] if name in others else []
        verdicts = compared(scores, theirs, [one.trace for one in easy])
        is_known = no_worse(verdicts)
        tried = _tried(trials, name, of_model.key.model) if is_known is None else None
        if is_known is False or tried is False:
            continue
        whole = sum(one.cost for one in sample)
        share = Fraction(now, whole) * (1 - cheap / now)
        amount = int(of_model.spend.cost * share)
        found.append((bool(is_known or tried), amount, name, verdicts, bool(tried), now, whole))
    if not found:
        return None
    is_known, amount, name, verdicts, is_tried, now, whole = max(found, key=lambda one: one[:2])
    evidence = [
        f"{len(easy):,} of {len(sample):,} calls are short (up to {EASY_IN:,} tokens in, "
        f"{EASY_OUT} out) and cost {percent(Fraction(now, whole))} of it",
        *_told(verdicts, name, of_model.key.model),
    ]
    if is_tried:
        evidence.append(f"in experiments, {name} scored no worse than {of_model.key.model}")
    ends = "The low end moves half of them."
    if not is_known:
        ends = f"No score tells whether {name} answers as well: run an experiment first. The low "
        ends += "end is nothing."
    traces = [one.trace for one in sorted(easy, key=lambda one: -one.cost)[:MOST_TRACES]]
    return Advice(
        EASY, of_model.key.feature, of_model.key.model, "", amount if is_known else amount // 2,
        amount // 2 if is_known else 0, amount, is_known, evidence,
        ["The same tokens at the price of the other model.", ends], traces, other=name,
    )  # fmt: skip


def _at(rates: Rates | None, calls: Sequence[Sampled]) -> Fraction | None:
    if rates is None or "input" not in rates or "output" not in rates:
        return None
    cached = rates.get("cache read", rates["input"])
    return sum(
        ((one.into - one.cached) * rates["input"] + one.cached * cached + one.out * rates["output"]
         for one in calls),
        Fraction(0),
    )  # fmt: skip


def _tried(
    trials: Mapping[str, Mapping[str, tuple[float, int]]], name: str, dear: str
) -> bool | None:
    """Whether experiments scored the cheap model no worse; None where none compared them."""
    mine, theirs = trials.get(name, {}), trials.get(dear, {})
    both = [(mine[one], theirs[one]) for one in set(mine) & set(theirs)]
    told = [(a[0], b[0]) for a, b in both if min(a[1], b[1]) >= LEAST_CALLS]
    return all(a >= b - abs(b) * 0.02 for a, b in told) if told else None


def _told(found: Sequence[Compared], first: str, second: str) -> list[str]:
    return [
        f"{one.name}: {one.first:.2f} of {first} ({one.n_first:,}), {one.second:.2f} of {second} "
        f"({one.n_second:,})"
        for one in found[:3]
    ]


def of_feature(seen: Mapping[Key, Seen], feature: str) -> dict[str, list[Seen]]:
    """What is known of a feature by model."""
    found: dict[str, list[Seen]] = {}
    for key, one in seen.items():
        if key.feature == feature:
            found.setdefault(key.model, []).append(one)
    return found
