"""Writes of this app; `tell` is the door that the others use."""

from notices.services.telling import tell

__all__ = ["tell"]
