"""What is watched of a rollout, and what of it halts: pure, from sums by minute to verdicts."""
