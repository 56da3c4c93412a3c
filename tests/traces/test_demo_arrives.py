"""The demo goes through the public endpoint into a project of its own, as often as one likes."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts.models import ApiKey, Organization, Project
from audit.models import AuditEntry
from tests.factories import Key
from tests.traces.demo import NOW_NS, records, today
from tests.traces.serving import Web
from tests.traces.stored import fetch
from tests.traces.test_demo_scores import said
from traces.demo.feedback import DEFINITIONS, OUTCOMES
from traces.demo.loading import load_demo, send
from traces.demo.scenarios import Chosen
from traces.demo.sender import Sender, Undelivered
from traces.models import Outcome, Score, ScoreDefinition

pytestmark = pytest.mark.django_db(transaction=True)

# What other apps tell of on the demo's traces, such as runs of experiments, has tests of its own.
OF_SENDERS = "project_id = %s and environment is distinct from 'platform'"
SPANS = f"select count(*), count(distinct (trace_id, span_id)) from span where {OF_SENDERS}"
TRACES = f"select * from trace where {OF_SENDERS} order by trace_id"


def small(_demo: object = None) -> Chosen:
    return Chosen(today() - timedelta(days=1), days=2, scale=0.1)


def assert_scores_have_arrived(demo: Project) -> dict[str, str]:
    """All of them and the outcomes, under definitions; their sources by their ids."""
    kept = dict(Score.objects.filter(project_id=demo.pk).values_list("id", "source"))
    assert {"judge", "user"} <= set(kept.values())
    defined = ScoreDefinition.objects.filter(project=demo).values_list("name", flat=True)
    assert {terms.name for terms in DEFINITIONS} <= set(defined)
    wanted = list(small().posts(NOW_NS + 10**18))
    assert {score["id"] for score in said(wanted)} <= set(kept)
    ends = Outcome.objects.filter(project_id=demo.pk).values_list("id", flat=True)
    assert {one["id"] for one in said(wanted, OUTCOMES)} == set(ends)
    return kept


def test_all_of_it_arrives_and_a_repeat_changes_nothing(
    web: Web, organization: Organization
) -> None:
    sent = load_demo(web.url, small)
    demo = Project.objects.get(is_demo=True)
    assert (demo.slug, demo.organization) == ("demo", organization)
    assert sent.rejected == 0
    assert fetch(SPANS, demo.pk) == [(sent.spans, sent.spans)]
    totals, scores = fetch(TRACES, demo.pk), assert_scores_have_arrived(demo)
    load_demo(web.url, small)
    assert assert_scores_have_arrived(demo) == scores
    assert fetch(SPANS, demo.pk) == [(sent.spans, sent.spans)]
    assert fetch(TRACES, demo.pk) == totals
    counted = fetch(f"select sum(span_count)::int from trace where {OF_SENDERS}", demo.pk)
    assert counted == [(sent.spans,)]


def test_its_key_ends_with_the_load_and_the_audit_tells_of_it(
    web: Web, organization: Organization
) -> None:
    load_demo(web.url, lambda _: Chosen(today(), "deep-chain"))
    key = ApiKey.objects.get(project__is_demo=True)
    assert key.revoked_at is not None
    assert key.scopes == ["ingest"]
    told = AuditEntry.objects.filter(organization=organization).order_by("sequence")
    assert [entry.action for entry in told] == [
        "project.created",
        "api_key.created",
        "api_key.revoked",
        "demo.loaded",
    ]


def test_a_given_key_names_the_project(web: Web, key: Key, project: Project) -> None:
    chosen = Chosen(today(), "late-parent")
    expected = records(chosen.posts(0))
    with closing(Sender(web.url, key.secret, key.public)) as sender:
        send(chosen, sender)
    assert fetch(SPANS, project.pk) == [(len(expected), len(expected))]


def test_a_wrong_key_is_said_in_one_line(web: Web, db: None) -> None:
    post = next(Chosen(today(), "deep-chain").posts(0))
    refused = pytest.raises(Undelivered, match=r"answered 401: .*not known here")
    with closing(Sender(web.url, "sk-rw-unknown")) as sender, refused:
        sender.send(post)


def test_without_an_organization_the_command_says_what_to_do(db: None) -> None:
    with pytest.raises(CommandError, match="createadmin"):
        call_command("seed_demo")
