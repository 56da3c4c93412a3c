"""Cost plans: made, said anew in another version, deleted. What was said before stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, person, record
from costs.economy.breaking import Ceiling
from costs.economy.planning import Item, Tokens, rate_of, tokens_of
from costs.models import Budget, Period, Plan, PlanVersion, Scope
from costs.queries.budgets import budgets_of
from costs.queries.measured import source
from costs.queries.plans import summary_of
from costs.queries.spend import spent
from costs.services.errors import BadTerms, PlanIsGone
from costs.services.terms import check
from costs.values.plans import Draft, Model, Priced, Terms, call_of, items_document
from pricing.card import TOKEN_CLASSES, Unpriced
from pricing.project_table import ProjectTable
from pricing.queries import table_for
from traces.queries.usage import Scope as Figures
from traces.queries.usage import span_figures

MOST = 200  # of a project
MOST_VERSIONS = 200
LAST = timedelta(days=28)  # of what others spend
PROBE = 1_000_000
NOON = timedelta(hours=12)


@transaction.atomic
def create_plan(
    project: Project, *, name: str, draft: Draft, note: str = "", actor: Actor,
    now: datetime | None = None,
) -> Plan:  # fmt: skip
    """A plan with its first version, as of `now`. Raises: BadTerms."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if Plan.objects.filter(project=project, deleted_at=None).count() >= MOST:
        raise BadTerms(f"A project has at most {MOST} plans; delete one first.")
    plan = Plan(project=project, name=_name(name), feature=draft.feature, created_by=person(actor))
    settled = settle(project, draft, now)
    plan.save()
    _add_version(plan, 1, settled, note, actor)
    record(
        "cost_plan.created", actor=actor, project=project, subject=plan, name=plan.name,
        feature=plan.feature,
    )  # fmt: skip
    return plan


@transaction.atomic
def change_plan(
    plan: Plan, *, name: str | None = None, draft: Draft, note: str = "", actor: Actor
) -> PlanVersion:
    """Another version of it, at the prices of now. Raises: BadTerms, PlanIsGone."""
    plan = _locked(plan.pk)
    last = plan.versions.order_by("-number").first()
    number = last.number + 1 if last else 1
    if number > MOST_VERSIONS:
        raise BadTerms(f"A plan has at most {MOST_VERSIONS} versions; make another plan.")
    settled = settle(plan.project, draft)
    before = plan.name
    plan.name = before if name is None else _name(name)
    plan.feature = draft.feature
    plan.save(update_fields=["name", "feature"])
    made = _add_version(plan, number, settled, note, actor)
    record(
        "cost_plan.changed", actor=actor, project=plan.project, subject=plan, before=before,
        name=plan.name, version=number, note=made.note,
    )  # fmt: skip
    return made


@transaction.atomic
def delete_plan(plan: Plan, *, actor: Actor) -> None:
    """It is shown no more. Raises: PlanIsGone."""
    plan = _locked(plan.pk)
    plan.deleted_at = timezone.now()
    plan.save(update_fields=["deleted_at"])
    record("cost_plan.deleted", actor=actor, project=plan.project, subject=plan, name=plan.name)


@dataclass(frozen=True)
class Settled:
    """What a draft comes to."""

    terms: Terms
    items: Sequence[Item]
    prices: Sequence[Priced]


def settle(project: Project, draft: Draft, now: datetime | None = None) -> Settled:
    """The terms and prices that a draft comes to; nothing is written. Raises: BadTerms."""
    check(draft)
    items, told, left_out = _items(project, draft)
    ceiling, name = _ceiling(project, draft, now or timezone.now())
    cached = None if draft.cached is None else Fraction(draft.cached) / 100
    tokens, uses = tokens_of(items, cached)
    terms = Terms(draft, tokens, uses, len(items), told, left_out, ceiling, name)
    return Settled(terms, items, _prices(project, terms, items))


