"""Facts of `prompts` that upper apps may want to hear; each is sent once it is committed."""

from django.dispatch import Signal

version_proposed = Signal()
"""A change request asks for a version: a new one, another one, or beside another base.

Sends `project_id` and `request_id`.
"""
