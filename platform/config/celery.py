"""Celery: over the same PostgreSQL by default, over Redis or RabbitMQ when that is outgrown."""

from __future__ import annotations

import os
from threading import Thread
from typing import Any
from urllib.parse import quote

from celery import Celery
from celery.signals import worker_init, worker_process_init, worker_ready
from django.conf import settings
from kombu import Queue

from config.broker import register
from config.processes.collector import tune_collector
from config.processes.lifeline import die_with

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

QUEUES = ("digest", "evals", "costs", "alerts", "upkeep")


def broker_url() -> str:
    """BROKER_URL as set, else the address of our PostgreSQL in the form that Kombu takes."""
    if settings.BROKER_URL:
        return str(settings.BROKER_URL)
    database: dict[str, Any] = settings.DATABASES["default"]
    user = quote(database["USER"], safe="")
    password = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    options = database.get("OPTIONS", {})
    host = database["HOST"] or options.get("host", "")
    name = quote(database["NAME"], safe="")
    if host.startswith("/"):  # a socket folder goes into the query, not into the authority
        port = f"&port={database['PORT']}" if database["PORT"] else ""
        return f"sqla+postgresql+psycopg://{user}{password}@/{name}?host={quote(host)}{port}"
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"sqla+postgresql+psycopg://{user}{password}@{host}{port}/{name}"


