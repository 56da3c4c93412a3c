"""A worker that is killed sends nothing twice; what is old or of a deleted project goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Project, User
from alerts.delivering import deliver_due
from alerts.models import AlertSettings, Channel, Delivery, Incident, IncidentStep
from alerts.services import acting
from alerts.services.channels import change_settings, send_test
from alerts.services.upkeep import delete_project_data, forget_old
from tests.alerts.making import happen, pagerduty, pass_time, slack
from tests.pages.conftest import _test_database
from tests.receiver import Receiver


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_repeats_only_what_is_told_apart(
    project: Project, server: Receiver
) -> None:
    slack(project, server)
    pagerduty(project, server)
    happen(project)
    server.answering.seconds = 30
    program = "import django; django.setup(); from alerts.delivering import deliver_due as d; d()"
    environment = {
        **os.environ,
        "DATABASE_URL": _test_database(),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "ROADWORTHY_ALLOW_PRIVATE_WEBHOOKS": "1",
    }
    worker = subprocess.Popen([sys.executable, "-c", program], env=environment)
    deadline = time.monotonic() + 60
    while len(server.received) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(10)
    server.answering.seconds = 0
    assert deliver_due() == 0  # as far as anybody knows they are still on their way
    pass_time(seconds=60)
    assert deliver_due() == 1
    sent = dict(Delivery.objects.values_list("channel__kind", "state"))
    assert sent == {"slack": "unsure", "pagerduty": "delivered"}
    paths = sorted(one.path for one in server.received)
    assert paths == ["/hook/T0/B0/secret", "/hook/v2/enqueue", "/hook/v2/enqueue"]
    first, second = (one.body for one in server.received if one.path == "/hook/v2/enqueue")
    assert first == second  # with the key by which it is one alert there


@pytest.mark.django_db
def test_what_is_old_goes_and_what_is_open_stays(
    project: Project, server: Receiver, bob: User, nobody_folds: None
) -> None:
    channel = slack(project, server)
    send_test(channel, actor=None)
    over, going_on = happen(project, "over"), happen(project, "going on")
    deliver_due()
    acting.resolve(over, actor=bob)
    deliver_due()
    assert forget_old() == 0
    assert forget_old(timezone.now() + timedelta(days=91)) == 3
    assert list(Delivery.objects.values_list("incident", flat=True)) == [going_on.pk]


@pytest.mark.django_db
def test_nothing_of_a_deleted_project_is_left(
    project: Project, server: Receiver, stranger_client: Client
) -> None:
    slack(project, server)
    happen(project, "a")
    happen(project, "b")
    change_settings(project, content_leaves=True, escalate_minutes=5, fold_minutes=5, actor=None)
    assert delete_project_data() == 0
    Project.objects.filter(pk=project.pk).update(deleted_at=timezone.now())
    assert deliver_due() == 0
    delete_project_data(project.pk)
    for model in (AlertSettings, Channel, Delivery, Incident, IncidentStep):
        assert not model._default_manager.exists()


@pytest.mark.django_db
def test_figures_and_the_overview_say_what_is_open(
    member_client: Client, project: Project, server: Receiver
) -> None:
    assert member_client.get("/p/support/alerts/overview/").content == b""
    slack(project, server)
    happen(project)
    pass_time(seconds=60)
    figures = member_client.get("/metrics").content.decode()
    assert "roadworthy_alerts_due 1.0" in figures
    assert "roadworthy_incidents_open 1.0" in figures
    panel = member_client.get("/p/support/alerts/overview/").content.decode()
    assert "Faithfulness fell" in panel
