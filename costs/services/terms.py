"""Whether what is said of a plan can be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from costs.economy.breaking import PERIODS
from costs.economy.traffic import GROWTHS, MOST_A_DAY
from costs.services.errors import BadTerms
from costs.values.plans import MOST_DAYS, MOST_MODELS, MOST_STEPS, Draft
from pricing.card import TOKEN_CLASSES

FIRST, LAST = date(2020, 1, 1), date(2100, 1, 1)
MOST_TOKENS = 100_000_000
MOST_NANO = 2**62
HUNDRED = Decimal(100)


def check(draft: Draft) -> None:
    """Refuse what cannot be planned. Raises: BadTerms, naming the field."""
    _check_text(draft)
    _check_time(draft)
    _check_traffic(draft)
    _check_tokens(draft)
    _check_budget(draft)


def _check_text(draft: Draft) -> None:
    named = [(text, "models") for one in draft.models for text in (one.model, one.provider)]
    for text, where in [(draft.feature, "feature"), *named]:
        if len(text) > 200 or not text.isprintable():
            raise BadTerms("A name has at most 200 characters that can be read.", where)
    if not draft.feature.strip():
        raise BadTerms("Say which feature it is of; it need not be there yet.", "feature")
    if not 1 <= len(draft.models) <= MOST_MODELS:
        raise BadTerms(f"Name one to {MOST_MODELS} models.", "models")
    if any(not one.model for one in draft.models) or len(set(draft.models)) < len(draft.models):
        raise BadTerms("Name each model once.", "models")


def _check_time(draft: Draft) -> None:
    if not FIRST <= draft.launch < LAST:
        raise BadTerms("A launch is between 2020 and 2099.", "launch")
    if not FIRST <= draft.priced_on < LAST:
        raise BadTerms("Prices are of a day between 2020 and 2099.", "priced_on")
    if not 7 <= draft.horizon <= MOST_DAYS:
        raise BadTerms(f"A plan is for 7 to {MOST_DAYS:,} days.", "horizon")


def _check_traffic(draft: Draft) -> None:
    if not _is_within(draft.per_day, 0, MOST_A_DAY):
        raise BadTerms("Requests a day are 0 or more.", "per_day")
    if draft.growth not in GROWTHS:
        raise BadTerms(f"There is no growth {draft.growth!r}.", "growth")
    if not _is_within(draft.amount, -MOST_A_DAY, MOST_A_DAY):
        raise BadTerms("The growth is too great.", "amount")
    if draft.growth == "doubling" and draft.amount < Decimal("0.1"):
        raise BadTerms("Doubling takes a tenth of a day or longer.", "amount")
    if draft.growth == "percent" and not -100 <= draft.amount <= 10_000:
        raise BadTerms("Growth is -100 to 10,000 percent a week.", "amount")
    if len(draft.week) != 7 or any(not 0 <= one <= 10_000 for one in draft.week):
        raise BadTerms("A week has seven weights, Monday to Sunday, of 0 to 10,000.", "week")
    if not sum(draft.week):
        raise BadTerms("A week has at least one day with requests.", "week")
    if len(draft.steps) > MOST_STEPS:
        raise BadTerms(f"At most {MOST_STEPS} steps.", "steps")
    for day, per_day in draft.steps:
        if not draft.launch <= day < LAST:
            raise BadTerms("A step is on or after the launch.", "steps")
        if not _is_within(per_day, 0, MOST_A_DAY):
            raise BadTerms("Requests a day are 0 or more.", "steps")
    if draft.per_user is not None and not _is_within(draft.per_user, Decimal("0.000001"), 10**6):
        raise BadTerms("Requests of a user a day are above 0.", "per_user")


def _check_tokens(draft: Draft) -> None:
    for share, where in ((draft.cached, "cached"), (draft.answered, "answered")):
        if share is not None and not _is_within(share, 0, HUNDRED):
            raise BadTerms("A share is 0 to 100 percent.", where)
    if not _is_within(draft.tolerance, 0, HUNDRED):
        raise BadTerms("A tolerance is 0 to 100 percent.", "tolerance")
    if draft.experiment is not None:
        return
    tokens = draft.tokens or {}
    if set(tokens) - set(TOKEN_CLASSES):
        raise BadTerms(f"Token classes are {', '.join(TOKEN_CLASSES)}.", "tokens")
    if any(not 0 <= number <= MOST_TOKENS for number in tokens.values()):
        raise BadTerms(f"A request has at most {MOST_TOKENS:,} tokens of a class.", "tokens")
    if not sum(tokens.values()):
        raise BadTerms("Choose an experiment, or say the tokens of a request.", "tokens")


def _check_budget(draft: Draft) -> None:
    if draft.limit is not None and not 0 < draft.limit <= MOST_NANO:
        raise BadTerms("A budget is above $0.", "limit")
    if draft.period not in PERIODS or draft.period == "rolling":
        raise BadTerms("A budget is of a day, a week, a month or all of the plan.", "period")


def _is_within(number: Decimal, low: Decimal | int, high: Decimal | int) -> bool:
    return number.is_finite() and low <= number <= high
