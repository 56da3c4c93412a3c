"""What people type of a plan: tokens, traffic, caches, models, a budget."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from accounts.models import Project
from costs.models import Scope, Unit
from costs.queries.budgets import budgets_of
from costs.queries.measured import source
from costs.services.errors import BadTerms
from costs.values.plans import Draft, Model
from kit.figures import money
from pricing.card import TOKEN_CLASSES

NANO = Decimal(10) ** 9
WEEK = "100, 100, 100, 100, 100, 100, 100"
GROWTHS = [
    ("none", "Stays as it is"), ("linear", "Grows by requests a day, each week"),
    ("percent", "Grows by percent a week"), ("doubling", "Doubles in days"),
]  # fmt: skip
PERIODS = [("month", "Month"), ("week", "Week"), ("day", "Day"), ("all", "All of the plan")]
CLASS_WORDS = {
    "in_uncached": "Input", "in_cached": "Input read from cache",
    "in_cache_write": "Input written to cache", "in_audio": "Audio in", "out_text": "Output",
    "out_reasoning": "Reasoning", "out_audio": "Audio out",
}  # fmt: skip
_NUMBER = {"inputmode": "decimal"}


def _text(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "field", "autocomplete": "off", **attrs})


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "field"})


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"class": "field", "type": "date"}, format="%Y-%m-%d")


def _decimal(label: str, help_text: str = "", *, required: bool = False) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=required, max_digits=24, decimal_places=9, help_text=help_text,
        widget=_text(**_NUMBER),
    )  # fmt: skip


class PlanForm(forms.Form):
    """A plan, or another version of one."""

    name = forms.CharField(label="Name", max_length=100, widget=_text())
    feature = forms.CharField(
        label="Feature", max_length=200, widget=_text(list="plan-features"),
        help_text="It need not be there yet; its spend is drawn against the plan later.",
    )  # fmt: skip
    experiment = forms.TypedChoiceField(
        label="Tokens of a request, from", coerce=int, required=False, empty_value=None,
        widget=_select(),
    )  # fmt: skip
    models = forms.CharField(
        label="Models",
        max_length=2000,
        help_text="One a line, at most 4; the first is the plan, the others are compared with it. "
        "A provider may follow: gpt-4o @ azure.",
        widget=forms.Textarea(attrs={"class": "field mono", "rows": "3"}),
    )
    priced_on = forms.DateField(label="Prices of the day", widget=_day())
    tolerance = _decimal("Typed tokens, give or take %")
    launch = forms.DateField(label="Launch", widget=_day())
    horizon = forms.IntegerField(label="Days", initial=365, widget=_text(inputmode="numeric"))
    per_day = _decimal("Requests a day at the launch", "Or say users, and requests of each.")
    users = _decimal("Active users at the launch")
    per_user = _decimal("Requests of a user a day")
    growth = forms.ChoiceField(label="Then it", choices=GROWTHS, widget=_select())
    amount = _decimal("By, or in days")
    week = forms.CharField(
        label="Shape of a week", initial=WEEK, max_length=100, widget=_text(),
        help_text="Weights of Monday to Sunday; only their ratio counts.",
    )  # fmt: skip
    steps = forms.CharField(
        label="Steps", required=False, max_length=4000,
        help_text="A date and requests a day from then on, one a line: 2027-03-01 5000. "
        "2027-03 is the first of the month.",
        widget=forms.Textarea(attrs={"class": "field mono", "rows": "3"}),
    )  # fmt: skip
    cached = _decimal("Input read from the prefix cache, %", "Empty: as measured or typed.")
    answered = _decimal("Requests that a response cache answers, %")
    budget = forms.TypedChoiceField(
        label="Budget", coerce=int, required=False, empty_value=None, widget=_select(),
        help_text="What others spent of it in the last 28 days counts too.",
    )  # fmt: skip
    limit = _decimal("Or a limit in dollars")
    period = forms.ChoiceField(label="For each", choices=PERIODS, widget=_select())
    note = forms.CharField(label="Note", max_length=500, required=False, widget=_text())

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in CLASS_WORDS.items():
            self.fields[name] = forms.IntegerField(
                label=words, required=False, min_value=0, max_value=100_000_000,
                widget=_text(inputmode="numeric"),
            )  # fmt: skip
        known = source()
        found = known.finished(project) if known else []
        self._choose("experiment", "Typed in, below", [(one.number, one.label) for one in found])
        budgets = budgets_of(project).filter(unit=Unit.MONEY).exclude(scope=Scope.USER)
        rows = [
            (one.pk, f"{one.name}: {money(one.limit)}, {one.get_period_display().lower()}")
            for one in budgets.order_by("name", "pk")[:200]
        ]
        self._choose("budget", "None, or the limit beside", rows)

    def _choose(self, field: str, none: str, rows: list[tuple[int, str]]) -> None:
        choice = self.fields[field]
        assert isinstance(choice, forms.TypedChoiceField)  # noqa: S101  (as declared above)
        choice.choices = [("", none), *rows]

    @property
    def classes(self) -> list[forms.BoundField]:
        """The fields of typed tokens."""
        return [self[name] for name in CLASS_WORDS]

    def draft(self) -> Draft:
        """What was typed. Raises: BadTerms."""
        said = self.cleaned_data
        tokens = {name: said[name] for name in TOKEN_CLASSES if said.get(name)}
        return Draft(
            feature=said["feature"].strip(),
            launch=said["launch"],
            horizon=said["horizon"],
            per_day=_per_day(said),
            models=_models(said["models"]),
            priced_on=said["priced_on"],
            experiment=said["experiment"],
            tokens=None if said["experiment"] is not None else tokens,
            tolerance=said["tolerance"] or Decimal(0),
            growth=said["growth"],
            amount=said["amount"] or Decimal(0),
            week=_week(said["week"]),
            steps=steps_of(said["steps"]),
            per_user=said["per_user"],
            cached=said["cached"],
            answered=said["answered"] or Decimal(0),
            budget=said["budget"],
            limit=None if said["limit"] is None else int(said["limit"] * NANO),
            period=said["period"],
        )


def typed(name: str, draft: Draft) -> dict[str, Any]:
    """The form's values for a draft, to be changed."""
    return {
        "name": name, "feature": draft.feature, "experiment": draft.experiment,
        "models": "\n".join(str(one) for one in draft.models), "priced_on": draft.priced_on,
        "tolerance": plain(draft.tolerance), "launch": draft.launch, "horizon": draft.horizon,
        "per_day": plain(draft.per_day), "growth": draft.growth, "amount": plain(draft.amount),
        "per_user": plain(draft.per_user), "week": ", ".join(str(one) for one in draft.week),
        "steps": "\n".join(f"{day} {plain(number)}" for day, number in draft.steps),
        "cached": plain(draft.cached), "answered": plain(draft.answered), "budget": draft.budget,
        "limit": None if draft.limit is None else plain(Decimal(draft.limit) / NANO),
        "period": draft.period, **(draft.tokens or {}),
    }  # fmt: skip


