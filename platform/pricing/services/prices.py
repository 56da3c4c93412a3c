"""Stating, ending and removing prices; each also makes due what must be computed again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, person, record
from kit import live
from pricing import recosting
from pricing.models import Price
from pricing.plans import Plan, plan_end, plan_remove, plan_set
from pricing.pricer import PRICER, PRICES_CHANGED
from pricing.project_table import ProjectTable
from pricing.queries import prices_of
from pricing.recosting import Change, Preview
from pricing.services.jobs import make_job
from pricing.terms import Terms, checked, own_price, prices_in, tiers_in


@transaction.atomic
def set_price(project: Project, terms: Terms, *, actor: Actor) -> Price:
    """State what `project` pays from `terms.valid_from` on; the period that runs ends there.

    Calls since then are computed again in the background. Raises: BadPrice, PeriodTaken.
    """
    terms = checked(terms)
    _lock(project)
    plan = plan_set(terms, _same(project, terms.provider, terms.pattern))
    new = plan.makes[0]
    new.created_by = person(actor)
    _carry_out(project, plan)
    _tell(project, plan, new, "price.set", actor, **_facts(new), replaces=_old(plan))
    return new


@transaction.atomic
def end_price(price: Price, at: datetime | None = None, *, actor: Actor) -> Price:
    """Let `price` hold until `at` (now) only. Raises: PeriodTaken."""
    _lock(price.project)
    price = Price.objects.select_related("project__organization").get(pk=price.pk)
    plan = plan_end(price, at or timezone.now())
    _carry_out(price.project, plan)
    _tell(price.project, plan, price, "price.ended", actor, valid_to=plan.since)
    price.refresh_from_db()
    return price


@transaction.atomic
def remove_price(price: Price, *, actor: Actor) -> None:
    """Take `price` out as if it had never been stated: a mistake, not the end of a contract."""
    _lock(price.project)
    price = Price.objects.select_related("project__organization").get(pk=price.pk)
    plan = plan_remove(price)
    _tell(price.project, plan, price, "price.removed", actor, **_facts(price))
    _carry_out(price.project, plan)


@transaction.atomic
def note_price(price: Price, note: str, *, actor: Actor) -> Price:
    """Change the note beside `price`; no cost changes."""
    before, price.note = price.note, note.strip()[:500]
    price.save(update_fields=["note"])
    record(
        "price.noted",
        actor=actor,
        project=price.project,
        subject=price,
        before=before,
        after=price.note,
    )
    return price


@transaction.atomic
def change_price(
    price: Price, *, ends_at: datetime | None = None, note: str | None = None, actor: Actor
) -> Price:
    """What is given of both, or nothing: `end_price` and `note_price`. Raises: PeriodTaken."""
    if ends_at is not None:
        price = end_price(price, ends_at, actor=actor)
    if note is not None:
        price = note_price(price, note, actor=actor)
    return price


def preview_set(project: Project, terms: Terms) -> Preview:
    """What `set_price` would change; nothing is written. Raises: BadPrice, PeriodTaken."""
    terms = checked(terms)
    return _preview(project, plan_set(terms, _same(project, terms.provider, terms.pattern)), terms)


def preview_remove(price: Price) -> Preview:
    """What `remove_price` would change."""
    return _preview(price.project, plan_remove(price), price)


def _preview(project: Project, plan: Plan, of: Terms | Price) -> Preview:
    table = ProjectTable(own_price(price) for price in plan.after(prices_of(project)))
    return recosting.preview(
        Change(project.pk, of.provider, of.pattern, plan.since, plan.until), table
    )


def _lock(project: Project) -> None:
    """One writer of a project's prices at a time; the database's trigger takes the same lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtext('prices'), %s)", [project.pk % 2147483647]
        )


def _same(project: Project, provider: str, pattern: str) -> list[Price]:
    return list(Price.objects.filter(project=project, provider=provider, pattern=pattern))


def _carry_out(project: Project, plan: Plan) -> None:
    for price in plan.removes:
        price.delete()
    for price, end in plan.ends:
        price.valid_to = end
        price.save(update_fields=["valid_to"])
    for price in plan.makes:
        price.project = project
        price.save(force_insert=True)


def _tell(
    project: Project, plan: Plan, price: Price, action: str, actor: Actor, **facts: Any
) -> None:
    """The audit entry, the job, and word to every process once this commits."""
    record(action, actor=actor, project=project, subject=price, **facts)
    change = Change(project.pk, price.provider, price.pattern, plan.since, plan.until)
    make_job(project, change, reason=action, actor=actor)
    transaction.on_commit(PRICER.forget)
    live.announce(PRICES_CHANGED, {"type": "prices.changed"})


def _facts(price: Price) -> dict[str, Any]:
    return {
        "provider": price.provider,
        "pattern": price.pattern,
        "prices": prices_in(price),
        "tiers": [{"above": tier.above, "prices": dict(tier.prices)} for tier in tiers_in(price)],
        "per_call": price.per_call,
        "batch_factor": price.batch_factor,
        "currency": price.currency,
        "usd_per_unit": price.usd_per_unit,
        "valid_from": price.valid_from,
        "valid_to": price.valid_to,
    }


def _old(plan: Plan) -> list[dict[str, Any]]:
    return [_facts(price) for price in [*plan.removes, *(price for price, _ in plan.ends)]]
