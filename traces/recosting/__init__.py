"""Costs of stored spans when prices change: what would change, and changing it."""
