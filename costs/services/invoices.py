"""Providers' exports are taken as a whole or not at all, replaced with consent, and deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Max, Min

from accounts.models import Project
from accounts.services.trail import Actor, person, record
from costs.invoicing.faults import BadFile
from costs.invoicing.reading import read
from costs.invoicing.statement import Statement
from costs.models import Invoice, InvoiceLine
from costs.services.errors import BadInvoice, InvoiceOverlaps

REPLACE, ADD = "replace", "add"
MOST_INVOICES = 500
MOST_NAMED = 3
BATCH = 5_000


@dataclass(frozen=True)
class Taken:
    """What became of a file. `is_new` is False where it was there already."""

    invoice: Invoice
    is_new: bool = True

    @property
    def told(self) -> str:
        """What happened, in words."""
        found = self.invoice
        if not self.is_new:
            return f"This very file is here already, as {found.name}: nothing changed."
        days = (found.last_day - found.first_day).days + 1
        said = f"{days} day{'' if days == 1 else 's'} of {found.get_provider_display()} are here."
        names = [
            f"{'all of' if one['whole'] else 'days of'} {one['name']}" for one in found.replaced
        ]
        return f"{said} Replaced: {', '.join(names)}." if names else said


def take_invoice(
    project: Project,
    pieces: Iterable[bytes],
    *,
    name: str,
    provider: str = "",
    only: str = "",
    overlap: str = "",
    actor: Actor,
) -> Taken:
    """Read an export and keep it, all or nothing; the same file again changes nothing.

    `only` takes the rows of one project, workspace or key of the provider. Where days are there
    already, `overlap` says whether they are replaced or this is added beside them.

    Raises: BadInvoice, InvoiceOverlaps.
    """
    only = _text(only, "Which project or workspace")
    if provider not in ("", *Invoice.Provider.values):
        raise BadInvoice("A provider is openai or anthropic.", "provider")
    if overlap not in ("", REPLACE, ADD):
        raise BadInvoice("Days that are there already are replaced or added to.", "overlap")
    digest = hashlib.sha256()
    try:
        found = read(_hashed(pieces, digest), provider=provider, only=only)
    except BadFile as bad:
        where = ", ".join(
            part for part in (f"line {bad.line}" if bad.line else "", bad.column) if part
        )
        raise BadInvoice(str(bad), where) from None
    return _keep(project, found, _name(name), digest.hexdigest(), only, overlap, actor)


@transaction.atomic
def delete_invoice(invoice: Invoice, *, actor: Actor) -> None:
    """The export and its lines are gone."""
    record(
        "invoice.deleted", actor=actor, project=invoice.project, subject=invoice,
        name=invoice.name, provider=invoice.provider, first=str(invoice.first_day),
        last=str(invoice.last_day),
    )  # fmt: skip
    invoice.delete()


@transaction.atomic
def _keep(
    project: Project, found: Statement, name: str, sha256: str, only: str, overlap: str,
    actor: Actor,
) -> Taken:  # fmt: skip
    # Two of the same file at once: the second waits, and finds the first.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    mine = Invoice.objects.filter(project=project)
    known = mine.filter(sha256=sha256, only=only).first()
    if known is not None:
        return Taken(known, is_new=False)
    if mine.count() >= MOST_INVOICES:
        raise BadInvoice(f"A project keeps {MOST_INVOICES} exports. Delete old ones first.")
    others = _overlapping(project, found, only)
    if others and not overlap:
        raise InvoiceOverlaps(_asks(others, found))
    replaced = _replace(others, found) if overlap == REPLACE else []
    made = Invoice.objects.create(
        project=project, provider=found.provider, name=name, sha256=sha256, only=only,
        has_tokens=found.has_tokens, has_money=found.has_money, first_day=found.first,
        last_day=found.last, rows=found.rows, left_out=found.left_out, totals=found.totals,
        undated=found.undated, unknown=found.unknown, is_shifted=found.is_shifted,
        replaced=replaced, created_by=person(actor),
    )  # fmt: skip
    InvoiceLine.objects.bulk_create(
        [InvoiceLine(invoice=made, **asdict(line)) for line in found.lines], batch_size=BATCH
    )
    record(
        "invoice.imported", actor=actor, project=project, subject=made, name=name,
        provider=found.provider, sha256=sha256, first=str(found.first), last=str(found.last),
        rows=found.rows, cost_nano=found.cost, replaced=replaced,
    )  # fmt: skip
    return Taken(made)


def _overlapping(project: Project, found: Statement, only: str) -> list[Invoice]:
    """Exports that say the same of the same days: money twice, or tokens alone twice."""
    rows = Invoice.objects.select_for_update().filter(
        project=project, provider=found.provider, has_money=found.has_money,
        first_day__lte=found.last, last_day__gte=found.first,
    )  # fmt: skip
    if only:  # of two projects of the provider, each has its own days
        rows = rows.filter(only__in=("", only))
    return list(rows.order_by("pk"))


def _asks(others: Sequence[Invoice], found: Statement) -> str:
    named = [f"{one.name} ({one.first_day} to {one.last_day})" for one in others[:MOST_NAMED]]
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    return (
        f"{', '.join(named)}{more} already {'says' if len(others) == 1 else 'say'} what "
        f"{found.provider} billed in {found.first} to {found.last}. Say that these days are to be "
        "replaced, or that both count because they are of different projects or keys."
    )


def _replace(others: Sequence[Invoice], found: Statement) -> list[dict[str, object]]:
    """Take out of others what the new one says of its days; what is left of nothing is gone."""
    told: list[dict[str, object]] = []
    for one in others:
        before = {"name": one.name, "first": str(one.first_day), "last": str(one.last_day)}
        one.lines.filter(day__gte=found.first, day__lte=found.last).delete()
        left = one.lines.aggregate(first=Min("day"), last=Max("day"))
        rest = _rest_of(one, found)
        if left["first"] is None and not rest:
            told.append(before | {"whole": True})
            one.delete()
            continue
        days = [day for day in (left["first"], left["last"], *rest) if day is not None]
        one.first_day, one.last_day = min(days), max(days)
        one.save(update_fields=["first_day", "last_day"])
        told.append(before | {"whole": False})
    return told


def _rest_of(one: Invoice, found: Statement) -> list[object]:
    """Days of the old export before and after the new one: they may be empty and count."""
    day = timedelta(days=1)
    rest: list[object] = []
    if one.first_day < found.first:
        rest += [one.first_day, found.first - day]
    if one.last_day > found.last:
        rest += [found.last + day, one.last_day]
    return rest


def _hashed(pieces: Iterable[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece


def _name(text: str) -> str:
    """A file's name without its path and what cannot be kept."""
    plain = "".join(one for one in text if one.isprintable() and not "\ud800" <= one <= "\udfff")
    return plain.replace("\\", "/").rpartition("/")[2].strip()[:200] or "export.csv"


def _text(text: str, what: str) -> str:
    if any(not one.isprintable() or "\ud800" <= one <= "\udfff" for one in text):
        raise BadInvoice(f"{what}: letters that cannot be shown.", "only")
    if len(text) > 200:
        raise BadInvoice(f"{what}: at most 200 letters.", "only")
    return text.strip()
