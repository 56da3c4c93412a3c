"""Limits and sampling are set by admins, on the page and over REST, and figures say what went."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, Scope
from audit.models import AuditEntry
from tests.factories import make_key
from tests.traces.seeing import span, store
from traces.models import ProjectLimits, SampledTrace
from traces.queries.limits import Limits, limits_of
from traces.services import Notice, note_intake
from traces.services.limits import set_limits

pytestmark = pytest.mark.django_db
FACETS = "/p/support/traces/?piece=facets"
HTMX = {"HX-Request": "true"}
PAGE = "/p/support/settings/limits/"
SENT = {
    "spans_per_second": "500", "burst_spans": "", "spans_per_day": "1000000",
    "keep_percent": "12.5", "slow_seconds": "2.5", "keep_features": "refunds\n\nbilling",
    "keep_tags": "", "wait_minutes": "30",
}  # fmt: skip
SET = Limits(500, None, 1_000_000, Decimal("12.5"), 2500, ("refunds", "billing"), (), 30)


@pytest.fixture
def plain() -> Client:
    """Not signed in; it has the keys it is given."""
    return Client()


def sampled(project: Project, traces: int = 1234) -> None:
    """As if so many traces had gone within this hour."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into trace_hour (project_id, hour, environment, feature, name, release, "
            "sampled, traces, errors, recovered, duration_us, lat_b, lat_n) values "
            "(%s, %s, '', '', 'n', '', true, %s, 0, 0, 0, '{}', '{}')",
            [project.pk, hour, traces],
        )
        cursor.execute(
            "insert into usage_hour (project_id, hour, environment, feature, model, provider, "
            "prompt_name, prompt_version, kind, sampled, spans, errors, calls, unpriced, "
            "in_uncached, in_cached, in_cache_write, in_audio, out_text, out_reasoning, out_audio, "
            "cost_nano, duration_us, lat_b, lat_n) values (%s, %s, '', '', 'm', '', '', '', 2, "
            "true, 5678, 0, 9, 0, 10, 0, 0, 0, 5, 0, 0, 2500000000, 0, '{}', '{}')",
            [project.pk, hour],
        )


class TestPage:
    def test_an_admin_sets_them_and_it_is_audited(
        self, project: Project, owner_client: Client
    ) -> None:
        assertContains(owner_client.get(PAGE), "Limits and sampling")
        assert owner_client.post(PAGE, SENT).status_code == 303
        assert limits_of(project.pk) == SET
        page = owner_client.get(PAGE)
        assertContains(page, 'value="12.5"')
        assertContains(page, 'value="2.5"')
        assertContains(page, "refunds\nbilling")
        assertContains(page, "quota of 1,000,000")
        entry = AuditEntry.objects.get(action="limits.changed")
        assert entry.actor_label == "alice@example.com"
        assert entry.details["before"]["spans_per_second"] is None
        assert entry.details["after"]["keep_features"] == ["refunds", "billing"]
        owner_client.post(PAGE, SENT)
        assert AuditEntry.objects.filter(action="limits.changed").count() == 1

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("keep_percent", "101"), ("keep_percent", ""), ("keep_percent", "1.234"),
            ("spans_per_second", "0"), ("spans_per_day", "many"), ("slow_seconds", "-1"),
            ("wait_minutes", "9999"), ("keep_tags", "x" * 201), ("keep_features", "a\n" * 101),
        ],
    )  # fmt: skip
    def test_what_cannot_stand_is_422_at_its_field(
        self, project: Project, owner_client: Client, field: str, value: str
    ) -> None:
        response = owner_client.post(PAGE, {**SENT, field: value})
        assertContains(response, f'href="#id_{field}"', status_code=422)
        assert not ProjectLimits.objects.exists()

    def test_a_viewer_reads_and_may_not_write(
        self, project: Project, member_client: Client
    ) -> None:
        set_limits(project, SET, actor=None)
        page = member_client.get(PAGE)
        assertContains(page, "12.5 % of all traces")
        assertNotContains(page, "<form class")
        assert member_client.post(PAGE, SENT).status_code in {403, 404}

    def test_strangers_find_nothing(self, project: Project, stranger_client: Client) -> None:
        assert stranger_client.get(PAGE).status_code == 404
        assert stranger_client.post(PAGE, SENT).status_code == 404


