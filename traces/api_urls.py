"""Addresses of the REST of `traces`.

Ids are text and may hold anything, percent-encoded: they are matched as paths, sub-resources first.
"""

from django.urls import path

from kit.converters import use_any_text
from traces.api import exports as exports_api
from traces.api import limits as limits_api
from traces.api import media as media_api
from traces.api import outcomes as outcomes_api
from traces.api import score_definitions as score_definitions_api
from traces.api import scores as scores_api
from traces.api import sessions as sessions_api
from traces.api import traces as api

use_any_text()

app_name = "traces_api"
urlpatterns = [
    path("traces", api.Traces.as_view(), name="traces"),
    path("traces/<path:trace_id>/spans/<path:span_id>", api.OneSpan.as_view(), name="span"),
    path("traces/<path:trace_id>/spans", api.TraceSpans.as_view(), name="spans"),
    path("traces/<path:trace_id>", api.OneTrace.as_view(), name="trace"),
    path("sessions", sessions_api.Sessions.as_view(), name="sessions"),
    path("sessions/<anytext:session_id>", sessions_api.OneSession.as_view(), name="session"),
    path("scores", scores_api.Scores.as_view(), name="scores"),
    path("scores/<path:score_id>", scores_api.OneScore.as_view(), name="score"),
    path("outcomes", outcomes_api.Outcomes.as_view(), name="outcomes"),
    path("outcomes/<path:outcome_id>", outcomes_api.OneOutcome.as_view(), name="outcome"),
    path(
        "score-definitions",
        score_definitions_api.ScoreDefinitions.as_view(),
        name="score_definitions",
    ),
    path(
        "score-definitions/<path:name>",
        score_definitions_api.OneScoreDefinition.as_view(),
        name="score_definition",
    ),
    path("exports", exports_api.Exports.as_view(), name="exports"),
    path("exports/<int:pk>", exports_api.OneExport.as_view(), name="export"),
    path("exports/<int:pk>/file", exports_api.ExportFile.as_view(), name="export_file"),
    path("limits", limits_api.ProjectLimits.as_view(), name="limits"),
    path("media/<str:media_id>", media_api.OneMedia.as_view(), name="media"),
    path("media/<str:media_id>/content", media_api.MediaContent.as_view(), name="media_content"),
]
