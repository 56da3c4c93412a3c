"""A slice of `make trial NAME=faults`: kills in mid-intake lose nothing that was acknowledged."""

from __future__ import annotations

import pytest

from bench.faults import is_whole, run


@pytest.mark.slow
def test_every_acknowledged_span_is_stored_once_after_kills() -> None:
    figures = run(web_kills=2, engine_kills=1, connections=4)
    assert is_whole(figures), figures
    assert (figures["web_kills"], figures["engine_kills"]) == (2, 1)
    assert figures["broken_connections"] + sum(figures["refused"].values()) > 0, "nothing was hit"
