"""Of a deleted project no row is left in any table, and nothing of others goes with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Project
from tests.factories import make_key, make_project
from tests.traces.langfuse import basic
from tests.traces.media import PICTURE, announced, upload
from tests.traces.stored import fetch, open_store, rows, span
from traces import services, tasks
from traces.models import DataType, Media, ScoreDefinition

pytestmark = pytest.mark.django_db(transaction=True)


def tables_of_projects() -> list[str]:
    """Every table of traces that knows projects; partitions stand for themselves."""
    return [
        name
        for (name,) in fetch(
            "select c.table_name from information_schema.columns c "
            "join information_schema.tables t using (table_schema, table_name) "
            "where c.table_schema = 'public' and c.column_name = 'project_id' "
            "and t.table_type = 'BASE TABLE' and c.table_name !~ '^(accounts|audit|pricing)_'"
        )
    ]


def furnish(project: Project) -> None:
    """A row in every table that intake and feedback write."""
    with open_store() as store:
        store.write(rows(span("a", "t"), project_id=project.pk))
    ScoreDefinition.objects.create(project=project, name="polite", data_type=DataType.BOOLEAN)
    with connection.cursor() as cursor:
        for statement in (
            "insert into score (project_id, trace_id, id, name, data_type, source, num, at, "
            "created_at, updated_at) values (%s, 't', 'x', 'n', 'number', 'code', 1, now(), now(), "
            "now())",
            "insert into outcome (project_id, trace_id, id, name, at, created_at, updated_at) "
            "values (%s, 't', 'x', 'resolved', now(), now(), now())",
            "insert into log_event values (%s, 't', 'a', 'd', 1, '', now(), null)",
            "insert into uncounted values (%s, 't', 'a', 'why', null, null)",
            "insert into digest_queue values (%s, 't', now(), now())",
        ):
            cursor.execute(statement, [project.pk])
    services.note_intake(
        services.Notice("refused", 400, "POST", "/v1/traces", "why", project_id=project.pk)
    )
    upload(Client(), make_key(project), PICTURE)


def test_every_table_is_emptied_of_a_deleted_project() -> None:
    gone, kept = make_project("gone"), make_project("kept")
    furnish(gone)
    furnish(kept)
    written = [
        table
        for table in tables_of_projects()
        if fetch(f"select 1 from {table} where project_id = {gone.pk} limit 1")
    ]
    assert {"media", "media_use", "score", "log_event", "digest_queue"} <= set(written)
    Project.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
    tasks.remove_data_of_deleted_projects()
    for table in tables_of_projects():
        assert not fetch(f"select 1 from {table} where project_id = {gone.pk}"), table
    for table in written:
        assert fetch(f"select 1 from {table} where project_id = {kept.pk}"), table


def test_a_file_that_is_left_over_is_enough_to_look_again() -> None:
    gone = make_project("gone")
    upload(Client(), make_key(gone), PICTURE)
    Project.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
    tasks.remove_data_of_deleted_projects(gone.pk)
    assert not Media.objects.exists()


def test_expired_files_go_with_their_traces_and_those_of_datasets_stay(settings: object) -> None:
    project = make_project()
    key = make_key(project)
    with open_store() as store:
        store.write(rows(span("a", "here"), project_id=project.pk))
    client = Client()
    for content, place in (
        (b"of a gone trace", {"traceId": "gone"}),
        (b"of a trace", {"traceId": "here"}),
        (b"of an item", {"traceId": None, "observationId": None, "datasetItemId": "i"}),
        (b"of a trace to come", {"traceId": "to come"}),
    ):
        said = announced(content, **place)
        client.post("/api/public/media", said, content_type="application/json", headers=basic(key))
    settings.RETENTION_DAYS = 30  # type: ignore[attr-defined]
    old = datetime(2026, 11, 20, tzinfo=UTC) - timedelta(days=31)
    Media.objects.exclude(size=len(b"of a trace to come")).update(created_at=old)
    services.drop_expired_partitions(datetime(2026, 11, 20, tzinfo=UTC))
    left = set(Media.objects.values_list("size", flat=True))
    assert left == {len(b"of a trace"), len(b"of an item"), len(b"of a trace to come")}
