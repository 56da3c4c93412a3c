"""What a provider says is kept once, replaced with consent, and compared with what was counted."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, Scope, User
from audit.models import AuditEntry
from costs.invoicing.sides import Cell
from costs.models import Invoice, InvoiceLine
from costs.queries.invoices import comparison_of
from costs.services.errors import BadInvoice, InvoiceOverlaps
from costs.services.invoices import delete_invoice, take_invoice
from tests.factories import make_key
from tests.traces.seeing import call, now_ns, store

pytestmark = pytest.mark.django_db
AT = "/p/support/costs/invoices/"
FIXTURES = Path(__file__).parent.parent / "fixtures" / "costs"
HEAD = "start_time,model,input_tokens,output_tokens,num_model_requests,amount_value,line_item\n"
NANO = 10**9


def days_ago(days: int) -> date:
    return (datetime.fromtimestamp(now_ns() / NANO, UTC) - timedelta(days=days)).date()


def at_noon(days: int) -> float:
    """Seconds from the noon of that day to now, as makers of spans count."""
    noon = datetime.combine(days_ago(days), datetime.min.time(), UTC) + timedelta(hours=12)
    return now_ns() / NANO - noon.timestamp()


def take(project: Project, text: str, actor: User | None = None, **said: Any) -> Invoice:
    said.setdefault("name", "bill.csv")
    return take_invoice(project, [text.encode()], actor=actor, **said).invoice


def row(days: int, **said: Any) -> str:
    cells = {
        "model": "gpt-4o",
        "in": "",
        "out": "",
        "requests": "",
        "amount": "",
        "item": "",
    } | said
    return ",".join(str(one) for one in (days_ago(days), *cells.values())) + "\n"


def of_model(invoice: Invoice, model: str) -> Cell:
    compared, _ = comparison_of(invoice)
    return next(one for one in compared.by_model() if one.model == model)


def causes(cell: Cell) -> dict[str, int | None]:
    return {one.kind: one.amount for one in cell.causes}


def test_the_same_tokens_at_the_same_price_leave_nothing(project: Project) -> None:
    # gpt-4o: $2.50 and $10 a million tokens.
    of = {"provider": "openai", "ago": at_noon(3), "in_uncached": 1000, "out_text": 100}
    store(project, *(call(f"t{n}", **of) for n in range(10)))
    found = take(project, HEAD + row(3, **{"in": 10_000}, out=1_000, requests=10, amount="0.035"))
    cell = of_model(found, "gpt-4o")
    assert (cell.billed, cell.ours, cell.difference, cell.remainder) == (35_000_000,) * 2 + (0, 0)
    assert cell.causes == []
    assert cell.token_difference == 0


def test_each_cause_is_told_on_its_own_evidence(project: Project) -> None:
    store(
        project,
        call("judge", provider="openai", ago=at_noon(5), in_uncached=1_000_000, out_text=0,
             environment="langfuse-llm-as-a-judge"),
        call("priced", provider="openai", ago=at_noon(4), in_uncached=1_000_000, out_text=0),
        call("lost", provider="openai", model="own-tune", ago=at_noon(5), in_uncached=1000,
             out_text=0),
        call("idle", provider="openai", model="gpt-4o-mini", ago=at_noon(5), in_uncached=10**6,
             out_text=0),
        call("other", provider="anthropic", model="claude-haiku-4-5", ago=at_noon(5), cost=7),
    )  # fmt: skip
    text = HEAD + row(5, **{"in": 3_000_000}, out=0, amount="7.5")  # two thirds are not traced
    text += row(4, **{"in": 1_000_000}, out=0, amount="3")  # a fifth dearer
    text += row(5, model="own-tune", **{"in": 1000}, out=0, amount="2")
    text += row(5, model="gpt-9", **{"in": 1000}, out=0, amount="1")
    text += row(4, model="", amount="0.4", item="Sales tax") + row(
        4, model="", amount="-0.3", item="Credit grant"
    )
    text += row(4, model="", amount="0.2", item="Something new")
    found = take(project, text)
    compared, _ = comparison_of(found)
    assert causes(of_model(found, "gpt-4o")) == {"untraced": 5 * NANO, "price": NANO // 2}
    assert causes(of_model(found, "own-tune")) == {"unpriced": 2 * NANO}
    assert causes(of_model(found, "gpt-9")) == {"unknown_model": NANO}
    assert causes(of_model(found, "gpt-4o-mini")) == {"unbilled": -150_000_000}
    assert causes(of_model(found, "Not of a model")) == {"tax": 400_000_000, "credit": -300_000_000}
    assert compared.total.remainder == 200_000_000, "what nobody knows is unexplained"
    assert compared.total.billed == 13_800_000_000
    explained = sum(one.amount or 0 for one in compared.total.causes)
    assert compared.total.difference == explained + 200_000_000
    assert all(cell.model != "claude-haiku-4-5" for cell in compared.cells)


def test_money_alone_is_explained_by_nothing_that_it_does_not_show(project: Project) -> None:
    store(project, call("t1", provider="openai", ago=at_noon(3), cost=1))
    found = take(project, HEAD + row(3, amount="4"))
    cell = of_model(found, "gpt-4o")
    assert (cell.causes, cell.remainder) == ([], 3 * NANO)
    usage = take(project, HEAD + row(3, **{"in": 100}, out=20, requests=1), name="usage.csv")
    assert of_model(usage, "gpt-4o").billed_tokens is not None
    assert "price" in causes(of_model(usage, "gpt-4o")), "both together say that the price differs"
    assert Invoice.objects.count() == 2


def test_days_of_one_side_alone_are_told_without_tokens(project: Project) -> None:
    store(project, call("t1", provider="openai", ago=at_noon(4), cost=1))
    found = take(project, HEAD + row(5, amount="4") + row(3, model="gpt-4o-mini", amount="1"))
    assert causes(of_model(found, "gpt-4o")) == {"untraced": 4 * NANO, "beyond": -NANO}
    assert of_model(found, "gpt-4o").remainder == 0


def test_a_file_is_kept_once_and_days_are_replaced_with_consent(
    project: Project, alice: User
) -> None:
    text = HEAD + row(9, amount="1") + row(8, amount="1") + row(7, amount="1")
    first = take(project, text, alice)
    assert take_invoice(project, [text.encode()], name="b.csv", actor=alice).is_new is False
    newer = HEAD + row(8, amount="2") + row(6, amount="2")
    with pytest.raises(InvoiceOverlaps, match=r"bill\.csv .* already says"):
        take(project, newer, alice, name="newer.csv")
    assert InvoiceLine.objects.count() == 3
    second = take_invoice(
        project, [newer.encode()], name="newer.csv", overlap="replace", actor=alice
    )
    assert "Replaced: days of bill.csv" in second.told
    first.refresh_from_db()
    assert (first.first_day, first.last_day) == (days_ago(9), days_ago(9))
    assert AuditEntry.objects.filter(action="invoice.imported").count() == 2
    with pytest.raises(BadInvoice, match="Line 2"):
        take(project, HEAD + "nonsense" + "," * 6)
    assert Invoice.objects.count() == 2
    delete_invoice(second.invoice, actor=alice)
    assert AuditEntry.objects.filter(action="invoice.deleted").count() == 1
    assert InvoiceLine.objects.count() == 1


def test_pages_load_compare_and_delete(
    owner_client: Client, member_client: Client, stranger_client: Client, project: Project,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    assertContains(owner_client.get(AT), "No export yet")
    assertNotContains(member_client.get(AT), "Load and compare")
    bad = owner_client.post(AT, {"file": BytesIO(b"a,b\n1,2")})
    assertContains(bad, "no column says the day", status_code=422)
    with (FIXTURES / "openai-costs.csv").open("rb") as file:
        assert member_client.post(AT, {"file": file}).status_code == 403
        file.seek(0)
        assert owner_client.post(AT, {"file": file}).status_code == 303
    (found,) = Invoice.objects.all()
    assertContains(member_client.get(AT), "openai-costs.csv")
    with django_assert_max_num_queries(20):
        page = member_client.get(f"{AT}{found.pk}/?model=gpt-4o-2024-08-06")
    for said in (
        "Unexplained remainder",
        "Taxes",
        "By day of gpt-4o",
        "Quantum surcharge",
        "$1.52",
    ):
        assertContains(page, said)
    answer = member_client.get(f"{AT}{found.pk}/export/")
    rows = list(csv.DictReader(answer.content.decode().splitlines()))
    assert sum(float(one["billed_usd"] or 0) for one in rows) == pytest.approx(1.5175)
    assert stranger_client.get(f"{AT}{found.pk}/").status_code == 404
    assert owner_client.post(f"{AT}{found.pk}/delete/").status_code == 303
    assert not Invoice.objects.exists()


def test_rest_takes_the_file_as_the_body_or_as_a_form(client: Client, project: Project) -> None:
    headers = make_key(project, scopes=[Scope.READ, Scope.ADMIN]).headers
    body = (FIXTURES / "anthropic-costs.csv").read_bytes()
    at = "/api/v1/invoices"
    made = client.post(f"{at}?name=a.csv", body, content_type="text/csv", headers=headers)
    assert (made.status_code, made.json()["billed_usd"]) == (201, "0.75")
    again = client.post(at, {"file": BytesIO(body)}, headers=headers)
    assert (again.status_code, again.json()["new"]) == (200, False)
    other = client.post(at, body + b"\n\n", content_type="text/csv", headers=headers)
    assert (other.status_code, "replaced" in other.json()["detail"]) == (409, True)
    odd = client.post(at, b"\xff\xfe\x00", content_type="text/csv", headers=headers)
    assert odd.status_code == 400
    assert client.post(at, {}, headers=headers).status_code == 400
    one = f"{at}/{made.json()['id']}"
    told = client.get(f"{one}/comparison", headers=headers).json()
    assert told["total"]["billed_usd"] == "0.75"
    assert {cause["kind"] for cause in told["total"]["causes"]} == {"unknown_model", "tool"}
    assert client.get(f"{one}/comparison?as=csv", headers=headers).status_code == 200
    assert len(client.get(at, headers=headers).json()["data"]) == 1
    assert client.delete(one, headers=headers).status_code == 204
