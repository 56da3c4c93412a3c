"""The few mails that `accounts` sends; without a mail server nothing here is called."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from smtplib import SMTPException

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

from accounts.models import Invitation, User

log = logging.getLogger(__name__)

# One thread of its own: whoever asks for a password reset must not learn from the time of the
# answer whether a mail went out, and a slow mail server must not hold a web thread.
_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def invitation(row: Invitation, link: str) -> EmailMessage:
    """Invites to join, with the link."""
    return EmailMessage(
        f"Join {row.project.name if row.project else row.organization.name} on Roadworthy",
        render_to_string("accounts/mail/invitation.txt", {"invitation": row, "link": link}),
        to=[row.email],
    )


def password_reset(user: User, link: str) -> EmailMessage:
    """Lets `user` choose a new password."""
    return EmailMessage(
        "Choose a new password for Roadworthy",
        render_to_string("accounts/mail/password_reset.txt", {"user": user, "link": link}),
        to=[user.email],
    )


def send_on_commit(message: EmailMessage) -> None:
    """Hand `message` to the mail server once this transaction commits; a failure is logged."""
    transaction.on_commit(partial(_sender.submit, _send, message))


def wait_until_sent(seconds: float = 10.0) -> None:
    """Return once every message handed over so far has been tried."""
    done: Future[None] = _sender.submit(lambda: None)
    done.result(seconds)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except (OSError, SMTPException) as error:
        log.warning("mail not sent", extra={"subject": message.subject, "reason": str(error)})
