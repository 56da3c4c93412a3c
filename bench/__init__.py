"""Measurements of the service, and the data they run on."""
