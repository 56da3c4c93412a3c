"""What spend by segment, key and route adds to the work of intake on one request.

    python -m bench.spend_cost [--requests 20] [--spans 512]

CPU microseconds a span, so it holds on a busy machine: of preparing the rows, of counting them into
`usage_hour` alone and with `spend_hour`; and how many rows each appends to. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from typing import Any


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--spans", type=int, default=512)
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    os.environ.setdefault("SECRET_KEY", "bench")
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    import django

    django.setup()
    from bench.payloads import Shape, requests
    from traces.ingest.pipeline import Dialect, prepare
    from traces.rollups.usage import UsageRows

    start = time.time_ns() - 6 * 3_600 * 10**9
    bodies = list(
        requests(chosen.requests, seed=1, shape=Shape(spans=chosen.spans, start_ns=start))
    )
    given: dict[str, Any] = {
        "encoding": "", "content_type": "application/x-protobuf", "dialect": Dialect.OTLP,
        "project_id": 1,
    }  # fmt: skip
    found: dict[str, Any] = {}
    for name, key_id in (("without a key", None), ("with a key", 7)):
        began = time.process_time()
        prepared = [prepare(body, key_id=key_id, **given).spans for body in bodies]
        between = time.process_time()
        usage_rows = spend_rows = 0
        for spans in prepared:
            usage = UsageRows()
            for span in spans:
                usage.add(span.row)
            usage_rows += len(list(usage._lines()))
            spend_rows += len(list(usage.spend._lines()))
        ended = time.process_time()
        count = sum(map(len, prepared))
        found[name] = {
            "prepare_us": round((between - began) / count * 1e6, 2),
            "count_us": round((ended - between) / count * 1e6, 2),
            "usage_rows_a_request": round(usage_rows / len(bodies), 1),
            "spend_rows_a_request": round(spend_rows / len(bodies), 1),
        }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
