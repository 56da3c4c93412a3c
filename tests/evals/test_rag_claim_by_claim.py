"""RAG by a judge: claims, sentences and facts are counted, each with a quote that is looked up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from evals.evaluating.judging.asking import forget_habits
from evals.evaluating.judging.claims import sentences_of
from evals.evaluating.spec import Spec
from evals.evaluating.subject import Document, Subject, Verdict
from gateway import client
from tests.evals.judging import answering, said, spec
from tests.gateway.calling import openai
from tests.provider import Provider, running

pytestmark = pytest.mark.django_db(transaction=True)
DOCUMENTS = (
    Document("d1", "Refunds take 14 days. They are paid to the card."),
    Document("d2", "Shops close at six."),
)
SUBJECT = Subject(
    input="How long does a refund take?",
    output="A refund takes 14 days and costs 5 euros.",
    expected="14 days, paid to the card.",
    documents=DOCUMENTS,
)


@pytest.fixture
def upstream() -> Iterator[Provider]:
    forget_habits()
    with running() as provider:
        yield provider
    client.close()


def rag(upstream: Provider, check: str) -> Spec:
    given = {"model": "gpt-4o-mini", "connection": openai(upstream)}
    return spec("rag", given=given, check=check)


def ask(upstream: Provider, check: str, subject: Subject, *objects: Any) -> Verdict:
    upstream.script = answering(*[json.dumps(one) for one in objects])
    return said(rag(upstream, check), subject)


def on(number: int, verdict: str, quote: str = "") -> dict[str, Any]:
    return {"number": number, "reason": "So.", "quote": quote, "verdict": verdict}


def test_faithfulness_is_the_share_of_supported_claims(upstream: Provider) -> None:
    claims = {"claims": ["A refund takes 14 days.", "A refund costs 5 euros.", "Shops close late."]}
    verdicts = [
        on(1, "supported", "Refunds take 14 days"),
        on(2, "unsupported"),
        on(3, "contradicted", "Shops are open all night"),
    ]
    found = ask(upstream, "faithfulness", SUBJECT, claims, {"verdicts": verdicts})
    assert found.num == pytest.approx(1 / 3)
    assert found.evidence == ("Refunds take 14 days",)
    assert found.details is not None
    assert found.details["contradiction_rate"] == pytest.approx(1 / 3)
    assert [one["stands_in"] for one in found.details["claims"]] == ["DOCUMENT 1", "", ""]
    assert found.details["unfounded"] == ["Shops are open all night"]
    assert found.calls == 2


def test_an_answer_without_claims_is_undefined(upstream: Provider) -> None:
    found = ask(upstream, "faithfulness", SUBJECT, {"claims": []})
    assert (found.num, found.error, found.passed) == (None, "", None)
    assert "no claim" in found.reason
    unknown = Subject(input="?", output="!", documents=None)
    assert ask(upstream, "faithfulness", unknown, {"claims": ["x"]}).num is None


def test_nothing_retrieved_supports_nothing(upstream: Provider) -> None:
    subject = Subject(input="?", output="It costs 5 euros.", documents=())
    found = ask(upstream, "faithfulness", subject, {"claims": ["It costs 5 euros."]})
    assert (found.num, found.calls) == (0.0, 1)


def test_a_verdict_that_is_missing_is_asked_again(upstream: Provider) -> None:
    claims = {"claims": ["One.", "Two."]}
    half = {"verdicts": [on(1, "supported")]}
    whole = {"verdicts": [on(2, "supported"), on(1, "unsupported")]}
    found = ask(upstream, "faithfulness", SUBJECT, claims, half, whole)
    assert (found.num, found.calls) == (0.5, 3)
    assert found.details is not None
    assert [one["verdict"] for one in found.details["claims"]] == ["unsupported", "supported"]


def test_context_relevance_counts_sentences(upstream: Provider) -> None:
    found = ask(upstream, "context_relevance", SUBJECT, {"reason": "", "relevant": [1, 2, 99]})
    assert found.num == pytest.approx(2 / 3)
    assert sentences_of(["A. B! C?\nD", "— \n"]) == [(0, "A."), (0, "B!"), (0, "C?"), (0, "D")]


def test_context_recall_counts_facts_of_what_is_expected(upstream: Provider) -> None:
    facts = {"claims": ["It takes 14 days.", "It is paid in cash."]}
    verdicts = [on(1, "found", "Refunds take 14 days."), on(2, "missing")]
    found = ask(upstream, "context_recall", SUBJECT, facts, {"verdicts": verdicts})
    assert found.num == 0.5
    nothing = Subject(input="?", output="!", documents=DOCUMENTS)
    assert ask(upstream, "context_recall", nothing, facts).num is None
