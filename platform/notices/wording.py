"""States of webhooks and deliveries in the words and signs of the pages."""

from __future__ import annotations

from dataclasses import dataclass

from notices.models import MailState, OffReason, PersonalNotice, WebhookDelivery, WebhookEndpoint


@dataclass(frozen=True)
class Sign:
    """A state as the tag `status` takes it: its name there, and the words beside the icon."""

    state: str
    text: str


def of_endpoint(endpoint: WebhookEndpoint) -> Sign:
    """How the endpoint is."""
    match endpoint.health:
        case "off":
            by_hand = endpoint.off_reason in ("", OffReason.HAND)
            return Sign(
                "off" if by_hand else "error", OffReason(endpoint.off_reason or "hand").label
            )
        case "failing":
            return Sign("error", "Failing")
        case "unused":
            return Sign("unused", "Nothing sent yet")
    return Sign("ok", "OK")


def of_delivery(delivery: WebhookDelivery) -> Sign:
    """Where the delivery stands."""
    if delivery.state == WebhookDelivery.State.DELIVERED:
        return Sign("ok", "Delivered")
    if delivery.state == WebhookDelivery.State.FAILED:
        return Sign("error", "Failed")
    if delivery.is_being_sent:
        return Sign("running", "Being sent")
    return Sign("recovered", "Retrying") if delivery.tries else Sign("running", "Waiting")


def of_answer(status: int | None, error: str) -> str:
    """The code that was answered, or a dash where no answer came."""
    if status is not None:
        return str(status)
    return "no answer" if error else ""


def of_mail(notice: PersonalNotice) -> str:
    """What became of the mail; empty where there was none to send."""
    return "" if notice.mail_state == MailState.NONE else MailState(notice.mail_state).label
