"""Addresses of REST, a module a noun."""
