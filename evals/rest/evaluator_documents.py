"""Evaluators, their versions, proposals and verdicts as the REST API gives them."""

from __future__ import annotations

from math import isfinite
from typing import Any

from rest_framework import serializers

from evals.evaluating.kinds import checks_of
from evals.evaluating.settings import Terms
from evals.evaluating.subject import Verdict
from evals.evaluating.templates import TEMPLATES
from evals.models import Evaluator, EvaluatorKind, EvaluatorVersion, Proposal
from evals.queries.agents import AgentFigures
from prompts.rest.documents import Document
from traces.models import BarDirection, DataType


class EvaluatorVersionDocument(Document):
    """How an evaluator scores from then on."""

    evaluator = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=EvaluatorVersion.State.choices)
    in_use = serializers.BooleanField()
    config = serializers.JSONField()
    data_type = serializers.ChoiceField(choices=DataType.choices)
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    categories = serializers.ListField(child=serializers.CharField())
    values = serializers.ListField(child=serializers.FloatField())
    bar = serializers.FloatField(allow_null=True)
    bar_direction = serializers.ChoiceField(choices=BarDirection.choices)
    provider = serializers.CharField()
    model = serializers.CharField()
    parameters = serializers.JSONField()
    message = serializers.CharField()
    content_hash = serializers.CharField()
    author = serializers.CharField()
    created_at = serializers.DateTimeField()
    approved_by = serializers.CharField(allow_null=True, help_text="E-mail address.")
    approved_at = serializers.DateTimeField(allow_null=True)


class EvaluatorVersionPageDocument(Document):
    """A page of versions, the newest first."""

    data_ = EvaluatorVersionDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class EvaluatorDocument(Document):
    """An evaluator; its name is that of its scores."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=EvaluatorKind.choices)
    description = serializers.CharField()
    template = serializers.CharField()
    owner = serializers.CharField(allow_null=True, help_text="E-mail address.")
    last_version = serializers.IntegerField()
    current = EvaluatorVersionDocument(allow_null=True)
    created_at = serializers.DateTimeField()
    archived_at = serializers.DateTimeField(allow_null=True)
    secret = serializers.CharField(
        required=False, help_text="Of a remote evaluator, once: when it is made."
    )


class EvaluatorPageDocument(Document):
    """A page of evaluators."""

    data_ = EvaluatorDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class ProposalDocument(Document):
    """A version that somebody wants to be used."""

    id = serializers.IntegerField()
    evaluator = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Proposal.State.choices)
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField()
    weakens = serializers.ListField(
        child=serializers.CharField(), help_text="In which respects less, or other, is asked."
    )
    reason = serializers.CharField()
    author = serializers.CharField()
    created_at = serializers.DateTimeField()
    decided_by = serializers.CharField(allow_null=True, help_text="E-mail address.")
    decided_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()


class ProposalPageDocument(Document):
    """Proposals, the newest first."""

    data_ = ProposalDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class VerdictDocument(Document):
    """What an evaluator says of one answer; without error and number it is undefined."""

    num = serializers.FloatField(allow_null=True)
    label_ = serializers.CharField(allow_null=True)
    passed = serializers.BooleanField(allow_null=True)
    reason = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField())
    details = serializers.JSONField(allow_null=True)
    error = serializers.CharField()
    cost_nano = serializers.IntegerField(allow_null=True, help_text="null: unpriced.")
    calls = serializers.IntegerField(help_text="Of models.")
    trace_id = serializers.CharField(allow_null=True, help_text="Of the judge's own call.")
    span_id = serializers.CharField(allow_null=True)
    version = serializers.IntegerField()


class KindsDocument(Document):
    """Every kind of evaluator with its checks and settings, and the templates of judges."""

    kinds = serializers.ListField(child=serializers.DictField())
    templates = serializers.ListField(child=serializers.DictField())


class AgentDocument(Document):
    """Runs of an experiment as an agent's; nano-dollars, of failed runs too."""

    evaluator = serializers.CharField(help_text="Tells whether a run is resolved.")
    runs = serializers.IntegerField()
    resolved = serializers.IntegerField()
    silent = serializers.IntegerField(help_text="Runs that do not say.")
    resolution_rate = serializers.FloatField(allow_null=True)
    total_nano = serializers.IntegerField(allow_null=True)
    unpriced = serializers.IntegerField()
    cost_per_resolution_nano = serializers.IntegerField(
        allow_null=True, help_text="All cost by resolved runs; null: nothing was resolved."
    )
    low_nano = serializers.FloatField(
        allow_null=True, help_text="Of its 95 % interval (bootstrap)."
    )
    high_nano = serializers.FloatField(allow_null=True, help_text="null: beyond any bound.")


