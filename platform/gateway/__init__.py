"""Calls to models: providers, one client for all, the test panel."""
