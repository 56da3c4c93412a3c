"""Evals: golden datasets, evaluators and judges, experiments, the gate, labels by people."""
