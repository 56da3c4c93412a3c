"""Webhook endpoints with what is sent to them, and the notices of persons with their wishes."""

from notices.models.personal import MailState, MutedProject, NoticeWish, PersonalNotice
from notices.models.webhooks import (
    OffReason,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)

__all__ = [
    "MailState",
    "MutedProject",
    "NoticeWish",
    "OffReason",
    "PersonalNotice",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookMessage",
]
