"""Many senders of the same traces, late, in any order, repeating: the totals are those of one."""

from __future__ import annotations

import random
import threading

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench.faults import WRONG_TRACES
from bench.payloads import Shape, requests
from tests.factories import make_key, make_project
from tests.traces.recordings import PROTOBUF
from tests.traces.serving import Web
from tests.traces.stored import TOTALS, fetch

pytestmark = pytest.mark.django_db(transaction=True)

SENDERS = 8


def pieces(seed: int) -> list[bytes]:
    """Sixteen traces as requests of one to seven spans, children before their parents and alone."""
    [body] = requests(1, seed=seed, shape=Shape(spans=128))
    whole = ExportTraceServiceRequest.FromString(body)
    spans = list(whole.resource_spans[0].scope_spans[0].spans)
    chance = random.Random(seed)
    chance.shuffle(spans)
    made = []
    while spans:
        size = chance.randint(1, 7)
        part = ExportTraceServiceRequest.FromString(body)
        del part.resource_spans[0].scope_spans[0].spans[:]
        part.resource_spans[0].scope_spans[0].spans.extend(spans[:size])
        made.append(part.SerializeToString())
        del spans[:size]
    return made


def test_the_totals_are_those_of_one_ordered_send(web: Web) -> None:
    whole = next(requests(1, seed=5, shape=Shape(spans=128)))
    alone, crowd = (make_key(make_project(slug=slug)) for slug in ("alone", "crowd"))
    answer = httpx.post(
        f"{web.url}/v1/traces", content=whole, headers={**alone.headers, "Content-Type": PROTOBUF}
    )
    assert answer.status_code == 200
    failures: list[object] = []

    def send(number: int) -> None:
        # The same spans, cut differently by every second sender and shuffled by each.
        mine = pieces(5) * 2
        random.Random(number).shuffle(mine)
        headers = {**crowd.headers, "Content-Type": PROTOBUF}
        with httpx.Client(base_url=web.url, headers=headers, timeout=30) as client:
            for body in mine:
                while (answer := client.post("/v1/traces", content=body)).status_code == 503:
                    continue
                if (answer.status_code, answer.content) != (200, b""):
                    failures.append(answer.text)

    senders = [threading.Thread(target=send, args=(number,)) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert not failures
    of_project = TOTALS.replace("from trace", "from trace where project_id = %s")
    one, many = (fetch(of_project, made.stored.project_id) for made in (alone, crowd))
    assert len(one) == 16
    assert many == one
    assert fetch("select count(*), count(distinct (project_id, span_id)) from span") == [(256, 256)]
    assert fetch("select count(*) from span_content") == [(256,)]
    assert fetch(WRONG_TRACES) == [(0,)]
