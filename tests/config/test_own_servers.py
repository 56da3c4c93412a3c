"""With DATABASE_URL and BROKER_URL the same processes run against servers of one's own."""

from __future__ import annotations

import json
import os

import pytest

from tests.config import own_servers
from tests.config.installation import Installation
from tests.config.processes import processes_of

PAIR = {
    "ROADWORTHY_INIT_EMAIL": "owner@example.com",
    "ROADWORTHY_INIT_PASSWORD": "a password of some length",
    "ROADWORTHY_INIT_PROJECT": "refunds",
}

pytestmark = pytest.mark.timing


def test_up_runs_on_own_postgresql_and_redis() -> None:
    with own_servers.postgres() as database, own_servers.redis() as broker:
        settings = {"DATABASE_URL": database, "BROKER_URL": broker, "CHANNEL_LAYER_URL": broker}
        with Installation(**settings, **PAIR) as installation:
            installation.start_and_wait()
            assert not (installation.data / "postgres").exists()
            assert "owner@example.com" in installation.output
            assert PAIR["ROADWORTHY_INIT_PASSWORD"] not in installation.output
            assert "refunds" in installation.output
            examined = installation.run(
                *installation.ours("doctor", "--json"),
            )
            found = {one["name"]: one for one in json.loads(examined.stdout)}
            assert {one["level"] for one in found.values()} <= {"ok", "warn"}, found
            assert found["broker"]["seen"] == "redis answers"
            assert found["database"]["seen"].startswith("PostgreSQL ")
            installation.stop()
            assert processes_of(installation.data) == []


def test_doctor_says_in_words_that_the_database_is_away() -> None:
    nowhere = "postgresql://roadworthy@127.0.0.1:1/none"
    with Installation(DATABASE_URL=nowhere) as installation:
        examined = installation.run(*installation.ours("doctor", "--json"))
    found = {one["name"]: one for one in json.loads(examined.stdout)}
    assert examined.returncode == 1
    assert found["database"]["level"] == "fail"
    assert "DATABASE_URL" in found["database"]["advice"]


def test_doctor_says_which_setting_is_wrong() -> None:
    with Installation(LOGIN_ATTEMPTS="many") as installation:
        examined = installation.run(*installation.ours("doctor"))
    assert examined.returncode == 1
    assert "LOGIN_ATTEMPTS must be a whole number" in examined.stdout
    assert os.linesep.join(examined.stderr.splitlines()) == ""
