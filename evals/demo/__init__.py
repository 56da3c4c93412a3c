"""The demo's dataset, judge, experiments and queue."""
