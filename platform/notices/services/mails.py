"""Mails of notices: claimed, and recorded once the mail server has or has not taken them."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from notices import events
from notices.events import Wish
from notices.models import MailState, PersonalNotice
from notices.retries import next_wait
from notices.services.telling import wishes_for

STALE_AFTER = timedelta(hours=24)  # later than that a mail is no news
UNSURE_AFTER = timedelta(minutes=10)  # who has been sending for so long is gone


def mail_is_due() -> bool:
    """True where a mail waits for its time and that has come."""
    now = timezone.now()
    return PersonalNotice.objects.filter(mail_state=MailState.DUE, mail_due_at__lte=now).exists()


@transaction.atomic
def claim_mail() -> PersonalNotice | None:
    """The next notice to mail, marked as being sent; None where there is none.

    Whether its person still wants it and still may read it is looked at now.
    """
    now = timezone.now()
    rows = PersonalNotice.objects.select_related("user", "project__organization")
    rows = rows.select_for_update(skip_locked=True, of=["self"])
    waiting = rows.filter(mail_state=MailState.DUE, mail_due_at__lte=now).order_by("mail_due_at")
    while (notice := waiting.first()) is not None:
        notice.mail_due_at = None
        if now - notice.created_at > STALE_AFTER:
            notice.mail_state = MailState.FAILED
            notice.mail_error = "The mail server took no mail for a day."
        elif not _is_wanted(notice):
            notice.mail_state = MailState.NONE
        else:
            notice.mail_state = MailState.SENDING
            notice.mail_tries += 1
            notice.mail_at = now
        notice.save(
            update_fields=["mail_state", "mail_due_at", "mail_tries", "mail_at", "mail_error"]
        )
        if notice.mail_state == MailState.SENDING:
            return notice
    return None


def mail_sent(notice: PersonalNotice) -> None:
    """The server has taken it."""
    _settle(notice, MailState.SENT)


def mail_refused(notice: PersonalNotice, reason: str, *, for_now: bool) -> None:
    """The server has said no; `for_now`: it is to be asked again later."""
    wait = next_wait(notice.mail_tries) if for_now else None
    notice.mail_due_at = None if wait is None else timezone.now() + wait
    _settle(notice, MailState.FAILED if wait is None else MailState.DUE, reason)


def mail_unsure(notice: PersonalNotice, reason: str) -> None:
    """The connection broke while handing it over: it may have gone out, and is never repeated."""
    _settle(notice, MailState.UNSURE, reason)


def forget_interrupted() -> int:
    """What was being sent when its process ended stays unsure; how many."""
    gone = PersonalNotice.objects.filter(
        mail_state=MailState.SENDING, mail_at__lt=timezone.now() - UNSURE_AFTER
    )
    return gone.update(
        mail_state=MailState.UNSURE, mail_error="The worker ended while it was handed over."
    )


def _settle(notice: PersonalNotice, state: MailState, reason: str = "") -> None:
    notice.mail_state, notice.mail_error = state, reason[:300]
    notice.save(update_fields=["mail_state", "mail_due_at", "mail_error"])


def _is_wanted(notice: PersonalNotice) -> bool:
    try:
        event = events.get(notice.event)
    except events.UnknownEvent:  # of an app that is no longer there
        return False
    if notice.project.deleted_at is not None:
        return False
    wish = wishes_for(notice.project, event, [notice.user_id]).get(notice.user_id)
    return wish is Wish.MAIL
