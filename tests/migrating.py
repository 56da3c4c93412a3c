"""Makes the database of a worker in half the time, in the same words to PostgreSQL.

Most of `migrate` is Django rendering all models that hang together, again after every operation,
for what Python in a migration might read. Here it renders the neighbours alone, as it does itself
where it puts the rest off (`delay`): a migration with Python in it still gets all of them.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState

# Rendered models are cycles: with Python's own thresholds the collector is at work all the time.
THRESHOLDS = (500_000, 5, 5)


@contextmanager
def quickly() -> Iterator[None]:
    """Let `migrate` render less and collect seldom."""
    whole = ProjectState._find_reload_model
    thresholds = gc.get_threshold()

    def neighbours(state: ProjectState, app: str, model: str, delay: bool = False) -> Any:
        return whole(state, app, model, True)

    ProjectState._find_reload_model = neighbours
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        ProjectState._find_reload_model = whole
