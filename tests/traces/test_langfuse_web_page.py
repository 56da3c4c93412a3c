"""Batches of scores from a web page, as LangfuseWeb sends them with the public key alone."""

from __future__ import annotations

import httpx
import pytest

from tests.factories import Key
from tests.traces.langfuse import INGESTION, event
from tests.traces.serving import Web
from tests.traces.stored import fetch

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_page_may_send_a_batch_of_scores_and_nothing_else(web: Web, key: Key) -> None:
    headers = {"Authorization": f"Bearer {key.public}", "Origin": "https://shop.example"}
    asked = httpx.options(
        f"{web.url}{INGESTION}", headers={**headers, "Access-Control-Request-Method": "POST"}
    )
    assert (asked.status_code, asked.headers["Access-Control-Allow-Origin"]) == (204, "*")
    batch = [
        event("score-create", 1, id="x", name="liked", value=1, traceId="t"),
        event("span-create", 1, 2, id="s", name="no"),
    ]
    answer = httpx.post(f"{web.url}{INGESTION}", json={"batch": batch}, headers=headers)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (207, "*")
    assert [one["id"] for one in answer.json()["successes"]] == [batch[0]["id"]]
    assert [one["id"] for one in answer.json()["errors"]] == [batch[1]["id"]]
    assert fetch("select id, source from score") == [("x", "user")]
    assert fetch("select count(*) from span") == [(0,)]
