"""Channels with what is sent to them, incidents with their timeline, and the project's wishes."""

from alerts.models.channels import Channel, ChannelKind, Delivery
from alerts.models.incidents import (
    AlertSettings,
    Incident,
    IncidentStep,
    Origin,
    Severity,
    State,
    StepKind,
)

__all__ = [
    "AlertSettings",
    "Channel",
    "ChannelKind",
    "Delivery",
    "Incident",
    "IncidentStep",
    "Origin",
    "Severity",
    "State",
    "StepKind",
]
