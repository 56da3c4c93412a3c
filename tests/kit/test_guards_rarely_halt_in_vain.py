"""A slice of `make trial NAME=halts`: five guards, looked at each minute of a whole rollout."""

from __future__ import annotations

import pytest

from bench.dependent import shaken_rollout
from bench.halts import allowed, faulty, guarded
from bench.rollouts import Traffic

ROLLOUTS = 90
TRAFFIC = Traffic(a_minute=30, stage_minutes=45)


@pytest.mark.slow
def test_false_halts_stay_under_five_percent_and_a_repeated_z_test_does_not() -> None:
    at_edge = [guarded(seed, TRAFFIC, at_edge=True) for seed in range(ROLLOUTS)]
    same = [guarded(seed, TRAFFIC, at_edge=False) for seed in range(ROLLOUTS // 3)]
    bound = allowed(ROLLOUTS)
    assert sum(ours for ours, _ in at_edge) / len(at_edge) <= bound
    assert sum(naive for _, naive in at_edge) / len(at_edge) > bound
    assert sum(ours for ours, _ in same) / len(same) <= 0.05
    assert sum(shaken_rollout(seed) for seed in range(30)) / 30 <= allowed(30)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "added", "most"),
    [("errors", 0.48, 25), ("errors", 0.08, 300), ("score", 0.3, 60), ("latency", 1.0, 150)],
)
def test_a_real_fault_halts_after_few_requests(name: str, added: float, most: int) -> None:
    for seed in range(6):
        found = faulty(seed, name, added, Traffic(a_minute=30, stage_minutes=240))
        assert found is not None
        assert found[0] <= most
