"""A stretch of wire between a web process and PostgreSQL that can fall silent or be cut."""

from __future__ import annotations

import contextlib
import socket
import threading

from kit.connections import connection_parameters


class Relay:
    """Passes bytes both ways, until told otherwise. `address` is `127.0.0.1:port`."""

    def __init__(self) -> None:
        known = connection_parameters()
        self._host, self._port = str(known.get("host") or "127.0.0.1"), known.get("port") or 5432
        self._flows = threading.Event()
        self._flows.set()
        self._ends: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._accept()

    def _accept(self) -> None:
        threading.Thread(target=self._serve, args=(self._listening,), daemon=True).start()

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            far = self._connected()
            self._ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _connected(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, int(self._port)))
        link = socket.socket(socket.AF_UNIX)
        link.connect(f"{self._host}/.s.PGSQL.{self._port}")
        return link

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                self._flows.wait()
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_: object) -> None:
        if self._listening.fileno() >= 0:
            self.cut()

    def silence(self) -> None:
        """Accept and say nothing, as a stopped server does."""
        self._flows.clear()

    def cut(self) -> None:
        """End every connection and refuse new ones, as a server that is gone does."""
        self._flows.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def mend(self) -> None:
        """Let it flow again."""
        self._flows.set()
        if self._listening.fileno() < 0:
            host, _, port = self.address.partition(":")
            self._listening = socket.create_server((host, int(port)))
            self._accept()
