"""One web process: uvicorn on a socket that the supervisor holds, or on an address of its own."""

from __future__ import annotations

import argparse
import os
import socket
from typing import Any

import uvicorn

APPLICATION = "config.asgi:application"


def options() -> dict[str, Any]:
    """How uvicorn runs here, in one terminal and in a container alike."""
    proxies = [name for name in os.environ.get("ROADWORTHY_TRUSTED_PROXIES", "").split(",") if name]
    return {
        "loop": "uvloop",
        "http": "httptools",
        "ws": "websockets-sansio",
        "log_config": None,  # Django's settings say how lines look
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        # Exporters keep a connection for a minute; closing it earlier under their hands costs
        # them a failed request.
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": 3,
        # Without a trusted proxy nobody may say who the client is.
        "proxy_headers": bool(proxies),
        "forwarded_allow_ips": [name.strip() for name in proxies],
        "backlog": 2048,
    }


def serve_on(descriptor: int) -> None:
    """Serve until SIGTERM on the listening socket with this number, inherited from our parent.

    uvicorn's own `--fd` takes every descriptor for a unix socket, so that TCP_NODELAY stays
    unset and each answer on a kept connection waits 40 ms for a delayed acknowledgement
    (measured: 44 ms against 1 ms). Python's own look at the descriptor gets it right.
    """
    listening = socket.socket(fileno=descriptor)
    uvicorn.Server(uvicorn.Config(APPLICATION, **options())).run(sockets=[listening])


def main() -> None:
    """With `--fd N` under the supervisor, with `--host --port --processes` in a container."""
    parser = argparse.ArgumentParser(prog="python -m config.processes.web", description=__doc__)
    parser.add_argument("--fd", type=int, help="number of an inherited listening socket")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    parser.add_argument("--processes", type=int, default=1)
    chosen = parser.parse_args()
    if chosen.fd is not None:
        serve_on(chosen.fd)
        return
    uvicorn.run(
        APPLICATION,
        host=chosen.host,
        port=chosen.port,
        workers=chosen.processes,
        **options(),
    )


if __name__ == "__main__":
    main()
