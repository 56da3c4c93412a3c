"""Every call leaves a span with its messages, usage and exact cost, also where it failed."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.test import Client

from accounts.models import Project
from gateway import client
from gateway.client import About, ChatRequest, EmbeddingRequest, ModelClient, user
from gateway.client.errors import AuthFailed, CutOff, RateLimited
from gateway.client.process import current
from governance.redaction import add_rule
from pricing.services.prices import set_price
from pricing.terms import Terms
from tests.factories import Key
from tests.gateway.calling import KEY, QUICK, anthropic, asked, openai
from tests.provider import ANSWER, Provider
from tests.provider_faults import Fault
from tests.traces.stored import fetch, within
from traces.ingest.writer import own
from traces.ingest.writer.own import OwnSpans

pytestmark = pytest.mark.django_db(transaction=True)


def span_of(key: Key, trace_id: str) -> dict[str, Any]:
    response = Client(headers=key.headers).get(f"/api/v1/traces/{trace_id}/spans")
    assert response.status_code == 200, response.content
    (span,) = response.json()["data"]
    return span


def priced(project: Project, model: str) -> None:
    prices = {"in_uncached": "3", "in_cached": "0.3", "in_cache_write": "3.75", "out_text": "15"}
    exact = {name: Decimal(price) for name, price in prices.items()}
    set_price(project, Terms(pattern=model, prices=exact), actor=None)


def test_a_call_from_synchronous_code(project: Project, key: Key, upstream: Provider):
    priced(project, "claude-*")
    about = About(project.pk, prompt_name="ship", prompt_version="3", user_id="u1")
    request = asked("claude-sonnet-4-5", parameters={"temperature": 0.2, "seed": 4})
    called = client.chat(anthropic(upstream), request, about, QUICK)
    # 20 fresh, 100 cached and 40 written tokens in, 11 out; dollars per million.
    exact = Decimal("20") * 3 + Decimal("100") * Decimal("0.3") + 40 * Decimal("3.75") + 11 * 15
    assert called.given.text == ANSWER
    assert (called.cost_nano, called.not_recorded) == (exact * 1000, "")
    assert (called.tries, called.first_token_us, called.left_out) == (1, None, ("seed",))
    span = span_of(key, called.trace_id)
    assert span["span_id"] == called.span_id
    assert (span["feature"], span["environment"]) == ("roadworthy.platform", "platform")
    assert (span["prompt_name"], span["prompt_version"], span["user_id"]) == ("ship", 3, "u1")
    assert (span["kind"], span["provider"]) == ("generation", "other")
    assert span["model"] == "claude-sonnet-4-5-20250929"
    assert span["model_requested"] == "claude-sonnet-4-5"
    assert Decimal(span["cost_usd"]) == exact / 10**6
    assert span["input"][0]["parts"] == [{"type": "text", "content": "Where is it?"}]
    assert span["output"][0]["parts"] == [{"type": "text", "content": ANSWER}]
    assert span["usage"]["cache_read_input_tokens"] == 100
    assert span["params"]["temperature"] == 0.2
    assert KEY not in str(span)


def test_a_key_in_the_words_of_a_failure_stays_out_of_the_span(
    project: Project, key: Key, upstream: Provider
):
    async def talk() -> str:
        model = await current()
        async with model.stream(openai(upstream), asked(), About(project.pk), QUICK) as said:
            raise RuntimeError(f"the caller fails, and says {KEY} {said.trace_id}")

    with pytest.raises(RuntimeError) as failed:
        asyncio.run(talk())
    trace_id = str(failed.value).split()[-1]
    assert within(3, lambda: bool(fetch("select 1 from span where trace_id = %s", trace_id)))
    span = span_of(key, trace_id)
    assert span["status_message"] == f"the caller fails, and says [key] {trace_id}"


def test_a_stream_in_an_event_loop(project: Project, key: Key, upstream: Provider):
    upstream.faults.append(Fault(429, "later"))

    async def talk() -> Any:
        model = await current()
        about = About(project.pk, feature="playground")
        async with model.stream(openai(upstream), asked(), about, QUICK) as said:
            assert [delta async for delta in said]
            return said.called

    called = asyncio.run(talk())
    assert called.cost_nano is None  # a server that nobody has a price for
    assert called.tries == 2
    span = span_of(key, called.trace_id)
    assert span["feature"] == "playground"
    assert 0 < span["time_to_first_token_ms"] <= span["duration_ms"]
    (retry,) = span["events"]
    assert retry["attributes"]["error.type"] == "rate_limited"


FAILURES: list[tuple[Fault, type[client.CallFailed], str]] = [
    (Fault(401, "wrong key", echoes=True), AuthFailed, "auth_failed"),
    (Fault(429), RateLimited, "rate_limited"),
    (Fault(cut_after=3), CutOff, "cut_off"),
]


def test_a_failure_leaves_a_span_too(project: Project, key: Key, upstream: Provider, caplog):
    async def fail() -> None:
        about = About(project.pk)
        async with (await current()).stream(openai(upstream), asked(), about, QUICK) as said:
            async for _ in said:
                pass

    for fault, failure, word in FAILURES:
        upstream.faults.clear()
        upstream.faults.extend([fault] * 3)
        with pytest.raises(failure) as failed:
            asyncio.run(fail())
        span = span_of(key, failed.value.trace_id)
        assert (span["level"], span["error_type"]) == ("ERROR", word)
        assert span["status_message"] == str(failed.value)
        assert span["cost_usd"] is None
        assert KEY not in str(span) + str(failed.value) + caplog.text
    assert span["output"][0]["parts"][0]["content"] == "It is"


def test_who_leaves_leaves_a_span_that_says_so(project: Project, key: Key, upstream: Provider):
    upstream.faults.append(Fault(pause=0.05))

    async def leave() -> str:
        about = About(project.pk)
        async with (await current()).stream(openai(upstream), asked(), about, QUICK) as said:
            async for _ in said:
                return said.trace_id
        raise AssertionError

    trace_id = asyncio.run(leave())
    assert within(3, lambda: bool(fetch("select 1 from span where trace_id = %s", trace_id)))
    span = span_of(key, trace_id)
    assert (span["level"], span["error_type"]) == ("WARNING", "cancelled")
    assert within(1, lambda: bool(upstream.left))


def test_what_is_kept_has_crossed_redaction(project: Project, key: Key, upstream: Provider):
    remove = add_rule(lambda text: text.replace("4711", "[number]"))
    try:
        request = asked(messages=(user("My card is 4711."),))
        called = client.chat(openai(upstream), request, About(project.pk), QUICK)
    finally:
        remove()
    assert upstream.requests[-1].body["messages"][0]["content"] == "My card is 4711."
    assert "4711" not in str(span_of(key, called.trace_id))


def test_vectors_are_asked_for_and_priced(project: Project, key: Key, upstream: Provider):
    priced(project, "text-embedding-*")
    request = EmbeddingRequest("text-embedding-3-small", ("a", "b"))
    called = client.embed(openai(upstream), request, About(project.pk), QUICK)
    assert called.given.vectors == [[0.25, -0.5]] * 2
    assert called.cost_nano == 18 * 3 * 1000
    span = span_of(key, called.trace_id)
    assert (span["kind"], span["input"]) == ("embedding", ["a", "b"])
    upstream.faults.append(Fault(400, "too long"))
    with pytest.raises(client.CallFailed, match="too long") as failed:
        client.embed(openai(upstream), request, About(project.pk), QUICK)
    assert span_of(key, failed.value.trace_id)["error_type"] == "bad_request"


def test_a_call_may_stand_in_a_trace_of_the_caller(project: Project, key: Key, upstream: Provider):
    about = About(project.pk, trace_id="t-1", parent_span_id="p-1", name="judge")
    called = client.chat(openai(upstream), ChatRequest("gpt-4o-mini", (user("Hi"),)), about, QUICK)
    span = span_of(key, called.trace_id)
    assert (called.trace_id, span["parent_span_id"], span["name"]) == ("t-1", "p-1", "judge")


def test_a_database_that_is_away_costs_the_span_and_not_the_answer(
    project: Project, upstream: Provider, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(own, "STORED_WITHIN_SECONDS", 0.5)
    away = OwnSpans(lambda: psycopg.connect("host=127.0.0.1 port=1 connect_timeout=1"))

    async def talk() -> Any:
        model = ModelClient(away)
        try:
            return await model.chat(openai(upstream), asked(), About(project.pk), QUICK)
        finally:
            await model.close()

    called = asyncio.run(talk())
    away.close()
    assert called.given.text == ANSWER
    assert called.not_recorded == "the database does not answer"
    assert not fetch("select 1 from span")
