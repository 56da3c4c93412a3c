"""A slice of `make trial NAME=experiments`: a killed worker costs the calls in flight alone."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.timing
def test_a_run_whose_worker_is_killed_ends_like_one_that_was_left_alone() -> None:
    asked = ["--items", "60", "--kills", "1", "--concurrency", "8", "--any-pace"]
    command = [sys.executable, "-m", "bench.experiments", *asked]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
