"""Facts of `traces` that upper apps may want to hear."""

from django.dispatch import Signal

demo_begun = Signal()
"""The demo project stands, its traces are about to be sent. Sends `project`, `anchor` (the story's
last day) and `seed`."""

demo_loaded = Signal()
"""The demo's traces are all there. Sends the same."""
