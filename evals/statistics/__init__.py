"""Evaluation statistics: pure functions of arrays, each with its source."""
