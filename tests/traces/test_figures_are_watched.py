"""What the comparison of figures with spans found stands in /metrics."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.traces.stored import fetch, open_store, rows, span
from traces.digest import queue
from traces.services.rollups import compare_figures, fold_figures
from traces.services.settling import settle_traces

pytestmark = pytest.mark.django_db(transaction=True)


def gauges(client: Client) -> dict[str, float]:
    text = client.get("/metrics").content.decode()
    found = re.findall(r"^(roadworthy_(?:digest|figures)_\w+) ([\d.e+-]+)$", text, re.M)
    return {name: float(value) for name, value in found}


def test_a_wrong_figure_is_repaired_and_told(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)
    with open_store() as store:
        store.write(rows(span("a", "t"), span("b", "u", at=-3 * 86_400)))
    told = gauges(client)
    assert told["roadworthy_digest_waiting"] == 2
    assert "roadworthy_figures_compared_at" not in told  # never is not zero
    settle_traces()
    assert not any(found.wrong or found.missed for found in compare_figures())
    assert fold_figures() == 4
    fetch("with done as (update usage_hour set spans = spans + 1 returning 1) select 1")
    assert sum(found.wrong for found in compare_figures()) == 2
    told = gauges(client)
    assert told["roadworthy_figures_wrong_hours"] == 2
    assert told["roadworthy_figures_compared_hours"] > 26
    assert told["roadworthy_digest_waiting"] == 0
    assert fetch("select sum(spans) from usage_hour") == [(2,)]


def test_older_days_are_compared_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)
    with open_store() as store:
        store.write(rows(span("b", "u", at=-2 * 86_400)))
    seen = [compare_figures(seconds=0) for _ in range(3)]
    while seen[-1][1].since != seen[0][1].since:  # as many days as other tests left partitions of
        assert len(seen) < 200
        seen.append(compare_figures(seconds=0))
    assert all(len(found) == 2 for found in seen)
    recent = {found[0].since for found in seen}
    assert len(recent) <= 2  # the same hours every time, the clock may turn
    older = [found[1].since for found in seen]
    assert older[0] > older[1] > older[2]
    assert older.count(older[0]) > 1  # round again once the oldest partition is through
