"""The doctor's questions to settings, database and broker; they need Django set up."""

from __future__ import annotations

import os
import re
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config.celery import app as celery_app
from config.doctor.findings import Finding, fail, ok, warn

OLDEST_SERVER = 150000
PARTITIONS_AHEAD = timedelta(days=2)  # upkeep makes seven days; two leave time to act
PATIENCE_SECONDS = 3  # a free worker looks for messages every second
WRONG_CLOCK_SECONDS = (2.0, 30.0)
_UPPER_BOUND = re.compile(r"TO \('([^']+)'")


def secret_key() -> Finding:
    """Is there a secret of this installation's own, and do errors show nothing."""
    if settings.DEBUG:
        return warn(
            "SECRET_KEY", "DEBUG is on", "Use the settings `production` where others reach it."
        )
    if os.environ.get("SECRET_KEY"):
        if len(settings.SECRET_KEY) < 32:
            return fail("SECRET_KEY", "set, but short", "Set one of at least 32 random characters.")
        return ok("SECRET_KEY", "set in the environment")
    file = Path(settings.DATA_DIR) / "secret_key"
    if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
        return fail("SECRET_KEY", f"{file} can be read by others", f"chmod 600 {file}")
    return ok("SECRET_KEY", f"kept in {file}")


def public_address() -> Finding:
    """Does the address that people use fit the cookies."""
    url = str(settings.PUBLIC_URL)
    parts = urlsplit(url)
    if parts.scheme == "https":
        if not settings.TRUSTED_PROXIES:
            return warn(
                "public address",
                f"{url}, but no proxy is trusted",
                "Set ROADWORTHY_TRUSTED_PROXIES to the address of what ends TLS.",
            )
        return ok("public address", f"{url}, cookies are sent over https only")
    if parts.hostname in {"localhost", "127.0.0.1", "::1"}:
        return ok("public address", url)
    return warn(
        "public address",
        f"{url} is not encrypted: passwords and keys travel in the open",
        "Put a proxy with TLS before it and set ROADWORTHY_PUBLIC_URL to its https address.",
    )


def mail() -> Finding:
    """Do invitations and resets go out by mail."""
    if settings.MAIL_IS_CONFIGURED:
        return ok("mail", f"sent through {settings.EMAIL_HOST}:{settings.EMAIL_PORT}")
    return ok("mail", "not configured; invitation and reset links are shown to copy")


def static_files() -> Finding:
    """Are style sheets and scripts collected."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if "Manifest" not in settings.STORAGES["staticfiles"]["BACKEND"] or manifest.exists():
        return ok("static files", str(settings.STATIC_ROOT))
    return fail(
        "static files", f"{manifest} is missing", "Run `roadworthy collectstatic --noinput`."
    )


def database() -> list[Finding]:
    """Reachable, new enough, migrated, partitions ahead, clocks agreeing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select current_setting('server_version_num')::int, clock_timestamp()")
            version, theirs = cursor.fetchone()
            ours = datetime.now(UTC)
            cursor.execute("select current_setting('server_version')")
            (release,) = cursor.fetchone()
            findings = [
                _version(version, release),
                _clock(abs((theirs - ours).total_seconds())),
                _migrations(),
            ]
            cursor.execute(
                "select parent.relname, pg_get_expr(child.relpartbound, child.oid)"
                " from pg_inherits join pg_class parent on parent.oid = inhparent"
                " join pg_class child on child.oid = inhrelid"
                " where parent.relkind = 'p' and child.relpartbound is not null"
                " and parent.relnamespace = current_schema()::regnamespace"
            )
            return findings + _partitions(cursor.fetchall())
    except (DatabaseError, ImproperlyConfigured) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        if os.environ.get("DATABASE_URL"):
            advice = "Check DATABASE_URL and whether that server runs and lets us in."
        else:
            advice = "The embedded database runs with `roadworthy up`: start that."
        return [fail("database", f"not reachable: {reason}", advice)]


def _version(number: int, release: str) -> Finding:
    if number < OLDEST_SERVER:
        return fail("database", f"PostgreSQL {release}", "PostgreSQL 15 or newer is needed.")
    return ok("database", f"PostgreSQL {release} answers")


def _clock(seconds: float) -> Finding:
    seen = f"{seconds:.1f} s from the database's"
    advice = "Set both machines' clocks by NTP: spans are kept by time."
    if seconds > WRONG_CLOCK_SECONDS[1]:
        return fail("clock", seen, advice)
    return warn("clock", seen, advice) if seconds > WRONG_CLOCK_SECONDS[0] else ok("clock", seen)


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        names = ", ".join(f"{step.app_label}.{step.name}" for step, _ in missing[:3])
        return fail(
            "migrations", f"{len(missing)} not applied ({names} …)", "Run `roadworthy prepare`."
        )
    return ok("migrations", "all applied")


def _partitions(rows: list[tuple[str, str]]) -> list[Finding]:
    latest: dict[str, datetime] = {}
    for parent, bound in rows:
        if found := _UPPER_BOUND.search(bound):
            until = datetime.fromisoformat(found[1])
            until = until if until.tzinfo else until.replace(tzinfo=UTC)
            latest[parent] = max(until, latest.get(parent, until))
    if not latest:
        return []
    parent, until = min(latest.items(), key=lambda item: item[1])
    seen = f"made until {until:%Y-%m-%d} ({parent})"
    if until < datetime.now(UTC) + PARTITIONS_AHEAD:
        return [warn("partitions", seen, "Is a worker with the queue `upkeep` running, and beat?")]
    return [ok("partitions", seen)]


def broker() -> list[Finding]:
    """Does the broker answer, and do messages wait that no worker takes."""
    kind = urlsplit(settings.BROKER_URL).scheme if settings.BROKER_URL else "the same PostgreSQL"
    try:
        before = _waiting()
        if before:
            time.sleep(PATIENCE_SECONDS)
        after = _waiting() if before else 0
    except Exception as error:  # each transport has errors of its own
        reason = " ".join(str(error).split())[:200]
        advice = "Check BROKER_URL and that server."
        return [fail("broker", f"{kind} does not answer: {reason}", advice)]
    return [ok("broker", f"{kind} answers"), _worker(before, after)]


def _waiting() -> int:
    """Messages in all queues that no worker has taken yet."""
    with celery_app.connection_for_write() as link:
        link.ensure_connection(max_retries=1, timeout=5)
        with link.channel() as channel:
            count = 0
            for queue in celery_app.conf.task_queues:
                count += queue(channel).queue_declare(passive=False).message_count
            return count


def _worker(before: int, after: int) -> Finding:
    if after and after >= before:
        return warn(
            "worker",
            f"{after} messages wait and none was taken within {PATIENCE_SECONDS} s",
            "It is busy, or none runs: see `roadworthy up`, or the service `worker`.",
        )
    return ok("worker", f"{after} messages wait")
