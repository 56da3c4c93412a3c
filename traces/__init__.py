"""Traces and spans: how they come in, how they are kept, how they are read."""