def beginning(today: date) -> dict[str, Any]:
    """What a new plan begins with."""
    return {"launch": today + timedelta(days=14), "priced_on": today, "week": WEEK}


def plain(number: Decimal | None) -> str:
    """`0.5`, `1000`: without needless zeros; '' of none."""
    if number is None:
        return ""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _per_day(said: dict[str, Any]) -> Decimal:
    if said["users"] is not None:
        if said["per_user"] is None:
            raise BadTerms("Say how many requests a user makes a day.", "per_user")
        if said["per_day"] is not None:
            raise BadTerms("Say requests a day, or users: not both.", "users")
        return Decimal(said["users"] * said["per_user"])
    if said["per_day"] is None:
        raise BadTerms("Say how many requests a day there are at the launch.", "per_day")
    return Decimal(said["per_day"])


def _models(text: str) -> list[Model]:
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        model, _, provider = line.partition("@")
        found.append(Model(model.strip(), provider.strip()))
    return found


def _week(text: str) -> list[int]:
    try:
        return [int(one) for one in text.replace(";", ",").split(",")]
    except ValueError:
        raise BadTerms("A week has seven whole weights, with commas between.", "week") from None


def steps_of(text: str) -> list[tuple[date, Decimal]]:
    """Lines of a date and a number. Raises: BadTerms."""
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        when, _, number = line.partition(" ")
        when = f"{when}-01" if len(when) == 7 else when
        try:
            found.append((date.fromisoformat(when), Decimal(number.strip().replace(",", ""))))
        except (ValueError, InvalidOperation):
            raise BadTerms(f"A step is a date and a number: not {line[:60]!r}.", "steps") from None
    return found
