"""Writes: prices stated, ended and removed; jobs that compute costs again."""
