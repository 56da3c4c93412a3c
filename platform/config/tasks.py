"""Upkeep of the installation itself."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.db import connection

MESSAGES_A_SWEEP = 50_000


@shared_task(name="config.sweep_broker")
def sweep_broker() -> None:
    """Messages that were read are gone: Kombu's transport over PostgreSQL only hides them."""
    if settings.BROKER_URL:
        return
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('kombu_message')")
        if cursor.fetchone()[0] is None:
            return
        cursor.execute(
            "delete from kombu_message where id in "
            "(select id from kombu_message where not visible limit %s)",
            [MESSAGES_A_SWEEP],
        )
