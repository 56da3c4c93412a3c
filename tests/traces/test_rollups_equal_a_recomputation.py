"""All roll-ups are what the spans and what was sent say: a slice of `make trial NAME=rollups`."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from accounts.models import Project
from bench.rollup_traffic import CHANGED, PRICES, traffic, truth
from bench.rollup_truth import differences
from pricing.queries import table_for
from tests.traces.recosting import run_jobs, state_price
from tests.traces.stored import connect, fetch, open_store
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.ingest.pipeline import Dialect, prepare
from traces.rollups.compaction import fold
from traces.rollups.repair import compare
from traces.rollups.users import fold_users
from traces.services.deletion import delete_traces

pytestmark = pytest.mark.django_db(transaction=True)
KEYS = (11, 12)


def send(project: Project, sends: Iterable[tuple[int, dict[str, Any]]]) -> None:
    table = table_for(project.pk)
    with open_store() as store:
        for place in range(len(KEYS)):
            spans = [span for at, span in sends if at == place]
            store.write(
                prepare(
                    orjson.dumps({"spans": spans}), encoding="", content_type="application/json",
                    dialect=Dialect.NATIVE, project_id=project.pk, prices=table,
                    key_id=KEYS[place],
                ).spans
            )  # fmt: skip
    with connect() as link:
        settle_what_is_due(link)


def price(project: Project, which: int, since: datetime) -> None:
    for model, both in PRICES.items():
        if which == 0 or model == CHANGED:
            per_in, per_out = (Decimal(one) / 1000 for one in both[which])
            state_price(
                project, model, prices={"in_uncached": per_in, "out_text": per_out},
                valid_from=since,
            )  # fmt: skip


def spent(dimension: int) -> dict[str, int]:
    return dict(
        fetch(
            "select value, sum(cost_nano + evaluator_nano)::int8 from spend_hour "
            "where dimension = %s group by 1",
            dimension,
        )
    )


def test_to_the_nano_dollar(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)
    made, now = traffic(320, now_ns=time.time_ns(), days=3, seed=7), datetime.now(UTC)
    changed_at = (now - timedelta(days=1)).replace(microsecond=0)
    price(project, 0, datetime(2020, 1, 1, tzinfo=UTC))
    quarter = len(made.sends) // 4
    for part in range(5):
        send(project, made.sends[part * quarter : (part + 1) * quarter])
        if part == 1:
            price(project, 1, changed_at)
            run_jobs()
    send(project, made.corrections)
    gone = sorted(made.keys)[::9]
    delete_traces(project.pk, gone)
    run_jobs()
    with connect() as link:
        settle_what_is_due(link)
        fold(link)
        fold_users(link)
        assert not any(differences(link).values())
        top = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
        found = compare(link, top - timedelta(days=5), top)
    assert (found.wrong, found.missed) == (0, 0)
    wanted = truth(made, gone=gone, changed_at_ns=int(changed_at.timestamp()) * 10**9, key_ids=KEYS)
    assert fetch("select sum(cost_nano + evaluator_nano)::int8 from usage_day") == [
        (wanted["all"][""],)
    ]
    for dimension, name in ((1, "segment"), (2, "key"), (3, "route")):
        assert spent(dimension) == {k: n for k, n in wanted[name].items() if k}
