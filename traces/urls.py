"""Addresses of the pages of `traces`. Ids are text and may hold a slash, so they are paths."""

from django.urls import path

from traces.views import (
    annotating,
    comparing,
    detail,
    intake,
    limits,
    lists,
    media,
    models_seen,
    overview,
    queries,
    score_definitions,
    sessions,
    sharing,
    snippets,
    users,
)

app_name = "traces"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("key/", overview.first_key, name="first_key"),
    path("traces/", lists.trace_list, name="trace_list"),
    path("traces/suggest/", queries.suggest, name="query_suggest"),
    path("traces/reference/", queries.query_reference, name="query_reference"),
    path("traces/<path:trace_id>/annotate/", annotating.annotate, name="annotate"),
    path("traces/<path:trace_id>/share/", sharing.share, name="share"),
    path("traces/<path:trace_id>/compare/", comparing.choose, name="compare_choose"),
    path("traces/<path:trace_id>/compare/<path:other_id>/", comparing.compare, name="compare"),
    path("traces/<path:trace_id>/", detail.trace_detail, name="trace_detail"),
    path("sessions/", sessions.session_list, name="session_list"),
    path("sessions/<path:session_id>/", sessions.session_detail, name="session"),
    path("users/", users.user_list, name="user_list"),
    path("users/<path:user_id>/", users.user_detail, name="user"),
    path("media/<str:media_id>", media.media, name="media"),
    path("intake/", intake.intake_before, name="intake_before"),
    path("settings/intake/", intake.intake, name="intake"),
    path("settings/shares/", sharing.share_list, name="share_list"),
    path("settings/limits/", limits.limits, name="limits"),
    path("settings/snippets/", snippets.snippet_list, name="snippets"),
    path("models-seen/", models_seen.models_seen, name="models_seen"),
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
