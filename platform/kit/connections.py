"""Connections to the default database beside Django's own."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connection


def connection_parameters() -> dict[str, Any]:
    """psycopg's parameters of the default database, read late: tests change its name."""
    parameters = dict(connection.get_connection_params())
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    return parameters


def own_connection() -> psycopg.Connection[Any]:
    """A connection of one's own in autocommit, for what Django's cannot do. Close it."""
    return psycopg.connect(**connection_parameters(), autocommit=True)
