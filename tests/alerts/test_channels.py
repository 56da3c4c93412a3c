"""Each channel hears of an incident once: mail by a real server, the rest over real HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Project, User
from alerts.delivering import deliver_due
from alerts.models import Channel, Delivery, Severity
from alerts.services import acting, sending
from alerts.services.channels import (
    change_channel,
    change_settings,
    create_channel,
    delete_channel,
    send_test,
)
from alerts.services.errors import BadChannel
from alerts.services.watching import watch
from alerts.values import Evidence, Fact
from notices.signing import signature
from tests.alerts.making import (
    KEY,
    Mailbox,
    bodies,
    email,
    happen,
    make_feature,
    pagerduty,
    pass_time,
    slack,
)
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db
EVIDENCE = Evidence(
    facts=[Fact("Faithfulness", "0.84, was 0.93")], excerpts=["My card is 4000 <b>1234</b>"]
)


def state() -> list[tuple[str, int]]:
    return list(Delivery.objects.order_by("pk").values_list("state", "tries"))


def test_an_incident_is_one_message_on_every_channel(
    project: Project, server: Receiver, mailbox: Mailbox
) -> None:
    email(project)
    slack(project, server)
    pagerduty(project, server)
    made = create_channel(
        project, kind="webhook", name="Ours", url=f"{server.url}/ours", actor=None
    )
    incident = happen(project, evidence=EVIDENCE)
    assert deliver_due() == 4
    happen(project, evidence=EVIDENCE)
    assert deliver_due() == 0
    got = {one.path: body for one, body in zip(server.received, bodies(server), strict=True)}
    said = got["/hook/T0/B0/secret"]["text"]
    page = f"https://roadworthy.example.com/p/support/alerts/{incident.pk}/"
    assert said.startswith(f"*<{page}|Page: Faithfulness fell from 0.93 to 0.84.>*")
    assert "Faithfulness: 0.84, was 0.93" in said
    event = got["/hook/v2/enqueue"]
    assert (event["routing_key"], event["event_action"]) == (KEY, "trigger")
    assert event["dedup_key"] == f"roadworthy-support-{incident.pk}"
    assert event["payload"]["severity"] == "critical"
    assert got["/hook/ours"]["type"] == "incident.opened"
    signed = next(one for one in server.received if one.path == "/hook/ours")
    headers = signed.headers
    assert headers["webhook-signature"] == signature(
        made.secret, headers["webhook-id"], int(headers["webhook-timestamp"]), signed.body
    )
    (mail,) = mailbox.taken
    assert (mail["To"], mail["Subject"]) == (
        "team@example.com", "[Support] Page: Faithfulness fell from 0.93 to 0.84.",
    )  # fmt: skip
    assert page in str(mail.get_payload())
    everything = f"{bodies(server)}{mail.get_payload()}"
    assert "4000" not in everything  # what traces say stays here


def test_content_leaves_only_where_the_project_allows_it(
    project: Project, server: Receiver, mailbox: Mailbox
) -> None:
    wishes: dict[str, Any] = {"escalate_minutes": 15, "fold_minutes": 10}
    change_settings(project, content_leaves=True, **wishes, actor=None)
    for make in (slack, pagerduty):
        make(project, server)
    email(project)
    happen(project, evidence=EVIDENCE)
    deliver_due()
    assert all("4000" in str(body) for body in bodies(server))
    assert "&lt;b&gt;1234" in str(bodies(server))
    assert "4000 <b>1234" in str(mailbox.taken[0].get_payload())


def test_pagerduty_gets_acknowledgement_and_resolve_in_their_order(
    project: Project, server: Receiver, bob: User
) -> None:
    pagerduty(project, server)
    server.answering.statuses = [500, 202]
    incident = happen(project)
    acting.acknowledge(incident, actor=bob)
    acting.resolve(incident, actor=bob)
    assert deliver_due() == 1  # what was not taken holds back what came after
    pass_time(minutes=1)
    assert deliver_due() == 3
    actions = [body["event_action"] for body in bodies(server)]
    assert actions == ["trigger", "trigger", "acknowledge", "resolve"]
    assert len({body["dedup_key"] for body in bodies(server)}) == 1


def test_only_who_was_told_hears_the_rest_and_severity_decides(
    project: Project, server: Receiver, bob: User
) -> None:
    slack(project, server, least_severity="page")
    incident = happen(project, severity=Severity.TICKET)
    acting.acknowledge(incident, actor=bob)
    assert state() == []
    happen(project)
    assert deliver_due() == 1
    assert bodies(server)[0]["text"].partition("|")[2].startswith("Became more severe")


def test_an_escalation_and_a_waking_one_are_sent(
    project: Project, server: Receiver, alice: User, bob: User
) -> None:
    slack(project, server)
    make_feature(project, owner=alice, deputy=bob)
    incident = happen(project, feature="refund-agent")
    watch(timezone.now() + timedelta(minutes=16))
    acting.snooze(incident, until=timezone.now() + timedelta(hours=1), actor=bob)
    watch(timezone.now() + timedelta(hours=2))
    assert deliver_due() == 4
    texts = [body["text"] for body in bodies(server)]
    assert "now asked: bob" in texts[1]
    assert [one.partition("|")[2].partition(":")[0] for one in texts] == [
        "Page", "Escalated", "Snoozed by bob", "Open again",
    ]  # fmt: skip


def test_a_failing_channel_is_marked_tried_again_and_cleared(
    project: Project, server: Receiver
) -> None:
    channel = slack(project, server)
    server.answering.statuses = [404, 200]
    happen(project)
    deliver_due()
    channel.refresh_from_db()
    assert (channel.health, channel.last_error, state()) == (
        "failing", "It answered 404.", [("due", 1)],
    )  # fmt: skip
    assert deliver_due() == 0
    pass_time(minutes=1)
    assert deliver_due() == 1
    channel.refresh_from_db()
    assert (channel.health, state()) == ("ok", [("delivered", 2)])


def test_what_may_have_arrived_is_sent_again_only_where_repeats_are_told_apart(
    project: Project, server: Receiver, mailbox: Mailbox, nobody_folds: None
) -> None:
    for channel in (slack(project, server), pagerduty(project, server), email(project)):
        happen(project, channel.kind)
        Delivery.objects.exclude(channel=channel).filter(incident__cause=channel.kind).delete()
    assert len(sending.claim(9, [])) == 3  # a worker that is killed now
    assert deliver_due() == 0
    pass_time(minutes=2)
    assert deliver_due() == 1
    assert state() == [("unsure", 1), ("delivered", 2), ("unsure", 1)]
    assert (len(server.received), mailbox.taken) == (1, [])
    assert Channel.objects.filter(failing_since__isnull=False).count() == 2


def test_mail_whose_connection_broke_is_not_repeated_and_a_no_for_now_is(
    project: Project, mailbox: Mailbox
) -> None:
    email(project)
    mailbox.answers = ["451 Come back later", None]
    happen(project)
    deliver_due()
    assert state() == [("due", 1)]
    pass_time(minutes=1)
    deliver_due()
    pass_time(minutes=5)
    assert deliver_due() == 0
    assert (state(), len(mailbox.taken)) == ([("unsure", 2)], 1)


def test_an_installation_without_mail_says_so(project: Project, settings: Settings) -> None:
    settings.MAIL_IS_CONFIGURED = False
    email(project)
    happen(project)
    deliver_due()
    assert "SMTP_HOST" in Channel.objects.get().last_error


def test_a_test_is_sent_once_also_to_a_channel_that_is_off(
    project: Project, server: Receiver
) -> None:
    channel = slack(project, server)
    change_channel(channel, is_enabled=False, actor=None)
    happen(project)
    send_test(channel, actor=None)
    server.answering.statuses = [500]
    assert deliver_due() == 1
    assert state() == [("failed", 1)]
    assert "A test from Roadworthy" in bodies(server)[0]["text"]
    delete_channel(channel, actor=None)
    assert Channel.objects.get().secret == ""


def test_secrets_are_sealed_and_kept_when_nothing_is_said(
    project: Project, server: Receiver
) -> None:
    channel = slack(project, server)
    assert "secret" not in channel.url + channel.secret
    changed = change_channel(channel, name="New", actor=None)
    assert (changed.secret, changed.name) == (channel.secret, "New")


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "fax", "name": "x"},
        {"kind": "email", "name": "x", "addresses": []},
        {"kind": "email", "name": "x", "addresses": ["a@b\nBcc: c@d.com"]},
        {"kind": "email", "name": "", "addresses": ["a@example.com"]},
        {"kind": "slack", "name": "x", "url": "http://10.0.0.7/x"},
        {"kind": "slack", "name": "x", "url": ""},
        {"kind": "pagerduty", "name": "x", "key": "short"},
        {"kind": "webhook", "name": "x", "url": "https://169.254.169.254/"},
    ],
)
def test_odd_channels_are_refused(project: Project, said: dict[str, Any]) -> None:
    with pytest.raises(BadChannel):
        create_channel(project, **said, actor=None)
