"""Durable intake: spans a second acknowledged, beside plain COPY of the same rows in the same run.

    python -m bench.intake [--requests 120] [--seconds-idle 1]

Prints JSON. The targets stand in `docs/performance.md`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from typing import Any

import psycopg

from bench.installation import SECRET_KEY, Installation, running
from bench.load import Sent, packed, send_all
from bench.payloads import Shape, requests

MLFLOW, PHOENIX = 738, 140  # stored spans a second with the same batches on such a machine


def measured(
    installation: Installation, bodies: list[bytes], spans: int, **how: Any
) -> dict[str, Any]:
    """One load, as figures."""
    sent: Sent = send_all(f"{installation.url}/v1/traces", SECRET_KEY, packed(bodies), **how)
    return {
        "spans_per_second": round(sent.acknowledged * spans / sent.seconds),
        "requests": sent.acknowledged,
        "refused": sent.refused,
        "p50_ms": round(sent.percentile(0.5) * 1000, 1),
        "p95_ms": round(sent.percentile(0.95) * 1000, 1),
    }


def plain_copy(database_url: str, bodies: list[bytes], size: int) -> float:
    """Spans a second of COPY of the same rows and contents, one connection, one COMMIT a batch."""
    import os

    os.environ["DATABASE_URL"] = database_url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    import django

    django.setup()
    from traces.ingest.pipeline import Dialect, prepare
    from traces.ingest.writer.statements import (
        CONTENT_COPY_TYPES,
        COPY_CONTENT,
        COPY_SPAN,
        PG_EPOCH_US,
        SPAN_COPY_TYPES,
    )

    batches = [
        prepare(
            body,
            encoding="",
            content_type="application/x-protobuf",
            dialect=Dialect.OTLP,
            project_id=999_999,
        ).spans
        for body in bodies
    ]
    rates = []
    with psycopg.connect(database_url, autocommit=True) as link:
        for batch in batches:
            spans = sorted(batch, key=lambda span: span.key)
            began = time.perf_counter()
            with link.transaction(), link.cursor() as cursor:
                with cursor.copy(COPY_SPAN) as copy:
                    copy.set_types(SPAN_COPY_TYPES)
                    for span in spans:
                        copy.write_row((span.row[0] - PG_EPOCH_US, *span.row[1:]))
                with cursor.copy(COPY_CONTENT) as copy:
                    copy.set_types(CONTENT_COPY_TYPES)
                    for span in spans:
                        project, trace, one = span.key
                        copy.write_row(
                            (
                                span.row[0] - PG_EPOCH_US,
                                project,
                                len(span.content),
                                0,
                                trace,
                                one,
                                span.body,
                            )
                        )
            rates.append(len(spans) / (time.perf_counter() - began))
    return statistics.median(rates)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=120)
    chosen = parser.parse_args()
    start = time.time_ns() - 6 * 3_600 * 10**9
    large = list(requests(chosen.requests, seed=1, shape=Shape(spans=512, start_ns=start)))
    small = list(requests(chosen.requests * 16, seed=2, shape=Shape(spans=8, start_ns=start)))
    warm = list(requests(12, seed=3, shape=Shape(spans=512, start_ns=start)))
    with running() as installation:
        send_all(f"{installation.url}/v1/traces", SECRET_KEY, packed(warm), connections=4)
        figures: dict[str, Any] = {
            "large": measured(installation, large, 512, connections=4),
            "repeated": measured(installation, large[:40], 512, connections=4),
            "small": measured(installation, small, 8, connections=32),
        }
        half = figures["large"]["spans_per_second"] / 2
        paced = list(requests(24, seed=4, shape=Shape(spans=512, start_ns=start)))
        figures["half_load"] = measured(
            installation, paced, 512, connections=2, pause=2 * 512 / half
        )
        copied = list(requests(30, seed=5, shape=Shape(spans=512, start_ns=start)))
        figures["plain_copy"] = round(plain_copy(installation.database_url, copied, 512))
        with psycopg.connect(installation.database_url) as link:
            stored = link.execute("select count(*) from span where project_id <> 999999").fetchone()
            size = link.execute(
                "select sum(pg_total_relation_size(c.oid)) / (select count(*) from span) "
                "from pg_class c where c.relkind = 'r' and (c.relname like 'span%' or "
                "c.relname = 'trace')"
            ).fetchone()
        figures["stored"] = stored[0] if stored else 0
        figures["bytes_per_span"] = round(float(size[0])) if size else 0
    rate = figures["large"]["spans_per_second"]
    figures["ratio_to_copy"] = round(rate / figures["plain_copy"], 3)
    figures["times_mlflow"] = round(rate / MLFLOW, 1)
    figures["times_phoenix"] = round(rate / PHOENIX, 1)
    figures["small_to_large"] = round(figures["small"]["spans_per_second"] / rate, 2)
    json.dump(figures, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
