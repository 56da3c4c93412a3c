"""A user's own process scores by a signed request; what it answers wrongly is told in words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from evals.evaluating import remote
from evals.evaluating.run import evaluate
from evals.evaluating.settings import Terms, faults_of, filled
from evals.evaluating.subject import Document, Subject, Verdict
from notices.signing import new_secret, signature
from tests.evals.judging import ABOUT, spec
from tests.receiver import Receiver, receiver

SECRET = new_secret()
SUBJECT = Subject(input="?", output="!", documents=(Document("d1", "One."),), cost_nano=7)


@pytest.fixture(autouse=True)
def _near(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    monkeypatch.setattr(remote, "FIRST_PAUSE", 0.01)


@pytest.fixture
def process() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


def ask(process: Receiver, answer: Any, *statuses: int, **config: Any) -> Verdict:
    process.answering.body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    process.answering.statuses = list(statuses or [200])
    given = {"minimum": 0.0, "maximum": 1.0, "bar": 0.5, "secret": SECRET}
    return asyncio.run(
        evaluate(spec("remote", given=given, url=process.url, **config), SUBJECT, ABOUT)
    )


def test_the_request_is_signed_and_holds_all_that_is_known(process: Receiver) -> None:
    answer = {"value": 0.8, "reason": "Fine.", "evidence": ["!"], "details": {"a": 1}}
    found = ask(process, answer, settings={"strict": True})
    assert (found.num, found.passed, found.reason, found.evidence) == (0.8, True, "Fine.", ("!",))
    assert found.details == {"a": 1}
    (got,) = process.received
    message_id, moment = got.headers["webhook-id"], int(got.headers["webhook-timestamp"])
    assert got.headers["webhook-signature"] == signature(SECRET, message_id, moment, got.body)
    sent = json.loads(got.body)
    assert sent["evaluator"]["settings"] == {"strict": True}
    assert sent["subject"]["documents"] == [{"id": "d1", "text": "One.", "score": None}]
    assert sent["subject"]["cost_nano_usd"] == 7


def test_what_may_pass_is_tried_again_with_the_same_id(process: Receiver) -> None:
    found = ask(process, {"value": 1}, 503, 429, 200)
    assert (found.num, found.error) == (1.0, "")
    assert len({one.headers["webhook-id"] for one in process.received}) == 1
    assert len(process.received) == 3
    assert "503" in ask(process, {"value": 1}, 503).error
    assert "404" in ask(process, {"value": 1}, 404).error
    assert len(process.received) == 7


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"<html>", "no JSON"),
        ([1], "value"),
        ({"score": 1}, "value"),
        ({"value": 7}, "scale"),
        ({"value": [1]}, "must be a number"),
        ({"value": "x"}, "no number"),
        ({"value": 1, "reason": 5}, "reason"),
        ({"value": 1, "evidence": "x"}, "evidence"),
        ({"error": "no model here"}, "no model here"),
    ],
)
def test_a_wrong_answer_is_an_error_and_no_score(process: Receiver, answer: Any, says: str) -> None:
    found = ask(process, answer)
    assert found.num is None
    assert says in found.error


def test_null_is_undefined(process: Receiver) -> None:
    found = ask(process, {"value": None, "reason": "No claim."})
    assert (found.num, found.error, found.reason) == (None, "", "No claim.")


def test_nobody_there_is_told(process: Receiver) -> None:
    given = {"secret": SECRET}
    found = asyncio.run(
        evaluate(spec("remote", given=given, url="http://127.0.0.1:9/"), SUBJECT, ABOUT)
    )
    assert "tried 3 times" in found.error


def test_a_slow_process_is_not_waited_for(process: Receiver) -> None:
    process.answering.seconds = 1.2
    assert "within 1 s" in ask(process, {"value": 1}, seconds=1).error


@pytest.mark.parametrize("url", ["", "ftp://x", "http://169.254.169.254/", "https://user:pw@x/"])
def test_an_address_that_may_not_be_spoken_to_is_refused(settings: Any, url: str) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    faults = faults_of("remote", filled("remote", Terms(config={"url": url})))
    assert [field for field, _ in faults] == ["config.url"]
