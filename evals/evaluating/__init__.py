"""Scoring one answer: evaluators of every kind. Knows no table."""