def _items(project: Project, draft: Draft) -> tuple[list[Item], str, int]:
    if draft.experiment is None:
        return [Item(1, [call_of(draft.tokens or {})])], "typed in", 0
    known = source()
    found = known.measured(project, draft.experiment) if known else None
    if found is None:
        raise BadTerms(
            f"There is no finished experiment #{draft.experiment} in this project.", "experiment"
        )
    if not found.items:
        raise BadTerms("No result of this experiment says its tokens.", "experiment")
    return list(found.items), found.label, found.left_out


def _ceiling(project: Project, draft: Draft, now: datetime) -> tuple[Ceiling | None, str]:
    if draft.budget is None:
        if draft.limit is None:
            return None, ""
        return Ceiling(draft.limit, draft.period), "typed in"
    budget = budgets_of(project).filter(pk=draft.budget).first()
    if budget is None:
        raise BadTerms("There is no such budget in this project.", "budget")
    if not budget.is_money or budget.scope == Scope.USER:
        raise BadTerms("A plan is held against a budget in dollars, not of each user.", "budget")
    others = _others(project, budget, draft.feature, now)
    if budget.period == Period.ROLLING:
        days = max(-(-(budget.rolling_hours or 24) // 24), 1)
        return Ceiling(budget.limit, "rolling", others, days), budget.name
    return Ceiling(budget.limit, budget.period, others), budget.name


def _others(project: Project, budget: Budget, feature: str, now: datetime) -> int:
    """What counts against a budget a day besides the feature, over the last 28 days."""
    until = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = until - LAST
    whole = spent(budget, since, until)
    if budget.scope == Scope.FEATURE:
        return 0 if budget.value == feature else whole // LAST.days
    scope = Figures(project.pk, since, until, equal={"feature": feature})
    own = span_figures(scope, with_latencies=False)
    return max(whole - sum(one.cost_nano + one.evaluator_nano for one in own), 0) // LAST.days


def _prices(project: Project, terms: Terms, items: Sequence[Item]) -> list[Priced]:
    table = table_for(project.pk)
    return [_price(table, one, terms, items) for one in terms.draft.models]


def _price(table: ProjectTable, model: Model, terms: Terms, items: Sequence[Item]) -> Priced:
    at = datetime.combine(terms.draft.priced_on, datetime.min.time(), UTC) + NOON
    card = table.card(model.provider or None, model.model, None, int(at.timestamp() * 1_000_000))
    none = [None] * len(TOKEN_CLASSES)
    if isinstance(card, Unpriced):
        return Priced(model, None, card.reason, none, "")

    def nano(tokens: Tokens) -> int | None:
        amount: int | None = card.nano(tokens)
        return amount

    tolerance = Fraction(terms.draft.tolerance) / 100 if terms.draft.experiment is None else 0
    rate = rate_of(items, nano, cached=terms.cached, tolerance=Fraction(tolerance))
    prices: list[int | None] = []
    for place in range(len(TOKEN_CLASSES)):
        probe = [0] * len(TOKEN_CLASSES)
        probe[place] = PROBE
        prices.append(nano(tuple(probe)))  # type: ignore[arg-type]
    why = "" if rate else "one of the token classes has no price"
    return Priced(model, rate, why, prices, str(card.reference))


def _add_version(plan: Plan, number: int, settled: Settled, note: str, actor: Actor) -> PlanVersion:
    return PlanVersion.objects.create(
        plan=plan,
        number=number,
        terms=settled.terms.document(),
        items=items_document(settled.items),
        prices=[one.document() for one in settled.prices],
        summary=summary_of(settled.terms, settled.prices),
        note=note.strip()[:500],
        made_by=person(actor),
    )


def _locked(pk: int) -> Plan:
    found = (
        Plan.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project__organization")
        .filter(pk=pk, deleted_at=None)
        .first()
    )
    if found is None:
        raise PlanIsGone("The plan was deleted meanwhile.")
    return found


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > 100 or not name.isprintable():
        raise BadTerms("A plan needs a name, of at most 100 characters.", "name")
    return name
