"""A sender that costs little beside the server it loads: ready bodies over kept connections."""

from __future__ import annotations

import gzip
import http.client
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Sent:
    """What came of a load. `latencies` are seconds of each acknowledged request."""

    acknowledged: int = 0  # requests answered 200
    refused: dict[int, int] = field(default_factory=dict)
    failed: int = 0  # connections that broke
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    bodies: list[int] = field(default_factory=list)  # positions of the acknowledged bodies

    def percentile(self, share: float) -> float:
        """Seconds within which `share` of the acknowledged requests were answered."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def packed(bodies: Sequence[bytes]) -> list[bytes]:
    """`bodies` as SDKs send them: gzip."""
    return [gzip.compress(body, 3) for body in bodies]


def send_all(
    url: str,
    key: str,
    bodies: Sequence[bytes],
    *,
    connections: int,
    encoding: str = "gzip",
    pause: float = 0.0,
    retry: bool = False,
    stop: threading.Event | None = None,
) -> Sent:
    """POST each body once, over `connections` kept connections.

    `pause` is the least time in seconds between two requests of a connection. With `retry` a 503
    and a broken connection are tried again, as exporters do, for at most 30 s.
    """
    target = urlsplit(url)
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": encoding,
    }
    result, lock, positions = Sent(), threading.Lock(), iter(range(len(bodies)))

    def connect() -> http.client.HTTPConnection:
        return http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)

    def work() -> None:
        link = connect()
        while not (stop and stop.is_set()):
            with lock:
                position = next(positions, None)
            if position is None:
                break
            until = time.monotonic() + 30
            while True:
                began = time.perf_counter()
                status = 0
                try:
                    link.request("POST", target.path, bodies[position], headers)
                    answer = link.getresponse()
                    answer.read()
                    status = answer.status
                except (OSError, http.client.HTTPException):
                    link.close()
                    link = connect()
                took = time.perf_counter() - began
                with lock:
                    if status == 200:
                        result.acknowledged += 1
                        result.latencies.append(took)
                        result.bodies.append(position)
                    elif status:
                        result.refused[status] = result.refused.get(status, 0) + 1
                    else:
                        result.failed += 1
                if status == 200 or not retry or time.monotonic() > until:
                    break
                if stop and stop.is_set():
                    break
                time.sleep(0.1)
            if pause > took:
                time.sleep(pause - took)
        link.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - began
    return result
