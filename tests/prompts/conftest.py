"""A web process for the tests that send over HTTP, as those of traces have it."""

from tests.traces.conftest import web

__all__ = ["web"]
