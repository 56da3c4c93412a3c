"""The terms of a plan: what somebody said of a feature before its launch, and its frozen prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from costs.economy.breaking import Ceiling
from costs.economy.planning import Item, Rate, Tokens
from costs.economy.ratio import Spread
from costs.economy.traffic import EVEN, Traffic
from pricing.card import TOKEN_CLASSES

MOST_DAYS = 3 * 366
MOST_MODELS = 4
MOST_ITEMS = 500
MOST_STEPS = 60


@dataclass(frozen=True)
class Model:
    """A model that a plan is priced with; `provider` is '' where the name says it all."""

    model: str
    provider: str = ""

    def __str__(self) -> str:
        return f"{self.model} @ {self.provider}" if self.provider else self.model


@dataclass(frozen=True)
class Draft:
    """What a person types of a plan. Shares and tolerance are percent; money is nano-dollars.

    Tokens come from an experiment by its number, else from `tokens`, by class.
    """

    feature: str
    launch: date
    horizon: int
    per_day: Decimal
    models: Sequence[Model]
    priced_on: date
    experiment: int | None = None
    tokens: Mapping[str, int] | None = None
    tolerance: Decimal = Decimal(0)
    growth: str = "none"
    amount: Decimal = Decimal(0)
    week: Sequence[int] = EVEN
    steps: Sequence[tuple[date, Decimal]] = ()
    per_user: Decimal | None = None
    cached: Decimal | None = None
    answered: Decimal = Decimal(0)
    budget: int | None = None  # the id of one, else `limit` in `period`
    limit: int | None = None
    period: str = "month"


@dataclass(frozen=True)
class Terms:
    """A draft as it is kept: with its measured items and its budget as they were."""

    draft: Draft
    tokens: Sequence[int]  # of all measured requests together, by class, cached as planned
    uses: int  # how many requests these are
    items: int  # of the experiment; 1 where they are typed in
    source: str  # in words
    left_out: int  # results of the experiment whose tokens are not known
    ceiling: Ceiling | None
    ceiling_name: str

    @property
    def traffic(self) -> Traffic:
        """The curve."""
        d = self.draft
        return Traffic(d.launch, d.per_day, d.growth, d.amount, d.week, d.steps, d.per_user)

    @property
    def cached(self) -> Fraction | None:
        """Share of plain input that is read from the prefix cache; None: as measured."""
        return None if self.draft.cached is None else Fraction(self.draft.cached) / 100

    @property
    def answered(self) -> Fraction:
        """Share of requests that a response cache answers."""
        return Fraction(self.draft.answered) / 100

    def document(self) -> dict[str, Any]:
        """As JSON."""
        d, ceiling = self.draft, self.ceiling
        return {
            "feature": d.feature, "launch": d.launch.isoformat(), "horizon": d.horizon,
            "per_day": str(d.per_day), "growth": d.growth, "amount": str(d.amount),
            "week": list(d.week), "steps": [[day.isoformat(), str(n)] for day, n in d.steps],
            "per_user": None if d.per_user is None else str(d.per_user),
            "cached": None if d.cached is None else str(d.cached), "answered": str(d.answered),
            "tolerance": str(d.tolerance), "priced_on": d.priced_on.isoformat(),
            "models": [[one.model, one.provider] for one in d.models],
            "experiment": d.experiment, "tokens": dict(d.tokens) if d.tokens else None,
            "budget": d.budget, "limit": d.limit, "period": d.period,
            "measured": [list(self.tokens), self.uses, self.items],
            "source": self.source, "left_out": self.left_out,
            "ceiling": None if ceiling is None else
            [ceiling.limit, ceiling.period, ceiling.others, ceiling.rolling_days],
            "ceiling_name": self.ceiling_name,
        }  # fmt: skip


def terms_of(said: Mapping[str, Any]) -> Terms:
    """The terms of a document that `Terms.document` made."""
    draft = Draft(
        feature=said["feature"],
        launch=date.fromisoformat(said["launch"]),
        horizon=said["horizon"],
        per_day=Decimal(said["per_day"]),
        models=[Model(model, provider) for model, provider in said["models"]],
        priced_on=date.fromisoformat(said["priced_on"]),
        experiment=said["experiment"],
        tokens=said["tokens"],
        tolerance=Decimal(said["tolerance"]),
        growth=said["growth"],
        amount=Decimal(said["amount"]),
        week=said["week"],
        steps=[(date.fromisoformat(day), Decimal(number)) for day, number in said["steps"]],
        per_user=None if said["per_user"] is None else Decimal(said["per_user"]),
        cached=None if said["cached"] is None else Decimal(said["cached"]),
        answered=Decimal(said["answered"]),
        budget=said["budget"],
        limit=said["limit"],
        period=said["period"],
    )
    tokens, uses, items = said["measured"]
    return Terms(
        draft=draft,
        tokens=tokens,
        uses=uses,
        items=items,
        source=said["source"],
        left_out=said["left_out"],
        ceiling=Ceiling(*said["ceiling"]) if said["ceiling"] else None,
        ceiling_name=said["ceiling_name"],
    )


def _call(numbers: Sequence[int]) -> Tokens:
    a, b, c, d, e, f, g = numbers
    return (a, b, c, d, e, f, g)


def items_document(items: Sequence[Item]) -> list[Any]:
    """Measured items as JSON: uses, and tokens of each call by class."""
    return [[one.uses, [list(call) for call in one.calls]] for one in items]


def call_of(tokens: Mapping[str, int]) -> Tokens:
    """Typed tokens of one request, by class."""
    return _call([tokens.get(name, 0) for name in TOKEN_CLASSES])


@dataclass(frozen=True)
class Priced:
    """A model's price as it was when the plan was made; `rate` is None where `why` says why.

    `prices` are nano-dollars of a million tokens by class; None where a class has none.
    """

    model: Model
    rate: Rate | None
    why: str
    prices: Sequence[int | None]
    reference: str

    def document(self) -> dict[str, Any]:
        """As JSON; amounts are whole numbers."""
        rate = self.rate
        spread = rate.spread if rate else None
        return {
            "model": self.model.model, "provider": self.model.provider, "why": self.why,
            "prices": list(self.prices), "reference": self.reference,
            "rate": None if rate is None else {
                "nano": rate.nano, "uses": rate.uses, "middle": rate.middle, "dear": rate.dear,
                "tolerance": str(rate.tolerance),
                "spread": None if spread is None
                else [spread.deviation, spread.skew, spread.cases],
            },
        }  # fmt: skip


def priced_of(said: Mapping[str, Any]) -> Priced:
    """The price of a document that `Priced.document` made."""
    rate = None
    if said["rate"] is not None:
        one = said["rate"]
        spread = Spread(*one["spread"]) if one["spread"] else None
        rate = Rate(
            one["nano"], one["uses"], spread, Fraction(one["tolerance"]), one["middle"], one["dear"]
        )
    return Priced(
        Model(said["model"], said["provider"]), rate, said["why"], said["prices"], said["reference"]
    )
