"""Addresses of pages: gates."""

from django.urls import URLPattern, path

from evals.views import gate_proposals, gates

urlpatterns: list[URLPattern] = [
    path("gates/", gates.gate_list, name="gates"),
    path("gates/new/", gate_proposals.gate_new, name="gate_new"),
    path("gates/proposals/<int:pk>/", gate_proposals.gate_proposal, name="gate_proposal"),
    path("gates/proposals/<int:pk>/decide/", gate_proposals.gate_decide, name="gate_decide"),
    path("gates/<int:pk>/", gates.gate, name="gate"),
    path("gates/<int:pk>/change/", gate_proposals.gate_edit, name="gate_edit"),
    path("gates/<int:pk>/ask/", gates.gate_ask, name="gate_ask"),
    path("gates/<int:pk>/runs/<int:number>/", gates.gate_run, name="gate_run"),
    path("gates/<int:pk>/runs/<int:number>/cancel/", gates.gate_run_cancel, name="gate_run_cancel"),
]
