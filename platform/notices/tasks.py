"""What is due is sent, what is old is gone. Each task may run twice, late or never."""

from __future__ import annotations

from celery import shared_task

from notices import delivering, mailing
from notices.services import mails, upkeep


@shared_task(name="notices.deliver")
def deliver_webhooks() -> None:
    """Deliveries that were due have been tried."""
    delivering.deliver_due()


@shared_task(name="notices.mail")
def mail_notices() -> None:
    """Notices that were due by mail have been handed to the mail server."""
    mailing.mail_due()


@shared_task(name="notices.upkeep")
def keep_notices_in_order() -> None:
    """Old deliveries and notices are gone, interrupted mails are marked."""
    mails.forget_interrupted()
    upkeep.forget_old()


@shared_task(name="notices.remove_deleted_projects")
def remove_notices_of_deleted_projects(project_id: int | None = None) -> None:
    """No webhook and no notice of a deleted project is left; without an id, of any."""
    upkeep.delete_project_data(project_id)