class SecretDocument(Document):
    """The secret by which requests are signed, shown once."""

    secret = serializers.CharField()


def evaluator_document(evaluator: Evaluator) -> dict[str, Any]:
    """An evaluator with the version in use."""
    current = evaluator.current
    return {
        "name": evaluator.name,
        "kind": evaluator.kind,
        "description": evaluator.description,
        "template": evaluator.template,
        "owner": evaluator.owner.email if evaluator.owner else None,
        "last_version": evaluator.last_number,
        "current": version_document(current, evaluator) if current else None,
        "created_at": evaluator.created_at,
        "archived_at": evaluator.archived_at,
    }


def version_document(version: EvaluatorVersion, evaluator: Evaluator) -> dict[str, Any]:
    """A version; its secret is told to nobody."""
    return {
        "evaluator": evaluator.name,
        "version": version.number,
        "state": version.state,
        "in_use": evaluator.current_id == version.pk,
        **{name: getattr(version, name) for name in Terms.__dataclass_fields__},
        "message": version.message,
        "content_hash": version.content_hash,
        "author": version.author_label,
        "created_at": version.created_at,
        "approved_by": version.approved_by.email if version.approved_by else None,
        "approved_at": version.approved_at,
    }


def proposal_document(proposal: Proposal, evaluator: Evaluator) -> dict[str, Any]:
    """A proposal of an evaluator's version."""
    return {
        "id": proposal.pk,
        "evaluator": evaluator.name,
        "version": proposal.version.number if proposal.version else 0,
        "state": proposal.state,
        "before": proposal.before,
        "after": proposal.after,
        "weakens": proposal.weakens,
        "reason": proposal.reason,
        "author": proposal.author_label,
        "created_at": proposal.created_at,
        "decided_by": proposal.decided_by.email if proposal.decided_by else None,
        "decided_at": proposal.decided_at,
        "note": proposal.note,
    }


def verdict_document(verdict: Verdict, version: EvaluatorVersion) -> dict[str, Any]:
    """A verdict."""
    return {
        "num": verdict.num,
        "label": verdict.label,
        "passed": verdict.passed,
        "reason": verdict.reason,
        "evidence": list(verdict.evidence),
        "details": verdict.details,
        "error": verdict.error,
        "cost_nano": verdict.cost_nano,
        "calls": verdict.calls,
        "trace_id": verdict.trace_id or None,
        "span_id": verdict.span_id or None,
        "version": version.number,
    }


def agent_document(figures: AgentFigures) -> dict[str, Any]:
    """What an experiment's agent cost for each resolved task."""
    interval = figures.per_resolution
    return {
        "evaluator": figures.says,
        "runs": figures.runs,
        "resolved": figures.resolved,
        "silent": figures.silent,
        "resolution_rate": figures.rate,
        "total_nano": figures.total_nano,
        "unpriced": figures.unpriced,
        "cost_per_resolution_nano": figures.per_resolution_nano,
        "low_nano": None if interval is None or not isfinite(interval.low) else interval.low,
        "high_nano": None if interval is None or not isfinite(interval.high) else interval.high,
    }


def kinds_document() -> dict[str, Any]:
    """All kinds with their checks, and the templates with their validation records."""
    return {
        "kinds": [
            {
                "kind": kind.value,
                "label": kind.label,
                "checks": [
                    {
                        "check": check.name,
                        "label": check.label,
                        "says": check.says,
                        "data_types": list(check.types),
                        "settings": [
                            {
                                "name": one.name,
                                "label": one.label,
                                "takes": one.takes,
                                "default": one.default,
                                "choices": [name for name, _ in one.choices],
                                "required": one.is_required,
                                "help": one.help,
                            }
                            for one in check.settings
                        ],
                    }
                    for check in checks_of(kind.value).values()
                ],
            }
            for kind in EvaluatorKind
        ],
        "templates": [
            {
                "template": one.name,
                "label": one.label,
                "says": one.says,
                "version": one.version,
                "rubric": one.rubric,
                "categories": list(one.categories),
                "meanings": dict(one.meanings),
                "values": list(one.values),
                "bar": one.bar,
                "needs": list(one.needs),
                "examples": len(one.examples),
                "record": one.record,
            }
            for one in TEMPLATES.values()
        ],
    }
