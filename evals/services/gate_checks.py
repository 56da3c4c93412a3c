"""The gate's answer stands as a check on the change request, where anything but a pass blocks."""

from __future__ import annotations

from django.conf import settings

from evals.addresses import gate_run_path
from evals.models import GateRun
from evals.queries.gates import CHECK, standing_of
from prompts.models import Check
from prompts.services.checking import Report, report_check

_STATES = {
    GateRun.State.RUNNING: Check.State.PENDING,
    GateRun.State.PASS: Check.State.PASS,
    GateRun.State.FAIL: Check.State.FAIL,
    GateRun.State.INCONCLUSIVE: Check.State.INCONCLUSIVE,
    GateRun.State.ERROR: Check.State.ERROR,
}


def post(run: GateRun) -> None:
    """Report the run's state on its change request, in the caller's transaction.

    A run of what the gate asked before says nothing: the one that asks what it asks now does.
    """
    request = run.request
    state = _STATES.get(GateRun.State(run.state))
    if request is None or state is None or request.status in request.ENDED:
        return
    standing = standing_of(run.gate)
    if (run.revision, run.target_number) != (run.gate.revision, standing.target_number):
        return
    report = Report(
        name=CHECK,
        state=state,
        number=run.candidate.number,
        summary=_summary(run),
        url=f"{settings.PUBLIC_URL}{gate_run_path(run.gate.project, run.gate_id, run.pk)}",
        rows=[_short(row) for row in run.verdict.get("rows", [])],
        is_of_keeper=True,
    )
    report_check(request, report, actor=None)


def _short(row: dict[str, str]) -> dict[str, str]:
    """A row that fits beside a review: intervals and margins stand on the run's page."""
    change, bar = row["change"].partition(" (")[0], row["bar"].partition(", ")[0]
    return row | {"change": "" if change.startswith("(") else change, "bar": bar}


def _summary(run: GateRun) -> str:
    """The sentence of the verdict, then over what it was reckoned."""
    asked = run.settings
    times = "" if asked.get("repeats", 1) == 1 else f", {asked['repeats']} repeats"
    over = f"{asked.get('dataset')}@{asked.get('dataset_version')}{times}."
    if run.state == GateRun.State.RUNNING:
        return f"Asking over {over}"
    said = [run.summary, *run.verdict.get("warnings", ()), over, *run.verdict.get("judges", ())]
    return " ".join(said)[:500]
