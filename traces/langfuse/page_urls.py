"""Addresses of Langfuse's own pages, as its SDKs print them."""

from django.urls import path

from traces.langfuse import pages

app_name = "langfuse_pages"
urlpatterns = [
    path("<str:project_id>/traces/<path:trace_id>", pages.trace, name="trace"),
    path("<str:project_id>/sessions/<path:session_id>", pages.session, name="session"),
    path("<str:project_id>", pages.project, name="project"),
    path("<str:project_id>/<path:rest>", pages.project, name="elsewhere"),
]
