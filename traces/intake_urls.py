"""The address of OTLP, fixed by its specification; answered before Django, and documented here."""

from django.urls import path

from traces.api.intake import OtlpTraces

urlpatterns = [path("v1/traces", OtlpTraces.as_view())]
