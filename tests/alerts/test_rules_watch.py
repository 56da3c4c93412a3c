"""Rules look every minute: they fire once, are over by themselves, and lose nothing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Project, User
from alerts.models import AlertRule, Incident, Origin, RuleEvent, Severity, State
from alerts.services import acting, rule_watch
from alerts.services.rule_watch import watch_rules
from alerts.services.rules import change_rule, delete_rule, mute_rule
from tests.alerts.making import email, happen, kinds, make_feature
from tests.alerts.rule_making import NOW, errors, scored, traffic
from traces.queries.patience import TimeUp

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _alone(nobody_folds: None) -> None:
    """No storm: each incident stands alone."""


def look(rule: AlertRule, minutes: float = 0) -> AlertRule:
    watch_rules(NOW + minutes * MINUTE)
    rule.refresh_from_db()
    return rule


def test_it_opens_one_incident_with_its_evidence(project: Project, bob: User) -> None:
    make_feature(project, owner=bob)
    ids = traffic(project, 20, ago=10, failing=2)
    rule = look(errors(project, feature="refund-agent", severity="page"))
    assert (rule.state, rule.last_value, rule.last_count) == ("firing", Decimal("0.1"), 20)
    incident = Incident.objects.get()
    assert incident.sentence == (
        "Errors of refunds: Error rate 10%, above 5%, over 15 minutes, of 20 requests."
    )
    assert (incident.cause, incident.severity) == (f"rule {rule.pk}", Severity.PAGE)
    assert (incident.owner, incident.runbook_url) == (bob, "https://wiki.example.com/refunds")
    assert incident.evidence["bar"] == pytest.approx(0.05)
    assert incident.evidence["points"][-1] == pytest.approx(0.1)
    assert set(incident.evidence["trace_ids"]) == set(ids[:2])
    [fact, *_] = incident.evidence["facts"]
    assert "status%3Aerror" in fact["href"]
    assert "2026-11-20T13%3A43%3A00Z..2026-11-20T13%3A58%3A00Z" in fact["href"]
    look(rule, 1)
    assert Incident.objects.count() == 1
    assert kinds(incident) == ["opened"]


def test_it_is_over_by_itself_after_the_stated_time(project: Project) -> None:
    traffic(project, 20, ago=10, failing=2)
    traffic(project, 60, ago=-8)
    rule = look(errors(project, clear_minutes=5))
    assert rule.state == "firing"
    assert look(rule, 10).fine_since is None
    assert look(rule, 11).fine_since is not None
    assert rule.state == "firing"
    assert look(rule, 16).state == "fine"
    incident = Incident.objects.get()
    assert (incident.state, rule.incident) == (State.RESOLVED, None)
    assert [one.kind for one in RuleEvent.objects.order_by("pk")] == ["fired", "over"]


def test_what_looks_twice_says_it_once(project: Project) -> None:
    traffic(project, 20, ago=10, failing=5)
    rule = errors(project)
    due = list(AlertRule.objects.all())
    watch_rules(NOW)
    # A worker that was killed after the look, or came beside another, has the same rules in hand.
    looks, _ = rule_watch._looks(due, NOW - 2 * MINUTE, float("inf"))
    assert rule_watch._settle(looks, NOW) == 0
    assert Incident.objects.get().times_seen == 1
    assert RuleEvent.objects.count() == 1
    assert watch_rules(NOW).looked == 0
    rule.refresh_from_db()
    assert rule.next_at == NOW + MINUTE


def test_too_few_are_neither_good_nor_bad(project: Project) -> None:
    traffic(project, 4, ago=10, failing=4)
    rule = look(errors(project))
    assert (rule.state, Incident.objects.count()) == ("unknown", 0)


def test_a_muted_rule_looks_and_says_nothing_until_then(project: Project) -> None:
    traffic(project, 20, ago=10, failing=5)
    rule = errors(project)
    AlertRule.objects.filter(pk=rule.pk).update(muted_until=NOW + 2 * MINUTE)
    assert look(rule).state == "firing"
    assert not Incident.objects.exists()
    look(rule, 3)
    assert Incident.objects.get().state == State.OPEN
    with pytest.raises(Exception, match="30 days"):
        mute_rule(rule, until=NOW + timedelta(days=3000), actor=None)


def test_who_resolved_it_is_heeded_until_it_was_fine(project: Project, bob: User) -> None:
    traffic(project, 20, ago=10, failing=5)
    traffic(project, 60, ago=-8)
    traffic(project, 60, ago=-31, failing=20, lasts=2.0)
    rule = look(errors(project, clear_minutes=0))
    acting.resolve(Incident.objects.get(), actor=bob)
    for minute in (1, 6, 7):
        assert look(rule, minute).state == "firing"
    assert Incident.objects.count() == 1
    assert look(rule, 14).state == "fine"
    assert look(rule, 35).state == "firing"
    assert Incident.objects.count() == 2


def test_rules_switched_off_or_deleted_end_their_incidents(project: Project, bob: User) -> None:
    traffic(project, 20, ago=10, failing=5)
    first, second = errors(project), errors(project, name="Second")
    watch_rules(NOW)
    change_rule(first, actor=bob, is_enabled=False)
    second.refresh_from_db()
    delete_rule(second, actor=bob)
    assert not Incident.objects.exclude(state=State.RESOLVED).exists()
    assert watch_rules(NOW + 9 * MINUTE).looked == 0


def test_chosen_channels_hear_and_others_do_not(project: Project) -> None:
    chosen, other = email(project, least_severity="page"), email(project, "other@example.com")
    traffic(project, 20, ago=10, failing=5)
    look(errors(project, channels=[chosen.pk]))
    assert [one.channel for one in Incident.objects.get().deliveries.all()] == [chosen]
    happen(project)
    assert other.deliveries.count() == 1


def test_the_provider_is_named_where_its_calls_fail_everywhere(project: Project) -> None:
    for feature in ("refunds", "search"):
        traffic(project, 30, ago=10, failing=9, feature=feature)
    traffic(project, 30, ago=9, provider="mistral")
    look(errors(project))
    incident = Incident.objects.get()
    assert incident.origin == Origin.PROVIDER
    assert "Calls of openai fail in 2 features." in str(incident.evidence)


@pytest.mark.parametrize(
    ("said", "value", "is_firing"),
    [
        ({"metric": "requests", "condition": "below", "amount": 31}, 30, True),
        ({"metric": "requests", "condition": "below", "amount": 30}, 30, False),
        ({"metric": "p95", "condition": "above", "amount": 1_900_000}, None, True),
        ({"metric": "score_missed", "score": "faithful", "score_bar": 0.5, "amount": 0.3},
         Decimal(1) / 3, True),
        ({"metric": "score_mean", "score": "faithful", "condition": "below", "amount": 0.7},
         Decimal("0.7"), False),
        ({"metric": "fluent_wrong", "score": "relevant", "score_bar": 0.5, "other": "faithful",
          "other_bar": 0.5, "amount": 0.3}, Decimal(1) / 3, True),
        ({"metric": "matching", "match": "latency>1.5s", "amount": 0.2}, Decimal(2) / 3, True),
        ({"metric": "silent-check", "condition": "silent"}, None, False),
    ],
)  # fmt: skip
def test_each_metric_is_what_it_says(
    project: Project, said: dict[str, Any], value: Decimal | None, is_firing: bool
) -> None:
    good = traffic(project, 10, ago=10)
    bad = traffic(project, 20, ago=9, lasts=2.0)
    scored(project, good, "faithful", 0.1)
    scored(project, bad, "faithful", 1.0)
    scored(project, [*good, *bad], "relevant", 0.9)
    if said["metric"] == "silent-check":
        said = {**said, "metric": "requests"}
    rule = look(errors(project, **said))
    if value is not None:
        assert rule.last_value == pytest.approx(value)
    assert (rule.state == "firing") is is_firing


def test_silence_fires_once_something_came(project: Project) -> None:
    traffic(project, 3, ago=10)
    rule = look(errors(project, metric="requests", condition="silent", least=0))
    assert rule.state == "fine"
    assert look(rule, 20).state == "firing"
    assert Incident.objects.get().sentence == "Errors of refunds: no requests in 15 minutes."


def test_many_rules_cost_few_statements(project: Project) -> None:
    traffic(project, 20, ago=10)
    for place in range(12):
        minutes = (5, 15, 60)[place % 3]
        errors(project, name=f"{place}", scope=f"feature:f{place}", window_minutes=minutes)
    with CaptureQueriesContext(connection) as asked:
        assert watch_rules(NOW).looked == 12
    assert len(asked) <= 12


def test_one_that_takes_too_long_keeps_no_other_waiting(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    traffic(project, 20, ago=10, failing=5)
    slow, quick = errors(project, name="slow", scope="user:x"), errors(project)
    real = rule_watch.looks_of

    def looks(asked: Any, *, seconds: float) -> Any:
        if any(rule.pk == slow.pk for rule, _ in asked):
            raise TimeUp
        return real(asked, seconds=seconds)

    monkeypatch.setattr(rule_watch, "looks_of", looks)
    watched = watch_rules(NOW)
    assert (watched.looked, watched.failed) == (1, 1)
    slow.refresh_from_db()
    assert "took too long" in slow.problem
    assert slow.next_at == NOW + 15 * MINUTE
    quick.refresh_from_db()
    assert quick.state == "firing"
