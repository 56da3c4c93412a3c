"""An experiment runs: every item is asked, answered, scored, and stands as a trace."""

from __future__ import annotations

import pytest

from accounts.models import Project
from audit.models import AuditEntry
from evals.models import Experiment, Judgement, Result
from tests.evals.planned import contains
from tests.evals.running import run, started, upstream
from tests.provider import Provider
from traces.models import Score, Span

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_all_items_are_asked_scored_and_traced(project: Project, upstream: Provider) -> None:
    experiment = started(project, upstream, repeats=2, evaluators=[contains(project)])
    run()
    experiment.refresh_from_db()
    assert experiment.error == ""
    assert experiment.state == Experiment.State.DONE
    assert (experiment.done, experiment.failed, experiment.judged) == (12, 0, 12)
    assert len(upstream.answers) == 12
    asked = {one.body["messages"][0]["content"] for one in upstream.requests if one.body}
    assert asked == {f"Where is order {place}?" for place in range(6)}
    rows = list(experiment.results.all())
    assert {row.state for row in rows} == {Result.State.DONE}
    assert {row.output for row in rows} == {"It is on its way."}
    assert {row.is_refusal for row in rows} == {False}
    assert {(row.input_tokens, row.output_tokens) for row in rows} == {(120, 30)}
    assert experiment.spent_nano == sum(row.cost_nano or 0 for row in rows) > 0
    judged = Judgement.objects.filter(experiment=experiment)
    assert {(one.num, one.passed, one.state) for one in judged} == {(1.0, True, "done")}

    spans = Span.objects.filter(project_id=project.pk)
    assert {span.trace_id for span in spans} == {row.trace_id for row in rows}
    assert {span.environment for span in spans} == {"platform"}
    scores = Score.objects.filter(project_id=project.pk)
    assert {(one.trace_id, one.num, one.run_id) for one in scores} == {
        (row.trace_id, 1.0, experiment.external_id) for row in rows
    }
    assert AuditEntry.objects.filter(action="experiment.done").count() == 1
