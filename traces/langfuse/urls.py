"""Addresses below `/api/public/`. Ids are text that may hold a slash, so they are paths.

What other apps serve below the same base stands before the last line, which takes the rest.
"""

from django.urls import path

from accounts.models import Scope
from traces.langfuse import media, observations, projects, scores, sessions, traces
from traces.langfuse.envelope import address, nothing_here
from traces.langfuse.ingestion import ingestion, intake

READ = Scope.READ

app_name = "langfuse"
urlpatterns = [
    path("health", projects.health, name="health"),
    path("projects", address(get=(None, projects.projects)), name="projects"),
    path("ingestion", ingestion, name="ingestion"),
    path("otel/v1/traces", intake, name="otel_traces"),
    path("otel/v1/logs", intake, name="otel_logs"),
    path("otel/v1/metrics", intake, name="otel_metrics"),
    path("scores", scores.scores, name="scores"),
    path(
        "scores/<path:score_id>",
        address(get=(READ, scores.one), delete=(Scope.INGEST, scores.delete)),
        name="score",
    ),
    path("v2/scores", address(get=(READ, scores.listed)), name="scores_v2"),
    path("v2/scores/<path:score_id>", address(get=(READ, scores.one)), name="score_v2"),
    path("v3/scores", address(get=(READ, scores.listed_v3)), name="scores_v3"),
    path("traces", address(get=(READ, traces.listed)), name="traces"),
    path("traces/<path:trace_id>", address(get=(READ, traces.one)), name="trace"),
    path("observations", address(get=(READ, observations.listed)), name="observations"),
    path(
        "observations/<path:observation_id>",
        address(get=(READ, observations.one)),
        name="observation",
    ),
    path("v2/observations", address(get=(READ, observations.listed_v2)), name="observations_v2"),
    path("sessions", address(get=(READ, sessions.listed)), name="sessions"),
    path("sessions/<path:session_id>", address(get=(READ, sessions.one)), name="session"),
    path("media", address(post=(Scope.INGEST, media.announce)), name="media"),
    path("media/uploads/<str:token>", media.upload, name="media_upload"),
    path("media/files/<str:token>", media.download, name="media_file"),
    path(
        "media/<str:media_id>",
        address(get=(READ, media.one), patch=(Scope.INGEST, media.uploaded)),
        name="media_one",
    ),
]
# After all others: what is not served is told in JSON, as SDKs expect it.
anything_else = [
    path(
        "<path:rest>",
        address(**dict.fromkeys(("get", "post", "put", "patch", "delete"), (None, nothing_here))),
    )
]
