"""Addresses of the REST of `traces`.

Ids are text and may hold anything, percent-encoded: they are matched as paths, sub-resources first.
"""

from django.urls import path

from traces import api

app_name = "traces_api"
urlpatterns = [
    path("traces", api.Traces.as_view(), name="traces"),
    path("traces/<path:trace_id>/spans/<path:span_id>", api.OneSpan.as_view(), name="span"),
    path("traces/<path:trace_id>/spans", api.TraceSpans.as_view(), name="spans"),
    path("traces/<path:trace_id>", api.OneTrace.as_view(), name="trace"),
]
