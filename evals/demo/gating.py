"""The demo's gate: agreed on by two people, asked about the version that is on its way."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from evals.deciding.settings import Chosen, GuardSetting, Settings
from evals.demo.judges import CALM, FAITHFULNESS, HELPFULNESS, in_use
from evals.models import Dataset, Experiment, Gate, GateRun, Proposal
from evals.services.gate_answers import advance
from evals.services.gate_proposals import approve_gate, propose_gate
from evals.services.gate_runs import start_run
from prompts.demo import Story
from prompts.models import ChangeRequest, Check, Prompt

_AGREED, _ASKED = 7.9, 6.15  # days ago
_ROLES = ((FAITHFULNESS, "primary"), (HELPFULNESS, "guard"), (CALM, "advisory"))


def agree_on_gate(story: Story, dataset: Dataset, repeats: int) -> Gate:
    """Propose and approve it, as two people did."""
    people = story.people
    prompt = Prompt.objects.select_related("project__organization").get(
        project=story.project, name="refund-agent"
    )
    settings = Settings(
        dataset=dataset.name,
        dataset_version=dataset.last_number,
        evaluators=tuple(
            Chosen(name, in_use(story, name).number, role=role)  # type: ignore[arg-type]
            for name, role in _ROLES
        ),
        guards=(GuardSetting("cost", 0.1), GuardSetting("p95_latency", 0.2)),
        feature="refund-agent",
        bar=0.75,
        repeats=repeats,
        cost_cap_nano=20 * 10**9,
    )
    proposal = propose_gate(
        prompt,
        "production",
        settings,
        actor=people["priya"],
        reason="Two refunds were promised and not made; nothing stopped the version that did it.",
    )
    gate = approve_gate(proposal, actor=people["lena"], note="Three repeats, so that flips show.")
    at = story.at(_AGREED)
    Gate.objects.filter(pk=gate.pk).update(created_at=at, changed_at=at)
    Proposal.objects.filter(pk=proposal.pk).update(
        created_at=at - timedelta(hours=5), decided_at=at
    )
    gate.refresh_from_db()
    return gate


def ask_gate(story: Story, gate: Gate, experiments: list[Experiment]) -> GateRun:
    """Ask about the version that rolls out; both experiments are there already.

    While the gate looks for them they are new: later in the day they are older than what it takes.
    """
    told = {"gate": {"id": gate.pk, "provider": "", "model": ""}}
    both = Experiment.objects.filter(pk__in=[one.pk for one in experiments])
    both.update(metadata=told, created_at=timezone.now())
    request = ChangeRequest.objects.select_related("version", "from_version").get(
        prompt_id=gate.prompt_id, status__in=ChangeRequest.STANDING
    )
    run = start_run(
        gate,
        request.version,
        trigger=GateRun.Trigger.PROPOSED,
        actor=None,
        baseline=request.from_version,
        request=request,
    )
    advance(run.pk)  # finds both experiments
    advance(run.pk)  # reckons
    for one in experiments:
        Experiment.objects.filter(pk=one.pk).update(created_at=one.created_at)
    at = story.at(_ASKED)
    GateRun.objects.filter(pk=run.pk).update(
        created_at=at, finished_at=at + timedelta(minutes=4), due_at=at
    )
    Check.objects.filter(request=request, name="evals / gate").update(at=at)
    run.refresh_from_db()
    return run
