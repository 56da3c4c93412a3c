"""Facts of `traces` that upper apps may want to hear."""

from django.dispatch import Signal

demo_begun = Signal()
"""The demo project stands, its traces are about to be sent. Sends `project`, `anchor` (the story's
last day) and `seed`."""

demo_loaded = Signal()
"""The demo's traces are all there. Sends the same."""

people_scored = Signal()
"""People gave or changed scores. Sends `project_id` and `names`, before the commit."""

score_deleted = Signal()
"""A score was deleted by somebody. Sends `project_id` and `score_id`, before the commit."""

traces_deleted = Signal()
"""Somebody deleted traces for good, so what was copied of them is to go. Sends `project_id` and
`trace_ids`, inside the transaction."""