class TestRest:
    def test_it_is_read_and_changed(self, project: Project, plain: Client) -> None:
        admin = make_key(project, scopes=[Scope.READ, Scope.ADMIN])
        sampled(project)
        body: dict[str, Any] = {"spans_per_second": 50, "keep_percent": "10", "keep_tags": ["vip"]}
        changed = plain.patch(
            "/api/v1/limits", body, content_type="application/json", headers=admin.headers
        )
        assert changed.status_code == 200, changed.content
        said = plain.get("/api/v1/limits", headers=admin.headers).json()
        assert (said["spans_per_second"], said["keep_percent"], said["keep_tags"]) == (
            50, "10.00", ["vip"]
        )  # fmt: skip
        assert said["spans_per_second_in_force"] == 50
        assert said["sampled_away"]["traces"] == 1234
        assert said["sampled_away"]["cost_usd"] == "2.5"
        entry = AuditEntry.objects.get(action="limits.changed")
        assert entry.actor_kind == "key"

    def test_bad_input_and_bad_keys(self, project: Project, plain: Client) -> None:
        admin = make_key(project, scopes=[Scope.READ, Scope.ADMIN])
        reader = make_key(project, scopes=[Scope.READ])
        for body, field in (({"keep_percent": 200}, "keep_percent"), ({"rate": 1}, "rate")):
            answer = plain.patch(
                "/api/v1/limits", body, content_type="application/json", headers=admin.headers
            )
            assert answer.status_code == 400
            assert field in answer.content.decode()
        answer = plain.patch(
            "/api/v1/limits", {}, content_type="application/json", headers=reader.headers
        )
        assert answer.status_code == 403


class TestFigures:
    def test_lists_pages_and_rest_say_what_was_sampled_away(
        self, project: Project, member_client: Client, plain: Client
    ) -> None:
        store(project, span("kept"))
        nothing = member_client.get(FACETS, headers=HTMX)
        assertNotContains(nothing, "sampled away")
        sampled(project)
        page = member_client.get(FACETS, headers=HTMX)
        assertContains(page, '<b class="num">1,234</b> sampled away')
        intake = member_client.get("/p/support/settings/intake/")
        assertContains(intake, "traces, 5,678 spans")
        assertContains(intake, "$2.50")
        said = plain.get("/api/v1/traces", headers=make_key(project).headers).json()
        assert said["sampled_away"] == {
            "since": None, "traces": 1234, "spans": 5678, "cost_usd": "2.5"
        }  # fmt: skip
        tomorrow = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        later = plain.get(f"/api/v1/traces?since={tomorrow}", headers=make_key(project).headers)
        assert later.json()["sampled_away"]["traces"] == 0

    def test_a_trace_that_went_says_so(
        self, project: Project, member_client: Client, plain: Client
    ) -> None:
        SampledTrace.objects.create(project_id=project.pk, trace_id="gone", at=timezone.now())
        page = member_client.get("/p/support/traces/gone/")
        assertContains(page, "This trace was sampled away", status_code=404)
        answer = plain.get("/api/v1/traces/gone", headers=make_key(project).headers)
        assert (answer.status_code, "was sampled away" in answer.json()["detail"]) == (404, True)

    def test_a_refusal_for_the_rate_is_shown(self, project: Project, member_client: Client) -> None:
        set_limits(project, SET, actor=None)
        notice = Notice("limited", 503, "POST", "/v1/traces", "over", project_id=project.pk)
        note_intake(notice, 7)
        page = member_client.get("/p/support/settings/intake/")
        assertContains(page, "requests of the last hour")
        assertContains(page, "<b>limit</b>")
