"""Writes of costs."""
