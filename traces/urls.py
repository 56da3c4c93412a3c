"""Addresses of the pages of `traces`. Ids are text and may hold a slash, so they are paths."""

from django.urls import path

from kit.converters import use_any_text
from traces.views import (
    annotating,
    bulk,
    comparing,
    detail,
    intake,
    jobs,
    limits,
    lists,
    media,
    models_seen,
    of_features,
    overview,
    query_help,
    saved_views,
    score_definitions,
    sessions,
    sharing,
    snippets,
    tail,
    users,
)

use_any_text()

app_name = "traces"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("key/", overview.first_key, name="first_key"),
    path("traces/", lists.trace_list, name="trace_list"),
    path("traces/bulk/", bulk.bulk_act, name="bulk"),
    path("traces/tail/", tail.tail, name="tail"),
    path("traces/views/", saved_views.view_save, name="view_save"),
    path("traces/views/<int:pk>/", saved_views.view_change, name="view_change"),
    path("jobs/", jobs.job_list, name="job_list"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.job_cancel, name="job_cancel"),
    path("jobs/<int:pk>/download/", jobs.job_download, name="job_download"),
    path("traces/suggest/", query_help.suggest, name="query_suggest"),
    path("traces/reference/", query_help.query_reference, name="query_reference"),
    path("traces/<anytext:trace_id>/annotate/", annotating.annotate, name="annotate"),
    path("traces/<anytext:trace_id>/share/", sharing.share, name="share"),
    path("traces/<anytext:trace_id>/compare/", comparing.choose, name="compare_choose"),
    path(
        "traces/<anytext:trace_id>/compare/<anytext:other_id>/", comparing.compare, name="compare"
    ),
    path("traces/<anytext:trace_id>/", detail.trace_detail, name="trace_detail"),
    path("sessions/", sessions.session_list, name="session_list"),
    path("sessions/<anytext:session_id>/", sessions.session_detail, name="session"),
    path("users/", users.user_list, name="user_list"),
    path("users/<anytext:user_id>/", users.user_detail, name="user"),
    path("media/<str:media_id>", media.media, name="media"),
    path("intake/", intake.intake_before, name="intake_before"),
    path("settings/intake/", intake.intake, name="intake"),
    path("settings/shares/", sharing.share_list, name="share_list"),
    path("settings/limits/", limits.limits, name="limits"),
    path("settings/snippets/", snippets.snippet_list, name="snippets"),
    path("models-seen/", models_seen.models_seen, name="models_seen"),
    path("traffic/features/", of_features.feature_traffic, name="feature_traffic"),
    path("traffic/features/<path:name>/", of_features.feature_now, name="feature_now"),
    path("settings/scores/", score_definitions.definition_list, name="score_definitions"),
    path("settings/scores/<int:pk>/", score_definitions.definition_edit, name="score_definition"),
    path(
        "settings/scores/<int:pk>/archive/",
        score_definitions.definition_archive,
        name="score_definition_archive",
    ),
    path(
        "settings/scores/<int:pk>/delete/",
        score_definitions.definition_delete,
        name="score_definition_delete",
    ),
]
