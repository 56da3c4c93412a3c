"""What intake tells Prometheus."""

from __future__ import annotations

from prometheus_client import Counter, Histogram


class _Figures:
    requests = Counter(
        "roadworthy_intake_requests", "Requests by path and status", ["path", "status"]
    )
    spans = Counter("roadworthy_intake_spans", "Spans acknowledged, after their commit")
    busy = Counter("roadworthy_intake_busy", "Requests answered 503")
    limited = Counter("roadworthy_intake_limited", "Requests answered 503 for a project's limit")
    seconds = Histogram(
        "roadworthy_intake_seconds",
        "Time from the first byte to the answer",
        buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    )


FIGURES = _Figures()
