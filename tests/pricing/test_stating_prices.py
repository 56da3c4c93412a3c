"""Prices are stated, ended and removed; periods never overlap, whoever writes."""

from __future__ import annotations

import itertools
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import orjson
import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Project
from audit.models import AuditEntry
from kit.connections import connection_parameters
from kit.live import PG_CHANNEL
from pricing.card import Tier
from pricing.models import Price, PriceJob
from pricing.plans import PeriodTaken
from pricing.pricer import PRICES_CHANGED
from pricing.services.prices import end_price, note_price, remove_price, set_price
from pricing.terms import BadPrice, Terms, price_of

JUNE, JULY, AUGUST = (datetime(2026, month, 1, tzinfo=UTC) for month in (6, 7, 8))


def terms(**more) -> Terms:
    stated = {"pattern": "our-model", "prices": {"in_uncached": Decimal(1)}, "valid_from": JUNE}
    return Terms(**{**stated, **more})


def periods() -> list[tuple[datetime, datetime | None, Decimal]]:
    rows = Price.objects.order_by("valid_from")
    return [(row.valid_from, row.valid_to, row.in_uncached) for row in rows]


def priced(amount: int, **more) -> Terms:
    return terms(prices={"in_uncached": Decimal(amount)}, **more)


def test_a_new_price_ends_the_one_that_runs(project, alice):
    set_price(project, priced(1), actor=alice)
    set_price(project, priced(2, valid_from=JULY), actor=alice)
    assert periods() == [(JUNE, JULY, 1), (JULY, None, 2)]
    entry = AuditEntry.objects.filter(action="price.set").latest("sequence")
    assert entry.actor_label == alice.email
    assert entry.details["prices"] == {"in_uncached": "2"}
    assert entry.details["replaces"][0]["valid_from"] == JUNE.isoformat()


def test_an_older_one_lasts_until_the_next_that_stands(project):
    set_price(project, priced(2, valid_from=JULY), actor=None)
    set_price(project, priced(1), actor=None)
    assert periods() == [(JUNE, JULY, 1), (JULY, None, 2)]


def test_after_one_with_an_end_the_old_one_goes_on(project):
    set_price(project, priced(3), actor=None)
    set_price(project, priced(1, valid_from=JULY, valid_to=AUGUST), actor=None)
    assert periods() == [(JUNE, JULY, 3), (JULY, AUGUST, 1), (AUGUST, None, 3)]


def test_one_from_the_same_instant_replaces(project):
    set_price(project, priced(1), actor=None)
    set_price(project, priced(2), actor=None)
    assert periods() == [(JUNE, None, 2)]


def test_a_stated_end_must_not_run_into_another(project):
    set_price(project, priced(2, valid_from=JULY), actor=None)
    with pytest.raises(PeriodTaken):
        set_price(project, priced(1, valid_to=AUGUST), actor=None)
    assert periods() == [(JULY, None, 2)]


def test_ending_and_removing(project, alice):
    price = set_price(project, priced(1), actor=alice)
    with pytest.raises(PeriodTaken):
        end_price(price, JUNE, actor=alice)
    end_price(price, JULY, actor=alice)
    with pytest.raises(PeriodTaken):
        end_price(price, AUGUST, actor=alice)
    note_price(price, "by contract", actor=alice)
    remove_price(price, actor=alice)
    assert periods() == []
    actions = AuditEntry.objects.order_by("sequence").values_list("action", flat=True)
    assert list(actions) == ["price.set", "price.ended", "price.noted", "price.removed"]


def test_each_change_makes_a_job_for_what_it_concerns(project):
    price = set_price(project, priced(1), actor=None)
    end_price(price, JULY, actor=None)
    found = PriceJob.objects.order_by("pk").values_list("reason", "since", "until")
    assert list(found) == [("price.set", JUNE, None), ("price.ended", JULY, None)]


def test_a_price_of_the_future_concerns_no_call_yet(project):
    set_price(project, priced(1, valid_from=datetime(2100, 1, 1, tzinfo=UTC)), actor=None)
    assert not PriceJob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_others_hear_of_it_once_it_is_committed(project):
    news = [PRICES_CHANGED, {"type": "prices.changed"}]
    with psycopg.connect(**connection_parameters(), autocommit=True) as other:
        other.execute(f"listen {PG_CHANNEL}")

        def heard(seconds: float) -> list[object]:
            notes = other.notifies(timeout=seconds, stop_after=1)
            return [orjson.loads(note.payload) for note in notes]

        with transaction.atomic():
            set_price(project, priced(1), actor=None)
            assert news not in heard(0.1)
        assert news in heard(30)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"pattern": " "}, "model"),
        ({"pattern": "gpt-*-mini"}, "model"),
        ({"prices": {}}, "prices"),
        ({"prices": {"total": Decimal(1)}}, "prices.total"),
        ({"prices": {"in_uncached": Decimal(-1)}}, "prices.in_uncached"),
        ({"prices": {"in_uncached": Decimal("1E-11")}}, "prices.in_uncached"),
        ({"prices": {"in_uncached": Decimal("NaN")}}, "prices.in_uncached"),
        ({"tiers": (Tier(0, {"in_uncached": Decimal(1)}),)}, "tiers[0].above"),
        ({"tiers": (Tier(5, {}),)}, "tiers[0].prices"),
        ({"currency": "euro"}, "currency"),
        ({"currency": "EUR", "usd_per_unit": Decimal(0)}, "usd_per_unit"),
        ({"usd_per_unit": Decimal("1.1")}, "usd_per_unit"),
        ({"batch_factor": Decimal(11)}, "batch_factor"),
        ({"valid_to": JUNE}, "valid_to"),
    ],
)
def test_terms_that_make_no_price(project, wrong, where):
    with pytest.raises(BadPrice) as refused:
        set_price(project, terms(**wrong), actor=None)
    assert refused.value.where == where


def test_the_database_refuses_an_overlap_too(project):
    set_price(project, priced(1), actor=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        price_of(priced(2, valid_from=JULY), project=project).save()
    price_of(priced(2, valid_from=JULY, provider="openai"), project=project).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Price.objects.filter(provider="openai").update(provider="")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by_service", [True, False])
def test_two_writers_at_once_never_overlap(project: Project, by_service):
    start = threading.Barrier(2)
    refused: list[BaseException] = []

    def write(offset: int) -> None:
        start.wait()
        for n in range(10):
            wanted = priced(1, valid_from=JUNE + timedelta(hours=2 * n + offset))
            try:
                if by_service:
                    set_price(project, wanted, actor=None)
                else:
                    price_of(wanted, project=project).save()
            except IntegrityError as error:
                refused.append(error)
        connection.close()

    writers = [threading.Thread(target=write, args=[offset]) for offset in (0, 1)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = periods()
    assert len(found) == (20 if by_service else 1)
    assert len(refused) == (0 if by_service else 19)
    for (_, end, _), (begin, _, _) in itertools.pairwise(found):
        assert end is not None
        assert end <= begin
