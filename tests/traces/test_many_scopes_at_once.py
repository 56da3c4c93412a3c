"""Many scopes over many windows in few statements: the figures of the list, and of each alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Project
from tests.traces.query.stage import Told, tell
from traces.models import Score, Span, Trace
from traces.queries.windows import window_sums
from traces.query import Scope, compile, parse
from traces.query.on_trace import PRICED, STATUSES
from traces.rollups.histogram import bucket_of
from traces.values.measures import Ask, Bar, Measure, Sums, Window

pytestmark = pytest.mark.django_db
SCOPES = (
    "", "feature:refunds", "-feature:refunds", "env:sdk-experiment", "feature:search env:staging",
    "status:error", "model:gpt-4o", "tag:beta -tag:vip", "provider:openai", "prompt:refund/3",
    "span(kind:tool status:error)", "-span(provider:openai status:ok)", "kind:tool OR user:u1",
    "latency>2s", "cost>=$0.02", "score.helpful<0.6", "span(score.helpful>0)", "outcome:escalated",
    "feedback:down", "name:refund-* release:2.0", 'feature:"100%"',
    'name:"\\"trace\\".\\"secret\\" 100%s"',
    "ttft:1s..3s", "has:error", "user:(u1, u2) session:s1", "tokens>100", 'span(name:"call %")',
)  # fmt: skip
TRACES, CALLS = Measure("traces", is_timed=True), Measure("calls", is_timed=True)
LIGHT = Measure("traces", is_light=True)


@pytest.fixture
def told(project: Project) -> list[Told]:
    return tell(project, 60)


def windows(now: datetime) -> tuple[Window, ...]:
    """Of different lengths that end together, and others before."""
    found = [(now - timedelta(minutes=m), now) for m in (7, 60, 301)]
    return (*found, (now - timedelta(minutes=200), now - timedelta(minutes=100)))


def count_by_hour(project: Project) -> None:
    for trace in Trace.objects.filter(project_id=project.pk):
        is_failed = bool(trace.error_count and not trace.root_ok)
        named = (trace.environment, trace.feature, trace.name, trace.release)
        with connection.cursor() as cursor:  # the table has no key
            cursor.execute(
                "insert into trace_hour (project_id, hour, environment, feature, name, release,"
                " traces, errors, recovered, duration_us, lat_b, lat_n)"
                " values (%s, date_trunc('hour', %s), %s, %s, %s, %s, 1, %s, 0, 0, %s, '{1}')",
                [project.pk, trace.start_time, *(one or "" for one in named), int(is_failed),
                 [bucket_of(trace.duration_us)]],
            )  # fmt: skip


def rows(project: Project, text: str, window: Window) -> list[Trace]:
    scope = Scope(project_id=project.pk, since=window[0], until=window[1])
    return list(compile(parse(text), scope).rows)


def by_hand(project: Project, text: str, window: Window) -> Sums:
    found = rows(project, text, window)
    pks = [one.trace_id for one in found]
    of = Trace.objects.filter(project_id=project.pk, trace_id__in=pks)
    priced = list(of.filter(PRICED))
    metered = [one for one in found if one.metered_count]
    latencies: dict[int, int] = {}
    for one in found:
        if one.open_count < one.span_count:
            bucket = bucket_of(one.duration_us)
            latencies[bucket] = latencies.get(bucket, 0) + 1
    return Sums(
        count=len(found),
        failed=of.filter(STATUSES["error"]).count(),
        cost_nano=sum(one.cost_nano for one in priced),
        priced=len(priced),
        tokens=sum(one.tokens_in + one.tokens_out for one in metered),
        metered=len(metered),
        calls=sum(one.call_count for one in found),
        unpriced=sum(one.unpriced_count for one in found),
        latencies=latencies,
    )


def test_they_are_what_the_list_holds(project: Project, told: list[Told]) -> None:
    asked = windows(timezone.now())
    asks = [Ask(parse(text), TRACES, asked) for text in SCOPES]
    found = window_sums(project.pk, asks)
    for text, sums in zip(SCOPES, found, strict=True):
        assert sums == [by_hand(project, text, one) for one in asked], text
    assert found[0][2].count > 20


def test_together_they_are_what_they_are_alone(project: Project, told: list[Told]) -> None:
    now = timezone.now()
    measures = (
        TRACES, CALLS, LIGHT, Measure("score", one=Bar("helpful", 0.5)),
        Measure("score", one=Bar("", 0.5, True)),
        Measure("pair", one=Bar("helpful", 0.4), other=Bar("helpful", 0.6)),
    )  # fmt: skip
    asks = [
        Ask(parse(text), measure, windows(now - timedelta(minutes=place)))
        for place, text in enumerate(SCOPES)
        for measure in measures
    ]
    with CaptureQueriesContext(
        connection,
    ) as together:
        found = window_sums(project.pk, asks)
    assert len([q for q in together if "with t as" in q["sql"]]) <= 10
    for ask, sums in zip(asks, found, strict=True):
        assert window_sums(project.pk, [ask]) == [sums], ask


def test_a_trace_counts_once_by_the_mean_of_its_scores(project: Project, told: list[Told]) -> None:
    window = windows(timezone.now())[2]
    means: dict[str, list[float]] = {}
    for score in Score.objects.filter(project_id=project.pk, name="helpful", num__isnull=False):
        means.setdefault(score.trace_id, []).append(score.num or 0.0)
    mine = {one.trace_id for one in rows(project, "feature:refunds", window)}
    exact = [
        sum(map(Fraction, map(str, nums)), Fraction()) / len(nums)
        for trace_id, nums in means.items()
        if trace_id in mine
    ]
    ask = Ask(parse("feature:refunds"), Measure("score", one=Bar("helpful", 0.5)), (window,))
    [[sums]] = window_sums(project.pk, [ask])
    assert sums.count == len(exact) > 0
    assert sums.missed == sum(one < Fraction("0.5") for one in exact)
    assert float(sums.total) == pytest.approx(float(sum(exact)))


def test_thumbs_say_how_many_users_said_no(project: Project, told: list[Told]) -> None:
    window = windows(timezone.now())[2]
    ask = Ask(parse(""), Measure("score", one=Bar("", 0.5, True)), (window,))
    [[sums]] = window_sums(project.pk, [ask])
    assert sums.missed == len(rows(project, "feedback:down", window)) > 0
    assert sums.count == len(rows(project, "feedback:(up, down)", window)) > sums.missed


def test_calls_have_first_tokens(project: Project, told: list[Told]) -> None:
    window = windows(timezone.now())[2]
    [[sums]] = window_sums(project.pk, [Ask(parse("feature:refunds"), CALLS, (window,))])
    mine = [one.trace_id for one in rows(project, "feature:refunds", window)]
    calls = Span.objects.filter(project_id=project.pk, trace_id__in=mine, kind=1, counts=True)
    assert sums.count == calls.count() > 0
    assert sum(sums.latencies.values()) == calls.exclude(ttft_us=None).count() > 0


def test_long_windows_read_whole_hours_from_the_figures(project: Project, told: list[Told]) -> None:
    count_by_hour(project)
    now = timezone.now().replace(second=0, microsecond=0)
    since = (now - timedelta(hours=5)).replace(minute=0)
    for text in ("", "feature:refunds", "name:refund-* env:production"):
        ask = Ask(parse(text), LIGHT, ((since, now), (since - timedelta(hours=4), since)))
        with CaptureQueriesContext(connection) as asked:
            [[sums, before]] = window_sums(project.pk, [ask])
        assert any("trace_hour" in one["sql"] for one in asked)
        exact = by_hand(project, text, (since, now))
        assert (sums.count, sums.failed, before.count) == (exact.count, exact.failed, 0)


def test_content_is_refused(project: Project) -> None:
    ask = Ask(parse("output:sorry"), TRACES, windows(timezone.now()))
    with pytest.raises(ValueError, match="content"):
        window_sums(project.pk, [ask])
