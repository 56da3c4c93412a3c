"""Channels and what is sent to them, incidents and their timeline, rules, a project's wishes."""

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
from alerts.models.quiet import HeldNotice, MaintenanceWindow, QuietHours
from alerts.models.rules import AlertRule, RuleEvent

__all__ = [
    "Absence",
    "AlertRule",
    "AlertSettings",
    "Channel",
    "ChannelKind",
    "Delivery",
    "HeldNotice",
    "Incident",
    "IncidentStep",
    "MaintenanceWindow",
    "ObjectiveMinute",
    "OnCallRotation",
    "OnCallStint",
    "Origin",
    "QuietHours",
    "RuleEvent",
    "Severity",
    "State",
    "StepKind",
]
