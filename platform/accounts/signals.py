"""Facts of `accounts` that upper apps may want to hear; each is sent once it is committed."""

from django.dispatch import Signal

project_deleted = Signal()
"""A project was marked deleted. Sends `project_id`; what belongs to it may now be removed."""
