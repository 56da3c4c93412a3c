"""Texts as vectors, by a provider or by a model on this machine. Knows no table."""
