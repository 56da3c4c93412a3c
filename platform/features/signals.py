"""Facts of `features` that upper apps may want to hear; each is sent once it is committed."""

from django.dispatch import Signal

target_approved = Signal()
"""Another target of a feature holds. Sends `project_id`, `feature` (its name) and `number`."""

rules_changed = Signal()
"""The mapping rules of a project changed. Sends `project_id`."""
