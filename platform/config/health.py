"""Is the process up, is the installation ready, what do its figures say."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from alerts.queries.figures import AlertFigures
from notices.queries.figures import NoticeFigures
from traces.queries.upkeep import UpkeepFigures

_migrated = False  # migrations are never undone under a running process


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and every migration is applied, else 503 with the reason."""
    global _migrated
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if missing:
                names = [f"{step.app_label}.{step.name}" for step, _ in missing]
                return JsonResponse({"ready": False, "missing_migrations": names}, status=503)
            _migrated = True
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
        return JsonResponse({"ready": False, "database": reason}, status=503)
    return JsonResponse({"ready": True})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus figures, of all web processes together where they share a folder."""
    registry = REGISTRY
    if settings.METRICS_DIR:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=settings.METRICS_DIR)  # type: ignore[no-untyped-call]
    asked = CollectorRegistry()
    asked.register(UpkeepFigures())
    asked.register(NoticeFigures())
    asked.register(AlertFigures())
    text = generate_latest(registry) + generate_latest(asked)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)
