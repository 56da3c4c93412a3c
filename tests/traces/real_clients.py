"""Real clients against a running server: what they need, and what they must cost, by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import httpx
import pytest

from accounts.models import Project
from pricing.services.prices import set_price
from pricing.terms import Terms
from tests.clients import told_by
from tests.factories import Key
from tests.provider import MODELS, REFUSED, Answer, Provider, Usage, running
from tests.traces.serving import Web
from tests.traces.stored import connect
from traces.digest import queue
from traces.digest.settle import settle_what_is_due

# Dollars per million tokens, as this project states them: no client can know them, each class has
# its own, and none makes whole nano-dollars.
PRICES: dict[str, dict[str, str]] = {
    "gpt-4o-mini": {"in_uncached": "0.1537", "in_cached": "0.0713", "out_text": "0.6127"},
    "gpt-4.1": {"in_uncached": "2.0031", "in_cached": "0.5057", "out_text": "8.0113"},
    "gpt-5-mini": {
        "in_uncached": "0.2503",
        "in_cached": "0.0251",
        "out_text": "2.0009",
        "out_reasoning": "3.1007",
    },
    "claude-sonnet-4-5": {
        "in_uncached": "3.0007",
        "in_cached": "0.3011",
        "in_cache_write": "3.7513",
        "out_text": "15.0019",
    },
    "text-embedding-3-small": {"in_uncached": "0.0203"},
}


def classes(usage: Usage) -> dict[str, int]:
    """The disjoint classes of what the provider counted."""
    return {
        "in_uncached": usage.prompt - usage.cached - usage.written,
        "in_cached": usage.cached,
        "in_cache_write": usage.written,
        "out_text": usage.completion - usage.reasoning,
        "out_reasoning": usage.reasoning,
    }


def nano_dollars(answer: Answer) -> int:
    """The cost of a call worked out from PRICES alone, rounded half to even once."""
    (asked,) = [name for name, model in MODELS.items() if answer.model in (name, model.name)]
    prices = PRICES[asked]
    exact = sum(
        (
            Decimal(tokens) * Decimal(prices.get(name, "0")) * 1000
            for name, tokens in classes(answer.usage).items()
        ),
        Decimal(0),
    )
    return int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))


def nano_of(dollars: str) -> int:
    """Decimal text of dollars as nano-dollars, which it must be exactly."""
    exact = Decimal(dollars) * 10**9
    assert exact == int(exact), dollars
    return int(exact)


@dataclass
class Stage:
    """A project with its prices, a provider, and the server that is told of the calls."""

    provider: Provider
    web: Web
    key: Key
    http: httpx.Client

    def told(self, name: str, program: str = "", **environment: str) -> dict[str, Any]:
        """What the client `name` prints after its calls; then every trace is settled."""
        told = told_by(
            name,
            self.web.url,
            self.key,
            program,
            OPENAI_BASE_URL=self.provider.url,
            OPENAI_API_KEY="sk-test",
            ANTHROPIC_BASE_URL=self.provider.url.removesuffix("/v1"),
            ANTHROPIC_API_KEY="sk-test",
            OTEL_EXPORTER_OTLP_ENDPOINT=self.web.url,
            OTEL_EXPORTER_OTLP_HEADERS=f"Authorization=Bearer%20{self.key.secret}",
            **environment,
        )
        with connect() as link:
            settle_what_is_due(link)
        return told

    def traces(self) -> list[dict[str, Any]]:
        """All traces that arrived, oldest first."""
        listed = self.http.get("/api/v1/traces", params={"limit": 50}).json()["data"]
        return sorted(listed, key=lambda trace: trace["start"])

    def spans(self, trace_id: str) -> list[dict[str, Any]]:
        """The spans of a trace by start, whole."""
        found: list[dict[str, Any]] = self.http.get(f"/api/v1/traces/{trace_id}/spans").json()[
            "data"
        ]
        return found

    def check(
        self,
        traces: list[dict[str, Any]],
        spans: list[dict[str, Any]],
        as_told: Callable[[Answer], Answer] = lambda answer: answer,
        part: slice = slice(None),
    ) -> None:
        """Each good answer is one counted call in its classes at its price, and they sum up.

        `as_told` is what a client that keeps something to itself can tell of an answer; `part` are
        the answers that went into these traces.
        """
        answers = [as_told(answer) for answer in self.provider.answers[part]]
        counted = [span for span in spans if span["tokens"] is not None]
        assert Counter(map(_arrived, counted)) == Counter(map(_expected, answers))
        assert {span["cost_source"] for span in counted} == {"project"}
        failed = {span["model"] for span in spans if span["level"] == "ERROR" and _is_call(span)}
        assert (failed, set(self.provider.refusals)) == (set(REFUSED), set(REFUSED.values()))
        # The totals of the traces are those of the provider's own bookkeeping.
        assert all(trace["settled"] for trace in traces)
        cost = sum(nano_of(trace["cost_usd"]) for trace in traces if trace["cost_usd"])
        assert cost == sum(map(nano_dollars, answers))
        sums = Counter[str]()
        for trace in traces:
            sums.update(trace["tokens"] or {})
        assert sums["input_total"] == sum(answer.usage.prompt for answer in answers)
        assert sums["output_total"] == sum(answer.usage.completion for answer in answers)
        calls = sum(trace["call_count"] for trace in traces)
        assert calls == len(answers) + len(REFUSED)
        # What a refused call cost nobody said: unknown, not zero.
        assert sum(trace["unpriced_calls"] for trace in traces) == len(REFUSED)
        assert not self.web.complaints()


def without_reasoning(answer: Answer) -> Answer:
    """As told by a client that keeps the reasoning tokens to itself: all output is text."""
    return replace(answer, usage=replace(answer.usage, reasoning=0))


def streamed_as_asked(answer: Answer) -> Answer:
    """As told by a client that of a streamed call knows only the model that was asked for."""
    asked = {model.name: name for name, model in MODELS.items()}
    return replace(answer, model=asked[answer.model]) if answer.streamed else answer


def _is_call(span: dict[str, Any]) -> bool:
    return span["kind"] in ("generation", "embedding")


def _arrived(span: dict[str, Any]) -> tuple[Any, ...]:
    tokens = span["tokens"]
    names = ("input_uncached", "input_cached", "input_cache_write", "output_text")
    assert (tokens["input_audio"], tokens["output_audio"]) == (0, 0)
    told = (*(tokens[name] for name in names), tokens["output_reasoning"])
    return span["model"], *told, nano_of(span["cost_usd"])


def _expected(answer: Answer) -> tuple[Any, ...]:
    return answer.model, *classes(answer.usage).values(), nano_dollars(answer)


def texts(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Role and text of each message that has one."""
    return [
        (message["role"], part["content"])
        for message in messages
        for part in message["parts"]
        if part["type"] == "text"
    ]


@contextmanager
def stage(
    project: Project, web: Web, key: Key, http: httpx.Client, patch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    """State the prices, start the provider; traces settle at once, not after three seconds."""
    patch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)
    for model, prices in PRICES.items():
        stated = {name: Decimal(price) for name, price in prices.items()}
        # With the date behind it the name is the model's that answered.
        set_price(project, Terms(f"{model}*", stated), actor=None)
    with running() as provider:
        yield Stage(provider, web, key, http)
