"""Notices by mail, to a real mail server: at most once each, tried again only after a clear no."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import Message

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Membership, Project, User
from notices.events import Wish
from notices.mailing import mail_due
from notices.models import MailState, PersonalNotice
from notices.services import mails, personal
from tests.notices.telling import MOVED, URGENT, happen

pytestmark = pytest.mark.django_db


class Mailbox:
    """Takes mail, or answers DATA as it is told; `None` breaks the connection."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.answers: list[str | None] = []
        self.rejects: str = ""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rejects:
            return self.rejects
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer is None:
            assert server.transport is not None
            self.taken.append(message_from_bytes(bytes(envelope.content or b"")))
            server.transport.abort()
            return "250 OK"
        if answer.startswith("250"):
            self.taken.append(message_from_bytes(bytes(envelope.content or b"")))
        return answer


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    handler = Mailbox()
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        port = asking.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    settings.MAIL_IS_CONFIGURED = True
    settings.PUBLIC_URL = "https://roadworthy.example.com"
    settings.DEFAULT_FROM_EMAIL = "Roadworthy <news@example.com>"
    yield handler
    controller.stop()


def state() -> tuple[str, int]:
    notice = PersonalNotice.objects.get()
    return notice.mail_state, notice.mail_tries


def test_a_mail_says_what_why_and_where_to_change_it(
    project: Project, bob: User, alice: User, mailbox: Mailbox
) -> None:
    happen(project, URGENT, persons=[bob, alice], actor=alice, title="v15\r\nBcc: x@example.com")
    assert mail_due() == 1
    assert mail_due() == 0
    (mail,) = mailbox.taken
    notice = PersonalNotice.objects.get()
    assert (mail["To"], mail["Subject"]) == ("bob@example.com", "[Support] v15 Bcc: x@example.com")
    assert mail["Bcc"] is None
    page = "https://roadworthy.example.com/me/notices/settings/"
    assert mail["List-Unsubscribe"] == f"<{page}>"
    assert mail["Message-ID"] == f"<notice-{notice.pk}@example.com>"
    text = mail.get_payload()
    for line in ("By alice.", "https://roadworthy.example.com/p/support/", page):
        assert line in text
    assert "You get this because you work on this prompt. Project: Support." in text
    assert state() == (MailState.SENT, 1)


def test_only_a_clear_no_is_asked_again(project: Project, bob: User, mailbox: Mailbox) -> None:
    happen(project, URGENT, persons=[bob])
    mailbox.answers = ["451 Come back later"]
    assert mail_due() == 0
    assert state() == (MailState.DUE, 1)
    assert mail_due() == 0  # not due yet
    PersonalNotice.objects.update(mail_due_at=timezone.now())
    assert mail_due() == 1
    assert state() == (MailState.SENT, 2)
    for rejects, answers in (("550 Who is that", []), ("", ["554 No"])):
        PersonalNotice.objects.update(mail_state=MailState.DUE, mail_due_at=timezone.now())
        mailbox.rejects, mailbox.answers = rejects, list(answers)
        assert mail_due() == 0
        assert state()[0] == MailState.FAILED
    assert len(mailbox.taken) == 1


def test_what_may_have_gone_out_is_never_sent_again(
    project: Project, bob: User, mailbox: Mailbox
) -> None:
    happen(project, URGENT, persons=[bob])
    mailbox.answers = [None]  # the server took it and the connection broke before it could say so
    assert mail_due() == 0
    assert state() == (MailState.UNSURE, 1)
    assert mail_due() == 0
    assert len(mailbox.taken) == 1
    # A worker that was killed leaves it as being sent: nobody takes it up.
    PersonalNotice.objects.update(mail_state=MailState.DUE, mail_due_at=timezone.now())
    assert mails.claim_mail() is not None
    assert mails.claim_mail() is None
    assert mail_due() == 0
    assert mails.forget_interrupted() == 0
    PersonalNotice.objects.update(mail_at=timezone.now() - timedelta(minutes=11))
    assert mails.forget_interrupted() == 1
    assert state()[0] == MailState.UNSURE


def test_a_server_that_is_away_uses_up_no_try_for_a_day(
    project: Project, bob: User, mailbox: Mailbox, settings: Settings
) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    happen(project, URGENT, persons=[bob])
    assert mail_due() == 0
    assert state() == (MailState.DUE, 0)
    settings.EMAIL_PORT = port
    PersonalNotice.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert mail_due() == 0
    assert state() == (MailState.FAILED, 0)
    assert mailbox.taken == []


def test_who_no_longer_wants_or_may_gets_none(
    project: Project, bob: User, mailbox: Mailbox, settings: Settings
) -> None:
    def waits() -> None:
        PersonalNotice.objects.all().delete()
        happen(project, URGENT, persons=[bob])

    waits()
    personal.set_wishes(bob, {URGENT: Wish.PRODUCT}, muted=[])
    mail_due()
    personal.set_wishes(bob, {URGENT: Wish.MAIL}, muted=[])
    waits()
    personal.set_wishes(bob, {}, muted=[project.pk])
    mail_due()
    personal.set_wishes(bob, {}, muted=[])
    waits()
    Membership.objects.filter(user=bob).delete()
    mail_due()
    settings.MAIL_IS_CONFIGURED = False
    assert mail_due() == 0
    assert (mailbox.taken, state()) == ([], (MailState.NONE, 0))
    happen(project, MOVED, persons=[bob])
