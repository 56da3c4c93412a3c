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
from alerts.models.objectives import ObjectiveMinute
from alerts.models.on_call import Absence, OnCallRotation, OnCallStint

__all__ = [
    "Absence",
    "AlertSettings",
    "Channel",
    "ChannelKind",
    "Delivery",
    "Incident",
    "IncidentStep",
    "ObjectiveMinute",
    "OnCallRotation",
    "OnCallStint",
    "Origin",
    "Severity",
    "State",
    "StepKind",
]
