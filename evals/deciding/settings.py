"""What a gate asks: as people propose it, as it is stored, and together with a target. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import isfinite
from typing import Any

from evals.deciding.inputs import MARGIN, Direction, Kind, Role
from evals.deciding.measures import MEASURES

MOST_REPEATS = 20
ROLES: tuple[Role, ...] = ("primary", "guard", "advisory")


class BadSettings(ValueError):
    """A gate cannot be so; `where` is the field that says it."""

    def __init__(self, text: str, where: str = "") -> None:
        super().__init__(text)
        self.where = where


@dataclass(frozen=True, slots=True)
class Chosen:
    """An evaluator in a gate, by name and version. `margin` None is the gate's."""

    name: str
    version: int
    role: Role = "primary"
    margin: float | None = None
    bar: float | None = None
    direction: Direction = "at_least"

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


@dataclass(frozen=True, slots=True)
class GuardSetting:
    """A guard of what answers take. `limit` is in the unit of its measure; None: no limit."""

    metric: str  # of `measures.MEASURES`
    margin: float
    kind: Kind = "relative"
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a gate asks. `bar` is of the primary metric; '' for `model` is the version's own."""

    dataset: str
    dataset_version: int
    evaluators: tuple[Chosen, ...]
    guards: tuple[GuardSetting, ...] = ()
    feature: str = ""
    margin: float = MARGIN
    bar: float | None = None
    repeats: int = 1
    smallest_sample: int = 0
    slices: tuple[str, ...] = ()
    with_held_out: bool = True
    provider: str = ""
    model: str = ""
    cost_cap_nano: int | None = None
    is_enabled: bool = True

    @property
    def primary(self) -> Chosen:
        """The evaluator that decides."""
        return next(one for one in self.evaluators if one.role == "primary")

    def told(self) -> dict[str, Any]:
        """As JSON."""
        told = asdict(self)
        for name in ("evaluators", "guards", "slices"):
            told[name] = list(told[name])
        return told


def checked(settings: Settings) -> Settings:
    """The settings, where a gate can be so. Raises: BadSettings."""
    names = [one.name for one in settings.evaluators]
    deciding = [one for one in settings.evaluators if one.role == "primary"]
    if len(deciding) != 1:
        raise BadSettings("Exactly one evaluator decides: give one the role primary.", "evaluators")
    if len(set(names)) < len(names):
        raise BadSettings("An evaluator stands twice.", "evaluators")
    metrics = [one.metric for one in settings.guards]
    if len(set(metrics)) < len(metrics):
        raise BadSettings("A guard stands twice.", "guards")
    for guard in settings.guards:
        if guard.metric not in MEASURES:
            raise BadSettings(f"{guard.metric} is none of {', '.join(MEASURES)}.", "guards")
        _number(guard.margin, 0, 100, "The margin of a guard", "guards")
        if guard.limit is not None:
            _number(guard.limit, 0, 1e15, "The limit of a guard", "guards")
    for one in settings.evaluators:
        if one.role not in ROLES:
            raise BadSettings(f"{one.role} is none of {', '.join(ROLES)}.", "evaluators")
        if one.margin is not None:
            _number(one.margin, 0, 1e9, f"The margin of {one.name}", "evaluators")
        if one.bar is not None:
            _number(one.bar, -1e12, 1e12, f"The bar of {one.name}", "evaluators")
    _number(settings.margin, 0, 1e9, "The margin", "margin")
    if settings.bar is not None:
        _number(settings.bar, -1e12, 1e12, "The bar", "bar")
    _number(settings.repeats, 1, MOST_REPEATS, "The number of repeats", "repeats")
    _number(settings.smallest_sample, 0, 1e6, "The smallest sample", "smallest_sample")
    if settings.cost_cap_nano is not None:
        _number(settings.cost_cap_nano, 0, 2.0**62, "The cost cap", "cost_cap")
    return settings


def _number(value: float, least: float, most: float, what: str, where: str) -> None:
    if not isfinite(value) or not least <= value <= most:
        raise BadSettings(f"{what} lies between {least:,g} and {most:,g}.", where)


def settings_from(told: Mapping[str, Any]) -> Settings:
    """The settings that `Settings.told` gave. Raises: BadSettings, KeyError."""
    fields = dict(told)
    fields["evaluators"] = tuple(Chosen(**one) for one in told["evaluators"])
    fields["guards"] = tuple(GuardSetting(**one) for one in told.get("guards", ()))
    fields["slices"] = tuple(told.get("slices", ()))
    return checked(Settings(**fields))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a feature's approved target asks of every gate that is bound to it."""

    feature: str
    number: int
    metric: str
    bar: float
    direction: Direction
    margin: float
    smallest_sample: int
    slices: tuple[str, ...]
    p95_latency_ms: float | None = None
    first_token_ms: float | None = None


def below(settings: Settings, asked: Asked) -> list[str]:
    """In which respects the settings ask less than the target; [] where in none."""
    primary, sign = settings.primary, 1 if asked.direction == "at_least" else -1
    found = []
    if primary.name != asked.metric:
        found.append(f"The target is about {asked.metric}, the gate decides by {primary.name}.")
    elif primary.direction != asked.direction:
        found.append(f"The target wants {asked.metric} {_side(asked.direction)} its bar.")
    elif settings.bar is not None and sign * settings.bar < sign * asked.bar:
        found.append(f"The bar is {settings.bar:g}, the target's is {asked.bar:g}.")
    if settings.margin > asked.margin:
        found.append(f"The margin is {settings.margin:g}, the target's is {asked.margin:g}.")
    if 0 < settings.smallest_sample < asked.smallest_sample:
        found.append(
            f"The smallest sample is {settings.smallest_sample:,}, "
            f"the target's is {asked.smallest_sample:,}."
        )
    return found


def _side(direction: Direction) -> str:
    return "at or above" if direction == "at_least" else "at or below"


def bound(settings: Settings, asked: Asked | None) -> Settings:
    """The settings with all that the target asks: in each respect the stricter of both."""
    if asked is None or settings.primary.name != asked.metric:
        return settings
    sign = 1 if asked.direction == "at_least" else -1
    bar = asked.bar if settings.bar is None else sign * max(sign * settings.bar, sign * asked.bar)
    return replace(
        settings,
        bar=bar,
        margin=min(settings.margin, asked.margin),
        smallest_sample=max(settings.smallest_sample, asked.smallest_sample),
        slices=tuple(dict.fromkeys([*settings.slices, *asked.slices])),
        guards=tuple(_limited(guard, asked) for guard in settings.guards),
    )


def _limited(guard: GuardSetting, asked: Asked) -> GuardSetting:
    """A guard of latency holds what the target promises."""
    promised = {"p95_latency": asked.p95_latency_ms, "p95_first_token": asked.first_token_ms}
    limit = promised.get(guard.metric)
    if limit is None:
        return guard
    return replace(guard, limit=limit if guard.limit is None else min(guard.limit, limit))
