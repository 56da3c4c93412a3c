"""One attempt to bring a message to its receiver, over HTTP or to the mail server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from kit import outbound
from notices.signing import signed_headers

ATTEMPT_SECONDS = 15.0  # within the 15 to 30 s that Standard Webhooks recommends


@dataclass(frozen=True)
class Attempt:
    """What one request came to; `error` is empty where the receiver took it.

    `may_have_arrived`: it failed, and yet the receiver may have taken it; `is_final`: it would say
    no again.
    """

    at: datetime
    duration_ms: int
    status: int | None = None
    error: str = ""
    response_start: str = ""
    retry_after: str | None = None
    may_have_arrived: bool = False
    is_final: bool = False


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> Attempt:
    """POST JSON once; everything but 2xx is an error, a redirect too."""
    at = timezone.now()
    sent = {"Content-Type": "application/json", "User-Agent": "Roadworthy-Webhooks", **headers}
    try:
        answer = await outbound.post(url, body=body, headers=sent, seconds=ATTEMPT_SECONDS)
    except outbound.Unreachable as nothing:
        return Attempt(
            at,
            nothing.duration_ms,
            error=str(nothing)[:300],
            may_have_arrived=nothing.may_have_arrived,
        )
    error = "" if answer.is_success else f"It answered {answer.status}."
    if 300 <= answer.status <= 399:
        error += " Redirects are not followed; enter the address it leads to."
    return Attempt(
        at,
        answer.duration_ms,
        status=answer.status,
        error=error,
        response_start=answer.body_start,
        retry_after=answer.retry_after,
    )


async def post_signed(url: str, body: bytes, message_id: str, secrets: Iterable[str]) -> Attempt:
    """POST JSON once, signed with each of `secrets` as Standard Webhooks says."""
    timestamp = int(timezone.now().timestamp())
    return await post(url, body, signed_headers(secrets, message_id, timestamp, body))


@dataclass(frozen=True)
class MailOutcome:
    """What the mail server said; `reason` is empty where it took the mail.

    `is_final`: it said no for good. `is_unsure`: the connection broke, and the mail may be out.
    """

    reason: str = ""
    is_final: bool = False
    is_unsure: bool = False


def hand_over(message: EmailMessage, connection: BaseEmailBackend) -> MailOutcome:
    """Send it. Only where the server has said no is it certain that it did not go out."""
    try:
        connection.send_messages([message])
    except SMTPRecipientsRefused as refused:
        return _refused(*next(iter(refused.recipients.values())))
    except SMTPResponseException as refused:
        return _refused(refused.smtp_code, refused.smtp_error)
    except (OSError, SMTPException) as error:
        return MailOutcome(f"The connection to the mail server broke: {error}", is_unsure=True)
    return MailOutcome()


def _refused(code: int, said: bytes | str) -> MailOutcome:
    """4xx is a no for now, everything else a no for good. Source: RFC 5321, section 4.2.1."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return MailOutcome(f"The mail server said {code} {text}", is_final=not 400 <= code < 500)
