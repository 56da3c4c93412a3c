"""`POST /api/v1/budgets/reserve` and `/settle` with a key, in front of Django (ADR 0024)."""
