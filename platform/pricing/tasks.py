"""Costs of spans agree with the prices. Each task may run twice, late or never."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from pricing import recosting
from pricing.models import PriceJob
from pricing.services.jobs import DELAY, due_jobs


@shared_task(name="pricing.recost")
def recost_spans(job_id: int | None = None) -> None:
    """The job is done, or has had its share of time; without an id, every job that is due."""
    if job_id is None:
        for due in due_jobs():
            recosting.recost(due)
        return
    job = PriceJob.objects.filter(pk=job_id).first()
    if job is None:
        return
    wait = (job.due_at - timezone.now()).total_seconds()
    if 0 < wait <= DELAY.total_seconds():
        time.sleep(wait)
    recosting.recost(job_id)
