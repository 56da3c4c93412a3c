"""Costs: what was spent, what is expected, what was unexpected, and what may be spent."""
