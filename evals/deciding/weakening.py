"""In which respects changed settings of a gate ask less than before, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from evals.deciding.inputs import Direction
from evals.deciding.measures import MEASURES
from evals.deciding.settings import Chosen, GuardSetting, Settings


def weakenings(before: Settings, after: Settings, *, lost_items: int = 0) -> list[str]:
    """What a reader must know before approving; [] where nothing is asked less.

    `lost_items` of the former dataset version do not stand in the new one. Another dataset, metric
    or version of an evaluator is told as well: whether it asks less, nobody can say from outside.
    """
    return list(_all(before, after, lost_items))


def _all(before: Settings, after: Settings, lost_items: int) -> Iterator[str]:
    if before.is_enabled and not after.is_enabled:
        yield "The gate is switched off."
    yield from _of_dataset(before, after, lost_items)
    yield from _of_primary(before, after)
    if after.margin > before.margin:
        yield f"The margin grows from {before.margin:g} to {after.margin:g}."
    if after.repeats < before.repeats:
        yield f"Each item is answered {after.repeats} instead of {before.repeats} times."
    if after.smallest_sample < before.smallest_sample:
        fewer = f"{before.smallest_sample:,} to {after.smallest_sample:,}"
        yield f"The smallest sample falls from {fewer} items."
    for name in before.slices:
        if name not in after.slices:
            yield f"The slice {name} need no longer hold by itself."
    yield from _of_evaluators(before, after)
    yield from _of_guards(before, after)
    if before.feature and after.feature != before.feature:
        yield f"The target of {before.feature} no longer binds it."
    if (before.provider, before.model) != (after.provider, after.model):
        yield f"Answers come from {_model(after)} instead of {_model(before)}."


def _model(settings: Settings) -> str:
    return " of ".join(filter(None, (settings.model, settings.provider))) or "the version's model"


def _of_dataset(before: Settings, after: Settings, lost_items: int) -> Iterator[str]:
    old = f"{before.dataset}@{before.dataset_version}"
    new = f"{after.dataset}@{after.dataset_version}"
    if before.dataset != after.dataset:
        yield f"It decides over {new} instead of {old}."
    elif lost_items:
        are = "item is" if lost_items == 1 else "items are"
        yield f"{lost_items:,} {are} no longer asked in {new}."
    if before.with_held_out and not after.with_held_out:
        yield "Held-out items are no longer asked."


def _of_primary(before: Settings, after: Settings) -> Iterator[str]:
    if before.primary.name != after.primary.name:
        yield f"{after.primary.name} decides instead of {before.primary.name}."
        return
    if before.primary.direction != after.primary.direction:
        yield f"{after.primary.name} is read the other way round."
    yield from _lower_bar(before.primary.name, before.bar, after.bar, before.primary.direction)


def _lower_bar(
    name: str, old: float | None, new: float | None, direction: Direction
) -> Iterator[str]:
    if old is None:
        return
    sign = 1 if direction == "at_least" else -1
    if new is None:
        yield f"{name} has no bar any more; it was {old:g}."
    elif sign * new < sign * old:
        yield f"The bar of {name} goes from {old:g} to {new:g}."


def _of_evaluators(before: Settings, after: Settings) -> Iterator[str]:
    now = {one.name: one for one in after.evaluators}
    weight = {"advisory": 0, "guard": 1, "primary": 2}
    for one in before.evaluators:
        kept = now.get(one.name)
        if kept is None:
            if one.role != "advisory":
                yield f"{one.name} no longer guards."
            continue
        if weight[kept.role] < weight[one.role] and kept.role == "advisory":
            yield f"{one.name} only informs; it decided before."
        if kept.version != one.version:
            yield f"{one.name} is scored by v{kept.version} instead of v{one.version}."
        if one.role == kept.role == "guard":
            yield from _of_guarding(one, kept, before.margin, after.margin)


def _of_guarding(old: Chosen, new: Chosen, old_margin: float, new_margin: float) -> Iterator[str]:
    was = old_margin if old.margin is None else old.margin
    is_now = new_margin if new.margin is None else new.margin
    if is_now > was:
        yield f"The margin of {old.name} grows from {was:g} to {is_now:g}."
    yield from _lower_bar(old.name, old.bar, new.bar, old.direction)


def _of_guards(before: Settings, after: Settings) -> Iterator[str]:
    now = {one.metric: one for one in after.guards}
    for one in before.guards:
        name = MEASURES[one.metric].name
        kept = now.get(one.metric)
        if kept is None:
            yield f"{name} no longer guards."
            continue
        yield from _of_guard(name, one, kept)


def _of_guard(name: str, old: GuardSetting, new: GuardSetting) -> Iterator[str]:
    if old.kind != new.kind:
        yield f"{name} may change by {new.margin:g} ({new.kind}) instead of by a {old.kind} share."
    elif new.margin > old.margin:
        yield f"The margin of {name} grows from {old.margin:g} to {new.margin:g}."
    if old.limit is not None and (new.limit is None or new.limit > old.limit):
        now = "has none" if new.limit is None else f"is {new.limit:g}"
        yield f"The limit of {name} was {old.limit:g} and {now} now."
