"""A web process for the tests that send over HTTP."""

from __future__ import annotations

from tests.traces.conftest import web

__all__ = ["web"]
