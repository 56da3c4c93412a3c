"""Reserve and settle in front of Django: decided in groups, as one after the other."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler

from accounts.models import Project, Scope
from accounts.verification import Bearer
from costs.door.bodies import ask_of, end_of
from costs.door.endpoint import RESERVE, SETTLE, BudgetCalls
from costs.models import BudgetUse, Reservation
from costs.queries.budgets import Call
from costs.services.errors import BadReservation, OverBudget
from costs.services.reserving import Ask, reserve_all
from costs.services.settling import End, settle_all
from tests.costs.making import DOLLAR, budget
from tests.factories import Key, make_key

BEARER = Bearer(1, 2, "p", 3, "pk-rw-x", frozenset({"gateway"}), None)


@pytest.fixture
def key(project: Project) -> Key:
    return make_key(project, scopes=[Scope.GATEWAY])


async def post(door: BudgetCalls, path: str, said: Any, key: Key) -> tuple[int, Any]:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    sent = {"content-type": "application/json", "content-length": str(len(body)), **key.headers}
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": b"", "http_version": "1.1", "scheme": "http",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
    }  # fmt: skip
    assert door.serves(scope)
    answers: list[Any] = []
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        while not left:
            await asyncio.sleep(60)
        return left.pop()

    async def send(message: Any) -> None:
        answers.append(message)

    await door(scope, receive, send)
    return answers[0]["status"], json.loads(b"".join(one.get("body", b"") for one in answers))


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_exactly_what_the_limit_holds(project: Project, key: Key) -> None:
    budget(project, limit=DOLLAR // 10)
    budget(project, scope="key", value=key.public, limit=DOLLAR, name="Key")

    async def all_of_them() -> list[tuple[int, Any]]:
        door = BudgetCalls(ASGIHandler())
        try:
            asks = [
                post(door, RESERVE, {"id": f"c{one % 60}", "amount_usd": "0.01"}, key)
                for one in range(80)
            ]
            told = await asyncio.gather(*asks)
            some = next(said["id"] for status, said in told if status == 201)
            ended = [post(door, SETTLE, {"id": some, "amount_usd": "0.004"}, key)]
            ended += [post(door, RESERVE, {"amount_usd": 0.006}, key)]
            odd = [
                post(door, RESERVE, {"amount_usd": "-1"}, key),
                post(door, SETTLE, {"id": "unknown"}, key),
                post(door, RESERVE, b"{", key),
            ]
            return told + list(await asyncio.gather(*ended, *odd))
        finally:
            await asyncio.to_thread(door.close)

    told = asyncio.run(all_of_them())
    ids = {said["id"] for status, said in told[:80] if status == 201}
    assert len(ids) == 10
    assert Counter(status for status, _ in told[:80]).keys() == {201, 402}
    over = next(said for status, said in told if status == 402)
    assert (over["title"], over["left"]) == ("Over budget", "0")
    assert [status for status, _ in told[80:]] == [200, 201, 400, 400, 400]
    assert told[82][1]["errors"][0]["where"] == "amount_usd"
    uses = BudgetUse.objects.values_list("settled", "reserved")
    assert set(uses) == {(4_000_000, 96_000_000)}


@pytest.mark.django_db
def test_a_group_is_decided_as_if_one_came_after_the_other(project: Project) -> None:
    budget(project)
    soft = budget(project, scope="feature", value="chat", limit=1, is_hard=False, unit="tokens")
    place = {"project_id": project.pk, "organization_id": project.organization_id}
    chat, none = Call(feature="chat"), Call()
    told = reserve_all(
        [
            Ask(**place, call=none, nano=6 * DOLLAR // 10, uid="a"),
            Ask(**place, call=none, nano=6 * DOLLAR // 10, uid="b"),
            Ask(**place, call=chat, nano=9, uid="a"),
            Ask(**place, call=chat, nano=-1),
            Ask(**place, call=chat, nano=4 * DOLLAR // 10, tokens=2**62),
            Ask(**place, call=none, nano=1),
            Ask(**place, call=chat, nano=0, tokens=2**62),
        ]
    )
    first, over, again, bad, last, full, endless = told
    assert isinstance(first, Reservation)
    assert isinstance(last, Reservation)
    assert again is first
    assert (type(over), type(bad), type(full)) == (OverBudget, BadReservation, OverBudget)
    assert "can be counted" in str(endless)
    assert Reservation.objects.count() == 2
    ends = [
        End(project.pk, "a", DOLLAR // 10), End(project.pk, "a", DOLLAR // 10),
        End(project.pk, "a", 5), End(project.pk, "b", 1), End(project.pk, last.uid, 0, 2**62),
    ]  # fmt: skip
    done = settle_all(ends)
    assert [isinstance(one, Reservation) for one in done] == [True, True, False, False, True]
    assert set(BudgetUse.objects.values_list("settled", "reserved")) == {
        (DOLLAR // 10, 0), (2**62, 0),
    }  # fmt: skip
    more = Ask(**place, call=chat, nano=0, tokens=2**62, uid="m")
    for _ in range(2):  # what cannot be counted any more stays at the most
        Reservation.objects.filter(uid="m").delete()
        reserve_all([more])
        settle_all([End(project.pk, "m", 0, 2**62)])
    assert soft.uses.get().settled == 2**63 - 1


def test_only_plain_bodies_are_read_here() -> None:
    asked = ask_of(b'{"id": " x ", "amount_usd": 0.1, "tokens": 3, "more": 1}', BEARER)
    assert asked is not None
    assert (asked.uid, asked.nano, asked.tokens, asked.call.key) == (
        "x", 100_000_000, 3, "pk-rw-x",
    )  # fmt: skip
    exact = ask_of(b'{"amount_usd": "123456789.000000001"}', BEARER)
    assert exact is not None
    assert exact.nano == 123456789_000000001
    odd: list[dict[str, Any]] = [
        {"amount_usd": "-1"}, {"amount_usd": "1e3"}, {"amount_usd": 1e-7}, {"amount_usd": None},
        {"amount_usd": True}, {"amount_usd": "0.0000000001"}, {"amount_usd": "\u0661"},
        {"tokens": 2**62 + 1}, {"tokens": True}, {"tokens": "3"}, {"ttl_seconds": 0},
        {"feature": None}, {"feature": "a\0"}, {"model": "x" * 201}, {"id": 7},
    ]  # fmt: skip
    for said in odd:
        assert ask_of(json.dumps(said).encode(), BEARER) is None, said
    for body in (b"[]", b"", b'{"id": "\\ud800"}', b"\xff"):
        assert ask_of(body, BEARER) is None
        assert end_of(body, BEARER) is None
    assert end_of(b'{"id": ""}', BEARER) is None
    assert end_of(b'{"id": "x"}', BEARER) == End(2, "x", 0)
