"""A hundred thousand spans in random order: all roll-ups equal a full recomputation.

    python -m bench.rollups [--spans 100000] [--deleted 200]

Sent over HTTP by two keys, a tenth of them twice, over thirty days; the price of a model changes
while they arrive, some come again with other tokens, and traces are deleted. Prints JSON; the exit
code is 1 where a figure differs by a nano-dollar from the spans, or from what was sent.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.request import Request, urlopen

import psycopg

from bench.installation import SECRET_KEY, Installation, running, use_settings_of
from bench.rollup_traffic import CHANGED, PRICES, Traffic, traffic, truth
from bench.rollup_truth import differences

OTHER_KEY = "sk-rw-bench-another-0123456789"
BATCH = 200
LONGEST_SECONDS = 1_800.0
_WAITS = """
select (select count(*) from digest_queue) + (select count(*) from pricing_pricejob
  where state not in ('done', 'failed', 'cancelled'))
"""
_SUMS = """
select value, sum(cost_nano + evaluator_nano)::int8 from spend_hour where dimension = %s group by 1
"""


def send(url: str, sends: list[tuple[int, dict[str, Any]]], keys: list[str]) -> None:
    """POST spans in batches by their keys, over six connections; a 503 is asked again."""
    batches = []
    for place in range(len(keys)):
        own = [span for at, span in sends if at == place]
        batches += [(place, own[first : first + BATCH]) for first in range(0, len(own), BATCH)]
    lock, faults = threading.Lock(), list[BaseException]()

    def work() -> None:
        while not faults:
            with lock:
                if not batches:
                    return
                place, spans = batches.pop()
            try:
                _post(url, {"spans": spans}, keys[place])
            except BaseException as fault:
                faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def _post(url: str, body: dict[str, Any], key: str) -> None:
    raw = gzip.compress(json.dumps(body).encode(), 1)
    for _ in range(120):
        asked = Request(
            f"{url}/api/v1/traces", raw,
            {"Authorization": f"Bearer {key}", "Content-Type": "application/json",
             "Content-Encoding": "gzip"},
        )  # fmt: skip
        try:
            with urlopen(asked, timeout=60) as answer:
                said = json.load(answer)
            if said.get("rejected"):
                raise RuntimeError(str(said)[:500])
            return
        except OSError as error:
            if getattr(error, "code", 503) != 503:
                raise
            time.sleep(0.5)
    raise TimeoutError("intake stayed busy")


def _second_key(link: psycopg.Connection[Any]) -> list[int]:
    link.execute(
        "insert into accounts_apikey (project_id, name, public_key, secret_hash, secret_hint, "
        "scopes, created_at) select project_id, 'Another', 'pk-rw-bench-2', %s, '', scopes, now() "
        "from accounts_apikey limit 1",
        [hashlib.sha256(OTHER_KEY.encode()).hexdigest()],
    )
    return [row[0] for row in link.execute("select id from accounts_apikey order by id")]


def _wait(link: psycopg.Connection[Any]) -> float:
    """Until every trace has settled and every price job is done."""
    began = time.monotonic()
    while time.monotonic() - began < LONGEST_SECONDS:
        row = link.execute(_WAITS).fetchone()
        if row is not None and not row[0]:
            return time.monotonic() - began
        time.sleep(1)
    raise TimeoutError("it does not settle")


def _prices(which: int, since: datetime) -> None:
    from accounts.models import Project
    from pricing.services.prices import set_price
    from pricing.terms import Terms

    for model, both in PRICES.items():
        if which == 0 or model == CHANGED:
            per_in, per_out = both[which]
            set_price(
                Project.objects.get(slug="bench"),
                Terms(model, {"in_uncached": Decimal(per_in) / 1000,
                              "out_text": Decimal(per_out) / 1000}, valid_from=since),
                actor=None,
            )  # fmt: skip


def trial(installation: Installation, spans: int, deleted: int) -> dict[str, Any]:
    """Send, change, delete, wait, compare."""
    use_settings_of(installation)
    import django

    django.setup()
    from traces.rollups import compaction, repair
    from traces.rollups.users import fold_users
    from traces.services.deletion import delete_traces

    now = time.time_ns()
    changed_at = datetime.fromtimestamp(now // 10**9, UTC) - timedelta(days=12)
    with psycopg.connect(installation.database_url, autocommit=True) as link:
        key_ids = _second_key(link)
        row = link.execute("select id from accounts_project where slug = 'bench'").fetchone()
        assert row is not None
        _prices(0, datetime(2020, 1, 1, tzinfo=UTC))
        made, keys = traffic(spans, now_ns=now), [SECRET_KEY, OTHER_KEY]
        half = len(made.sends) // 2
        began = time.perf_counter()
        send(installation.url, made.sends[:half], keys)
        change = threading.Thread(target=_prices, args=(1, changed_at))
        change.start()
        send(installation.url, made.sends[half:], keys)
        change.join()
        send(installation.url, made.corrections, keys)
        sent = time.perf_counter() - began
        _wait(link)
        gone = sorted(made.keys)[:: max(1, len(made.keys) // deleted)][:deleted]
        for first in range(0, len(gone), 50):
            delete_traces(row[0], gone[first : first + 50])
        waited = _wait(link)
        # The days lack what was not folded yet: hours alone are whole at any time.
        whole = ("usage_hour", "spend_hour", "trace_hour", "user_day")
        before = {table: n for table, n in differences(link).items() if table in whole}
        compaction.fold(link)
        fold_users(link)
        after = differences(link)
        top = datetime.fromtimestamp(now // 10**9, UTC).replace(minute=0, second=0)
        compared = repair.compare(link, top - timedelta(days=32), top + timedelta(hours=2))
        wanted = truth(
            made, gone=gone, changed_at_ns=int(changed_at.timestamp()) * 10**9, key_ids=key_ids
        )
        money = _money(link, wanted, made)
        rows = {
            table: (link.execute(f"select count(*) from {table}").fetchone() or (0,))[0]
            for table in ("usage_hour", "usage_day", "spend_hour", "spend_day", "user_day")
        }
    return {
        "spans": len(made.last), "sent": len(made.sends) + len(made.corrections),
        "deleted_traces": len(gone), "seconds_sending": round(sent, 1),
        "seconds_settling": round(waited, 1), "keys_that_differ": before,
        "keys_that_differ_after_folding": after, "hours_wrong": compared.wrong,
        "traces_missed": compared.missed, **money, "rows": rows,
    }  # fmt: skip


def _money(link: psycopg.Connection[Any], wanted: dict[str, Any], made: Traffic) -> dict[str, Any]:
    row = link.execute("select sum(cost_nano + evaluator_nano)::int8 from usage_hour").fetchone()
    off = {"all": (row[0] if row else 0) - wanted["all"][""]}
    for dimension, name in ((1, "segment"), (2, "key"), (3, "route")):
        said = {value: nano for value, nano in wanted[name].items() if value}
        found = {value: nano for value, nano in link.execute(_SUMS, [dimension]) if nano}
        off[name] = sum(abs(said.get(k, 0) - found.get(k, 0)) for k in said.keys() | found.keys())
    return {"nano_spent": wanted["all"][""], "nano_off": off}


def main() -> None:
    """Run it and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=100_000)
    parser.add_argument("--deleted", type=int, default=200)
    chosen = parser.parse_args()
    with running() as installation:
        found = trial(installation, chosen.spans, chosen.deleted)
    print(json.dumps(found, indent=1))
    is_right = (
        not any(found["keys_that_differ"].values())
        and not any(found["keys_that_differ_after_folding"].values())
        and not any(found["nano_off"].values())
        and not found["hours_wrong"]
        and not found["traces_missed"]
    )
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
