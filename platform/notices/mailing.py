"""Mails the notices that are due, each at most once."""

from __future__ import annotations

import logging
import time
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse

from kit.jobs import alone, nudge
from notices.models import PersonalNotice
from notices.posting import hand_over
from notices.services import mails
from notices.services.telling import MAIL

log = logging.getLogger(__name__)

TURN_SECONDS = 20.0


def mail_due(seconds: float = TURN_SECONDS) -> int:
    """Mail what is due until nothing is or the time is over; how many were handed over.

    A notice is claimed only once the mail server answers, so that one that is away uses up no try;
    each mail has a connection of its own, so that a break tells of that mail alone.
    """
    if not settings.MAIL_IS_CONFIGURED:
        return 0
    until = time.monotonic() + seconds
    sent = 0
    with alone(MAIL) as is_mine:
        while is_mine and mails.mail_is_due():
            if time.monotonic() >= until:
                nudge(MAIL)
                break
            connection = get_connection()
            try:
                connection.open()
            except (OSError, SMTPException) as error:
                log.warning("mail server not reached", extra={"reason": str(error)})
                break
            try:
                notice = mails.claim_mail()
                sent += notice is not None and _hand_over(notice, connection)
            finally:
                connection.close()
    return sent


def message_for(notice: PersonalNotice) -> EmailMessage:
    """The mail: title and link, why it comes, and where to change that. No content of anything."""
    settings_url = settings.PUBLIC_URL + reverse("notices:wishes")
    context = {
        "notice": notice,
        "link": settings.PUBLIC_URL + (notice.link or reverse("notices:inbox")),
        "settings_url": settings_url,
    }
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    subject = f"[{notice.project.name}] {notice.title}"
    return EmailMessage(
        " ".join(subject.split()),  # on one line, whatever a project is called
        render_to_string("notices/mail/notice.txt", context),
        to=[notice.user.email],
        headers={
            "Message-ID": f"<notice-{notice.pk}@{host}>",
            "List-Unsubscribe": f"<{settings_url}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _hand_over(notice: PersonalNotice, connection: BaseEmailBackend) -> bool:
    """Send it, and note what became of it. True where the server took it."""
    outcome = hand_over(message_for(notice), connection)
    if not outcome.reason:
        mails.mail_sent(notice)
        return True
    if outcome.is_unsure:
        mails.mail_unsure(notice, outcome.reason)
    else:
        mails.mail_refused(notice, outcome.reason, for_now=not outcome.is_final)
    log.warning("notice not mailed", extra={"notice": notice.pk, "reason": notice.mail_error})
    return False
