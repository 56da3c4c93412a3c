"""The demo's leak, spike and level shift are found and named; its ceilings are about to break."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Project
from audit.models import AuditEntry
from bench import demo_costs
from costs.demo import tell
from costs.models import Anomaly, Budget, Invoice, PlannedEvent, SavingsReading
from costs.queries.invoices import comparison_of
from prompts.demo import Story
from traces.demo.calendar import INCIDENT
from traces.demo.catalog import SONNET


@pytest.mark.slow
@pytest.mark.django_db
def test_what_the_story_holds_is_found_named_and_foreseen(project: Project) -> None:
    told = demo_costs.tell(project.pk, 7)
    story = Story(project, demo_costs.LAST, 7)
    now = told.now - timedelta(hours=5)
    assert tell(story, now)

    found = list(Anomaly.objects.filter(project=project))
    assert demo_costs.misses(found) == []
    assert len(found) <= 9
    [accepted] = [one for one in found if one.state == Anomaly.State.NORMAL]
    assert accepted.feature == "ticket-triage"
    assert PlannedEvent.objects.get().note == "Black week"

    whole = Budget.objects.get(project=project, scope="project")
    assert whole.breaks_on is not None
    assert whole.since(now).date() < whole.breaks_on <= demo_costs.LAST
    assert Budget.objects.filter(project=project).count() == 3
    assert not tell(story, now)
    read = SavingsReading.objects.get(project=project)
    assert read.month is not None  # advised
    assert read.read_until >= now.date() - timedelta(days=1)

    openai, anthropic = Invoice.objects.filter(project=project).order_by("-provider")
    assert max(openai.last_day, anthropic.last_day) < openai.created_at.date() < now.date()
    agreed, _ = comparison_of(openai)
    assert {cell.difference for cell in agreed.cells} == {0}
    billed, _ = comparison_of(anthropic)
    off = [cell for cell in billed.cells if cell.difference]
    assert [(cell.model, cell.day) for cell in off] == [
        (SONNET.answered, story.at(INCIDENT).date())
    ]
    assert off[0].remainder == off[0].difference
    assert billed.total.billed
    assert 0 < (billed.total.difference or 0) < billed.total.billed / 100
    entries = AuditEntry.objects.filter(action="invoice.imported")
    assert {one.actor_label for one in entries} == {"samuel@northwind.example"}

    off = demo_costs.days_off(told)
    assert off is not None
    assert off <= 2
