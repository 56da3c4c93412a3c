"""The three addresses that machines ask."""

from __future__ import annotations

import pytest


@pytest.mark.django_db
def test_ready_once_the_database_answers_and_is_migrated(client):
    assert client.get("/readyz").json() == {"ready": True}


def test_alive_without_a_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_figures_are_prometheus_text(client):
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    assert b"roadworthy_intake_spans" in answer.content


def test_only_reading_is_answered(client):
    assert client.post("/healthz").status_code == 405
