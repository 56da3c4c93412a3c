"""Deleted traces leave no row and no figure, and nobody but an admin has that done."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Membership, Organization, Project, Role, User
from audit.models import AuditEntry
from tests.factories import make_user
from tests.traces.bulk.working import ask, furnish, run, settle, wrong_figures
from tests.traces.seeing import call, store
from tests.traces.stored import connect, fetch
from traces.feedback.given import GivenScore
from traces.models import BulkJob, Trace
from traces.rollups.scores import count_noted
from traces.services.annotations import add_note, add_tags
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db(transaction=True)

DELETE = BulkJob.Kind.DELETE


def figures(project: Project) -> list[tuple[object, ...]]:
    """All sums of the project over every hour, day and user."""
    return [
        fetch(
            "select coalesce(sum(spans), 0), coalesce(sum(cost_nano), 0), coalesce(sum(errors), 0) "
            f"from usage_hour where project_id = {project.pk}"
        )[0],
        fetch(
            "select coalesce(sum(traces), 0), coalesce(sum(duration_us), 0) from trace_hour "
            f"where project_id = {project.pk}"
        )[0],
        fetch(
            "select coalesce(sum(traces), 0), coalesce(sum(cost_nano), 0) from user_day "
            f"where project_id = {project.pk}"
        )[0],
    ]


def test_all_that_match_go_with_every_row_and_figure(project: Project, alice: User) -> None:
    names = furnish(project, 6)
    record_scores(project.pk, [GivenScore(name="good", value=1, id="s", trace_id=names[0])])
    add_tags(project, names[0], ["mine"], actor=alice)
    add_note(project, names[1], "why", actor=alice)
    job = run(ask(project, DELETE, alice, q="user:u0"))
    assert (job.state, job.total, job.done, job.changed) == ("done", 3, 3, 3)
    assert sorted(Trace.objects.values_list("trace_id", flat=True)) == ["t001", "t003", "t005"]
    with connect() as link:
        count_noted(link)  # what the deletion noted is taken back from the live scores
    for (table,) in fetch(
        "select c.table_name from information_schema.columns c "
        "join information_schema.tables t using (table_schema, table_name) "
        "where c.table_schema = 'public' and c.column_name = 'trace_id' "
        "and t.table_type = 'BASE TABLE'"
    ):
        assert not fetch(f"select 1 from {table} where trace_id in ('t000', 't002', 't004')"), table
    settle()
    assert wrong_figures() == (0, 0)
    spans, traces, users = figures(project)
    assert spans == (6, 2_000_000 + 4_000_000 + 6_000_000, 3)
    assert traces[0] == 3
    assert users == (3, 12_000_000)
    entry = AuditEntry.objects.get(action="traces.delete_done")
    assert (entry.actor_label, entry.details["changed"]) == (alice.email, 3)


def test_when_all_are_gone_nothing_is_left_to_count(project: Project, alice: User) -> None:
    names = furnish(project, 4)
    run(ask(project, DELETE, alice, ids=[*names, "unknown"]))
    assert wrong_figures() == (0, 0)
    assert figures(project) == [(0, 0, 0), (0, 0), (0, 0)]


def test_what_starts_after_the_question_stays(project: Project, alice: User) -> None:
    furnish(project, 2)
    job = ask(project, DELETE, alice)
    store(project, call("late", "root", ago=-2))
    run(job)
    assert list(Trace.objects.values_list("trace_id", flat=True)) == ["late"]


def test_spans_that_come_later_are_a_trace_anew(project: Project, alice: User) -> None:
    (name,) = furnish(project, 1)
    run(ask(project, DELETE, alice, ids=[name]))
    store(project, call(name, "late", ago=5, cost=0.5))
    settle()
    assert Trace.objects.get().cost_nano == 500_000_000
    assert wrong_figures() == (0, 0)


def test_an_unsettled_trace_is_taken_back_as_well(project: Project, alice: User) -> None:
    store(project, call("fresh", "root", cost=0.25, user_id="u"))
    run(ask(project, DELETE, alice, ids=["fresh"]))
    settle()
    assert wrong_figures() == (0, 0)
    assert figures(project) == [(0, 0, 0), (0, 0), (0, 0)]


def test_traces_of_others_stay(project: Project, charlie: User, alice: User) -> None:
    elsewhere = Project.objects.get(slug="elsewhere")
    furnish(project, 2)
    store(elsewhere, call("t000", "root", cost=0.5))
    run(ask(project, DELETE, alice))
    assert Trace.objects.get().project_id == elsewhere.pk


def test_who_is_no_admin_any_more_deletes_nothing(
    project: Project, organization: Organization
) -> None:
    furnish(project, 2)
    dora = make_user("dora@example.com", organization=organization, role=Role.ADMIN)
    job = ask(project, DELETE, dora)
    Membership.objects.filter(user=dora).update(role=Role.REVIEWER)
    run(job)
    assert job.state == "failed"
    assert "no longer admin" in job.error
    assert Trace.objects.count() == 2


def test_a_cancelled_job_does_no_more(project: Project, alice: User) -> None:
    from traces.services.jobs import cancel_job
    from traces.tasks import run_jobs

    furnish(project, 2)
    job = ask(project, DELETE, alice)
    cancel_job(job, actor=alice)
    run_jobs(job.pk)
    job.refresh_from_db()
    assert (job.state, Trace.objects.count()) == ("cancelled", 2)
    assert job.finished_at is not None
    assert job.finished_at <= timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where classid = 6975330")
        assert cursor.fetchone()[0] == 0
