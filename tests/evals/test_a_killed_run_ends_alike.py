"""A slice of `make trial NAME=experiments`: a killed worker costs the calls in flight alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

OF_TESTS = {"DATABASE_URL", "BROKER_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"}


@pytest.mark.slow
@pytest.mark.timing
def test_a_run_whose_worker_is_killed_ends_like_one_that_was_left_alone() -> None:
    asked = ["--items", "60", "--kills", "1", "--concurrency", "8", "--any-pace"]
    command = [sys.executable, "-m", "bench.experiments", *asked]
    told = subprocess.PIPE
    outside = {name: text for name, text in os.environ.items() if name not in OF_TESTS}
    with subprocess.Popen(command, env=outside, stdout=told, stderr=told, text=True) as trial:
        try:
            output, errors = trial.communicate(timeout=150)
        except subprocess.TimeoutExpired:
            trial.send_signal(signal.SIGINT)  # it stops its installation
            output, errors = trial.communicate(timeout=60)
    assert trial.returncode == 0, output[-2000:] + errors[-2000:]
