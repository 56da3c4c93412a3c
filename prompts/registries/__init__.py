"""Registries that files are compared with and applied to: one here, or one of a server."""
