"""All rules over all that is known; what is under the floor is no advice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from costs.saving.advice import Advice, RatesOf, Seen, Spend, is_worth_it, together
from costs.saving.chunks import unused_chunks
from costs.saving.facts import Facts, Key, added
from costs.saving.rules import prefix, repeats
from costs.saving.scores import Scores
from costs.saving.sizing import easy_traffic, long_contexts, of_feature

MOST_ADVICE = 50
Trials = Callable[[str], Mapping[str, Mapping[str, tuple[float, int]]]]  # of a feature


def look(
    days: Sequence[Mapping[Key, Facts]],
    spend: Mapping[Key, Spend],
    rates: RatesOf,
    scores: Scores,
    *,
    trials: Trials = lambda _: {},
    candidates: Callable[[str, str], Sequence[str]] = lambda *_: (),
) -> list[Advice]:
    """Advice above the floor, the dearest first. `candidates`: cheaper models by provider, name."""
    seen = _seen(days, spend)
    month = sum(one.cost for one in spend.values())
    found: list[Advice | None] = []
    for one in seen.values():
        own = rates(one.total.provider, one.key.model)
        found += [repeats(one), prefix(one, own), long_contexts(one, own, scores)]
        found.append(unused_chunks(one, own))
    for feature in dict.fromkeys(key.feature for key in seen):
        models = of_feature(seen, feature)
        sums = {name: added(one.total for one in several) for name, several in models.items()}
        tried = trials(feature)
        for name, several in models.items():
            whole = Seen(Key(feature, name, ""), _sum(one.spend for one in several), [], sums[name])
            others = {other: facts for other, facts in sums.items() if other != name}
            asked = candidates(sums[name].provider, name)
            found.append(easy_traffic(whole, others, asked, rates, scores, tried))
    kept = [one for one in found if one is not None and is_worth_it(one.amount, month)]
    kept.sort(key=lambda one: (-one.amount, one.kind, one.feature, one.model, one.prompt))
    return kept[:MOST_ADVICE]


def all_of(found: Sequence[Advice], spend: Mapping[Key, Spend]) -> int:
    """What all of it saves at most, amounts that overlap counted once."""
    sums: dict[tuple[str, str], int] = {}
    for key, one in spend.items():
        sums[key.feature, key.model] = sums.get((key.feature, key.model), 0) + one.cost
    return together(found, lambda feature, model: sums.get((feature, model), 0))


def _seen(days: Sequence[Mapping[Key, Facts]], spend: Mapping[Key, Spend]) -> dict[Key, Seen]:
    by_key: dict[Key, list[Facts]] = {}
    for day in days:
        for key, facts in day.items():
            by_key.setdefault(key, []).append(facts)
    return {
        key: Seen(key, spend[key], several, added(several))
        for key, several in by_key.items()
        if key in spend
    }


def _sum(several: Iterable[Spend]) -> Spend:
    rows = list(several)
    return Spend(
        sum(one.cost for one in rows), sum(one.calls for one in rows), sum(one.into for one in rows)
    )
