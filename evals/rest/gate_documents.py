"""Gates, proposals and runs as the REST API gives them."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.conf import settings as django_settings
from rest_framework import serializers

from evals.addresses import gate_path, gate_run_path
from evals.deciding.settings import Settings
from evals.models import Experiment, Gate, GateRun, Proposal
from evals.queries.gate_cases import Sight
from evals.queries.gates import Standing
from prompts.rest.documents import Document

NANO = Decimal(1_000_000_000)


class GateDocument(Document):
    """A gate: what it asks, what its target asks, and both together."""

    id = serializers.IntegerField()
    prompt = serializers.CharField()
    environment = serializers.CharField()
    revision = serializers.IntegerField()
    enabled = serializers.BooleanField()
    settings = serializers.DictField(help_text="As proposals say them.")
    target = serializers.DictField(allow_null=True, help_text="The feature's approved target.")
    asks = serializers.DictField(help_text="The stricter of both, in each respect.")
    asks_since = serializers.DateTimeField()
    sight = serializers.DictField(
        allow_null=True, help_text="The least difference it can see (`mde`), and on how many items."
    )
    run = serializers.DictField(allow_null=True, help_text="The newest run.")
    url = serializers.CharField()
    changed_at = serializers.DateTimeField()


class GatePageDocument(Document):
    """Gates by prompt and environment."""

    data_ = GateDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class GateProposalDocument(Document):
    """A change of a gate."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Proposal.State.choices)
    prompt = serializers.CharField()
    environment = serializers.CharField()
    gate = serializers.IntegerField(allow_null=True)
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField()
    weakens = serializers.ListField(
        child=serializers.CharField(), help_text="In which respects less is asked."
    )
    reason = serializers.CharField()
    author = serializers.CharField()
    created_at = serializers.DateTimeField()
    decided_by = serializers.CharField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()


class GateProposalPageDocument(Document):
    """Proposals, the newest first."""

    data_ = GateProposalDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class GateRunDocument(Document):
    """One answer of a gate."""

    id = serializers.IntegerField()
    gate = serializers.IntegerField()
    state = serializers.ChoiceField(choices=GateRun.State.choices)
    prompt = serializers.CharField()
    environment = serializers.CharField()
    version = serializers.IntegerField()
    baseline = serializers.IntegerField(allow_null=True, help_text="null: only the bar decides.")
    model = serializers.CharField(help_text="Of the version, where it is another; else empty.")
    trigger = serializers.ChoiceField(choices=GateRun.Trigger.choices)
    review = serializers.IntegerField(allow_null=True, help_text="The change request's number.")
    summary = serializers.CharField()
    error = serializers.CharField()
    progress = serializers.DictField(help_text="Answers and verdicts that are there, of how many.")
    verdict = serializers.DictField(
        help_text="Effect, interval, MDE, p, flipped items, guards, slices, rows; {} until then."
    )
    settings = serializers.DictField()
    target = serializers.IntegerField(allow_null=True)
    experiments = serializers.DictField(help_text="Numbers of the experiments.")
    url = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class GateRunPageDocument(Document):
    """Runs of a gate, the newest first."""

    data_ = GateRunDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


def settings_document(settings: Settings) -> dict[str, Any]:
    """Settings as bodies take them."""
    return _told(settings.told())


def _told(told: dict[str, Any] | None) -> dict[str, Any]:
    shown = {key: value for key, value in (told or {}).items() if key != "is_fresh"}
    cap = shown.pop("cost_cap_nano", None)
    shown["cost_cap_usd"] = None if cap is None else str(Decimal(cap) / NANO)
    if "is_enabled" in shown:
        shown["enabled"] = shown.pop("is_enabled")
    return shown


def gate_document(
    gate: Gate, standing: Standing, run: GateRun | None, sight: Sight | None
) -> dict[str, Any]:
    """The values of a `GateDocument`."""
    return {
        "id": gate.pk,
        "prompt": gate.prompt.name,
        "environment": gate.environment,
        "revision": gate.revision,
        "enabled": gate.is_enabled,
        "settings": settings_document(standing.own),
        "target": asdict(standing.asked) if standing.asked else None,
        "asks": settings_document(standing.settings),
        "asks_since": standing.since,
        "sight": asdict(sight) | {"is_enough": sight.is_enough} if sight else None,
        "run": _brief(run) if run else None,
        "url": f"{django_settings.PUBLIC_URL}{gate_path(gate.project, gate.pk)}",
        "changed_at": gate.changed_at,
    }


def _brief(run: GateRun) -> dict[str, Any]:
    return {
        "id": run.pk,
        "state": run.state,
        "version": run.candidate.number,
        "baseline": run.baseline.number if run.baseline else None,
        "summary": run.summary,
        "created_at": run.created_at,
    }


def proposal_document(proposal: Proposal) -> dict[str, Any]:
    """The values of a `GateProposalDocument`."""
    return {
        "id": proposal.pk,
        "state": proposal.state,
        "prompt": proposal.prompt.name if proposal.prompt else "",
        "environment": proposal.environment,
        "gate": proposal.gate_id,
        "before": _told(proposal.before) if proposal.before else None,
        "after": _told(proposal.after),
        "weakens": proposal.weakens,
        "reason": proposal.reason,
        "author": proposal.author_label,
        "created_at": proposal.created_at,
        "decided_by": proposal.decided_by.display_name if proposal.decided_by else None,
        "decided_at": proposal.decided_at,
        "note": proposal.note,
    }


def run_document(run: GateRun) -> dict[str, Any]:
    """The values of a `GateRunDocument`."""
    gate = run.gate
    both = {"candidate": run.candidate_experiment, "baseline": run.baseline_experiment}
    return {
        "id": run.pk,
        "gate": gate.pk,
        "state": run.state,
        "prompt": gate.prompt.name,
        "environment": gate.environment,
        "version": run.candidate.number,
        "baseline": run.baseline.number if run.baseline else None,
        "model": run.model,
        "trigger": run.trigger,
        "review": run.request.number if run.request else None,
        "summary": run.summary,
        "error": run.error,
        "progress": progress_of(run),
        "verdict": run.verdict,
        "settings": _told(run.settings),
        "target": run.target_number,
        "experiments": {name: one.number if one else None for name, one in both.items()},
        "url": f"{django_settings.PUBLIC_URL}{gate_run_path(gate.project, gate.pk, run.pk)}",
        "created_at": run.created_at,
        "finished_at": run.finished_at,
    }


def progress_of(run: GateRun) -> dict[str, int]:
    """How many answers and verdicts are there, of how many; zeros before it begins."""
    known: list[Experiment] = [
        one for one in (run.candidate_experiment, run.baseline_experiment) if one
    ]
    return {
        "answers": sum(one.done + one.failed for one in known),
        "of_answers": sum(one.total for one in known),
        "verdicts": sum(one.judged for one in known),
        "of_verdicts": sum(one.to_judge for one in known),
    }
