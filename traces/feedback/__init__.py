"""Scores and outcomes as they are given, and what makes one storable. No database here."""
