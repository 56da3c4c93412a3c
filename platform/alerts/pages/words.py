"""States in the words and signs of the pages."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.models import Channel, Delivery, Incident, Severity, State


@dataclass(frozen=True)
class Sign:
    """A state as the tag `status` takes it: its name there, and the words beside the icon."""

    state: str
    text: str


@dataclass(frozen=True)
class Chip:
    """A word with its tone and icon."""

    tone: str
    text: str
    icon: str


def severity_chip(incident: Incident) -> Chip:
    """How loud it is."""
    match incident.severity:
        case Severity.PAGE:
            return Chip("bad", "Page", "bell")
        case Severity.TICKET:
            return Chip("warn", "Ticket", "alert")
    return Chip("line", "Info", "info")


def state_chip(incident: Incident) -> Chip:
    """Where it stands."""
    match incident.state:
        case State.OPEN:
            return Chip("bad", "Open", "err")
        case State.ACKNOWLEDGED:
            return Chip("warn", "Acknowledged", "user")
        case State.SNOOZED:
            return Chip("line", "Snoozed", "pause")
    return Chip("ok", "Resolved", "check")


def of_channel(channel: Channel) -> Sign:
    """How the channel is."""
    match channel.health:
        case "off":
            return Sign("off", "Switched off")
        case "failing":
            return Sign("error", "Failing")
        case "unused":
            return Sign("unused", "Nothing sent yet")
    return Sign("ok", "OK")


def of_delivery(delivery: Delivery) -> Sign:
    """Where the message stands."""
    match delivery.state:
        case Delivery.State.DELIVERED:
            return Sign("ok", "Delivered")
        case Delivery.State.FAILED:
            return Sign("error", "Failed")
        case Delivery.State.UNSURE:
            return Sign("recovered", "Perhaps delivered")
    if delivery.is_being_sent:
        return Sign("running", "Being sent")
    return Sign("recovered", "Retrying") if delivery.tries else Sign("running", "Waiting")
