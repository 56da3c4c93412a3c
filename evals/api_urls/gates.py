"""Addresses of REST: gates."""

from django.urls import URLPattern, path

from evals.api import gate_proposals, gates

urlpatterns: list[URLPattern] = [
    path("gates", gates.Gates.as_view(), name="api_gates"),
    path("gates/run", gates.AskedGate.as_view(), name="api_gate_asked"),
    path("gates/runs/<int:pk>", gates.OneGateRun.as_view(), name="api_gate_run"),
    path(
        "gates/runs/<int:pk>/cancel", gates.CancelledGateRun.as_view(), name="api_gate_run_cancel"
    ),
    path("gates/<int:pk>", gates.OneGate.as_view(), name="api_gate"),
    path("gates/<int:pk>/runs", gates.GateRuns.as_view(), name="api_gate_runs"),
    path("gate-proposals", gate_proposals.GateProposals.as_view(), name="api_gate_proposals"),
    path(
        "gate-proposals/<int:pk>",
        gate_proposals.OneGateProposal.as_view(),
        name="api_gate_proposal",
    ),
    path(
        "gate-proposals/<int:pk>/approve",
        gate_proposals.ApprovedGateProposal.as_view(),
        name="api_gate_proposal_approve",
    ),
    path(
        "gate-proposals/<int:pk>/reject",
        gate_proposals.RejectedGateProposal.as_view(),
        name="api_gate_proposal_reject",
    ),
    path(
        "gate-proposals/<int:pk>/withdraw",
        gate_proposals.WithdrawnGateProposal.as_view(),
        name="api_gate_proposal_withdraw",
    ),
]