register()
app = Celery("roadworthy")
app.conf.update(
    broker_url=broker_url(),
    broker_connection_retry_on_startup=True,
    result_backend=None,
    task_ignore_result=True,
    task_default_queue="upkeep",  # others are named in task_routes, by app
    task_queues=[Queue(name) for name in QUEUES],
    task_routes={
        "evals.*": {"queue": "evals"},
        "pricing.*": {"queue": "costs"},
        "costs.*": {"queue": "costs"},
        "alerts.*": {"queue": "alerts"},
        "notices.*": {"queue": "alerts"},
        "prompts.watch_rollouts": {"queue": "alerts"},
    },
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    # A worker asked to end gives its tasks this long, then puts them back for the next one.
    worker_soft_shutdown_timeout=3.0,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    timezone="UTC",
    enable_utc=True,
    beat_schedule={
        # Late ones are worth nothing: the next is at most two seconds away.
        "traces.digest": {"task": "traces.digest", "schedule": 2.0, "options": {"expires": 5}},
        "traces.sample": {"task": "traces.sample", "schedule": 10.0, "options": {"expires": 20}},
        "traces.fold_figures": {
            "task": "traces.fold_figures",
            "schedule": 60.0,
            "options": {"expires": 120},
        },
        "traces.run_jobs": {"task": "traces.run_jobs", "schedule": 5.0, "options": {"expires": 10}},
        "evals.forget_uploads": {"task": "evals.forget_uploads", "schedule": 1800.0},
        "evals.run_gates": {"task": "evals.run_gates", "schedule": 5.0, "options": {"expires": 10}},
        "evals.run_schedules": {
            "task": "evals.run_schedules",
            "schedule": 15.0,
            "options": {"expires": 30},
        },
        "evals.judge_stored": {
            "task": "evals.judge_stored",
            "schedule": 15.0,
            "options": {"expires": 30},
        },
        "evals.watch_texts": {
            "task": "evals.watch_texts",
            "schedule": 300.0,
            "options": {"expires": 600},
        },
        "traces.follow_rules": {
            "task": "traces.follow_rules",
            "schedule": 5.0,
            "options": {"expires": 10},
        },
        "traces.compare_figures": {"task": "traces.compare_figures", "schedule": 3600.0},
        "traces.upkeep": {"task": "traces.upkeep", "schedule": 3600.0},
        "traces.remove_deleted_projects": {
            "task": "traces.remove_deleted_projects",
            "schedule": 300.0,
        },
        "features.remove_deleted_projects": {
            "task": "features.remove_deleted_projects",
            "schedule": 300.0,
        },
        "gateway.remove_deleted_projects": {
            "task": "gateway.remove_deleted_projects",
            "schedule": 300.0,
        },
        "alerts.deliver": {"task": "alerts.deliver", "schedule": 5.0, "options": {"expires": 10}},
        "alerts.watch": {"task": "alerts.watch", "schedule": 15.0, "options": {"expires": 30}},
        "alerts.follow_drift": {
            "task": "alerts.follow_drift",
            "schedule": 60.0,
            "options": {"expires": 120},
        },
        "alerts.follow_anomalies": {
            "task": "alerts.follow_anomalies",
            "schedule": 300.0,
            "options": {"expires": 300},
        },
        "alerts.follow_budgets": {
            "task": "alerts.follow_budgets",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "alerts.watch_objectives": {
            "task": "alerts.watch_objectives",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "alerts.watch_rules": {
            "task": "alerts.watch_rules",
            "schedule": 30.0,
            "options": {"expires": 60},
        },
        "alerts.heartbeat": {
            "task": "alerts.heartbeat",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "alerts.upkeep": {"task": "alerts.upkeep", "schedule": 3600.0},
        "alerts.remove_deleted_projects": {
            "task": "alerts.remove_deleted_projects",
            "schedule": 300.0,
        },
        "costs.watch_budgets": {
            "task": "costs.watch_budgets",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "costs.read_spend": {
            "task": "costs.read_spend",
            "schedule": 300.0,
            "options": {"expires": 300},
        },
        "costs.look_for_savings": {
            "task": "costs.look_for_savings",
            "schedule": 600.0,
            "options": {"expires": 600},
        },
        "costs.expire_reservations": {
            "task": "costs.expire_reservations",
            "schedule": 15.0,
            "options": {"expires": 30},
        },
        "costs.upkeep": {"task": "costs.upkeep", "schedule": 3600.0},
        "costs.remove_deleted_projects": {
            "task": "costs.remove_deleted_projects",
            "schedule": 300.0,
        },
        "notices.deliver": {"task": "notices.deliver", "schedule": 5.0, "options": {"expires": 10}},
        "notices.mail": {"task": "notices.mail", "schedule": 15.0, "options": {"expires": 30}},
        "notices.upkeep": {"task": "notices.upkeep", "schedule": 3600.0},
        "notices.remove_deleted_projects": {
            "task": "notices.remove_deleted_projects",
            "schedule": 300.0,
        },
        "prompts.watch_rollouts": {
            "task": "prompts.watch_rollouts",
            "schedule": 30.0,
            "options": {"expires": 60},
        },
        "prompts.upkeep": {"task": "prompts.upkeep", "schedule": 3600.0},
        "prompts.remove_deleted_projects": {
            "task": "prompts.remove_deleted_projects",
            "schedule": 300.0,
        },
        "evals.read_noted_traces": {
            "task": "evals.read_noted_traces",
            "schedule": 5.0,
            "options": {"expires": 10},
        },
        "evals.run_experiments": {
            "task": "evals.run_experiments",
            "schedule": 5.0,
            "options": {"expires": 10},
        },
        "evals.remove_deleted_projects": {
            "task": "evals.remove_deleted_projects",
            "schedule": 300.0,
        },
        "evals.judge_labelled": {
            "task": "evals.judge_labelled",
            "schedule": 60.0,
            "options": {"expires": 120},
        },
        "evals.scan_online": {
            "task": "evals.scan_online",
            "schedule": 15.0,
            "options": {"expires": 30},
        },
        "evals.judge_online": {
            "task": "evals.judge_online",
            "schedule": 10.0,
            "options": {"expires": 20},
        },
        "evals.calibrate": {
            "task": "evals.calibrate",
            "schedule": 30.0,
            "options": {"expires": 60},
        },
        "pricing.recost": {"task": "pricing.recost", "schedule": 60.0},
        "config.sweep_broker": {"task": "config.sweep_broker", "schedule": 600.0},
    },
)
app.autodiscover_tasks()


_worker = 0  # process number of the worker, set before it forks its pool


@worker_init.connect
def _remember_the_worker(**_: object) -> None:
    global _worker
    _worker = os.getpid()


@worker_ready.connect
def _be_ready(**_: object) -> None:
    """What the first call to a model would wait for is read before: prices, and who is trusted."""
    Thread(target=_read_ahead, daemon=True, name="read-ahead").start()


def _read_ahead() -> None:
    from gateway.client.pool import trust
    from pricing import base_table

    base_table.load()
    trust()


@worker_process_init.connect
def _end_with_the_worker(**_: object) -> None:
    """A hard-killed worker takes its pool with it; the sweeps find what was left undone."""
    die_with(_worker or os.getppid())


@worker_process_init.connect
def _collect_rarely(**_: object) -> None:
    """Settling and exporting decode what intake decodes."""
    tune_collector()
