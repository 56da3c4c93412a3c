"""Schedules over REST: made, read, moved, paused, removed; runs, alarms, and closing one."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Project, Scope
from evals.models import Schedule
from tests.evals.planned import connected, contains, planned_dataset, questions
from tests.evals.scheduling import scheduled, version_of, written
from tests.evals.test_quality_pages import STEADY, copies
from tests.factories import make_key
from tests.prompts.asking import Api

pytestmark = pytest.mark.django_db
BODY: dict[str, Any] = {
    "name": "nightly", "dataset": "g", "prompt": {"name": "answers", "version": 1},
    "evaluators": [{"name": "contains"}], "hour": 3, "zone": "Europe/Berlin",
    "cost_cap_usd": "1.5",
}  # fmt: skip


@pytest.fixture
def api(project: Project) -> Api:
    return Api(headers=make_key(project, scopes=[Scope.EVALS, Scope.READ]).headers)


def test_a_schedule_is_made_changed_and_removed(project: Project, api: Api) -> None:
    connected(project)
    planned_dataset(project, questions(3))
    version_of(project)
    contains(project)
    made = api.post("schedules", BODY)
    assert (made["dataset_version"], made["version"], made["label"]) == (1, 1, None)
    assert (made["evaluator"], made["cost_cap_usd"]) == ("contains", "1.5")
    assert made["standing"]["calibrating"]
    at = f"schedules/{made['id']}"
    moved = api.patch(at, {"hour": 5, "weekdays": [0, 6]})
    assert (moved["hour"], moved["zone"], moved["weekdays"]) == (5, "Europe/Berlin", [0, 6])
    assert api.patch(at, {"paused": True})["next_at"] is None
    assert api.get(at)["paused"]
    assert [one["name"] for one in api.get("schedules")["data"]] == ["nightly"]
    api.delete(at)
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"weekdays": []}, "weekdays"),
        ({"hour": 24}, "hour"),
        ({"prompt": {"name": "answers"}}, "prompt"),
        ({"prompt": {"name": "answers", "label": "nowhere"}}, "label"),
        ({"prompt": {"name": "other", "version": 1}}, "prompt.name"),
        ({"dataset": "none"}, "dataset"),
        ({"evaluators": []}, "evaluators"),
        ({"name": " "}, "name"),
        ({"every": "day"}, "every"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    project: Project, api: Api, change: dict[str, Any], where: str
) -> None:
    connected(project)
    planned_dataset(project, questions(3))
    version_of(project)
    contains(project)
    told = api.post("schedules", {**BODY, **change}, status=400)
    assert any(one["where"].startswith(where) for one in told["errors"]), told


def test_runs_and_alarms_are_read_and_an_alarm_is_closed(project: Project, api: Api) -> None:
    schedule = scheduled(project, "")
    written(schedule, *STEADY, 0.5, 0.47, 0.5)
    at = f"schedules/{schedule.pk}"
    page = api.get(f"{at}/runs?limit=2")
    assert page["next_cursor"]
    planned = [one for one in api.get(f"{at}/runs")["data"] if one["kind"] == "planned"]
    assert len(planned) == 13
    assert planned[0]["mean"] == 0.5
    (alarm,) = api.get(f"{at}/alarms")["data"]
    assert (alarm["state"], alarm["kind"]) == ("open", "drop")
    assert alarm["low"] < alarm["effect"] < alarm["high"] < 0
    assert api.get(at)["open_alarm"] == alarm["id"]
    close = f"{at}/alarms/{alarm['id']}/close"
    api.post(close, {"as": "gone"}, status=400)
    closed = api.post(close, {"as": "repaired", "note": "Pinned"}, status=200)
    assert (closed["state"], closed["note"]) == ("resolved", "Pinned")
    api.post(close, {"as": "repaired"}, status=409)
    api.post(f"schedules/{schedule.pk + 1}/alarms/{alarm['id']}/close", {"as": "repaired"}, 404)


def test_a_key_that_reads_changes_nothing(project: Project) -> None:
    schedule = scheduled(project, "")
    reader = Api(headers=make_key(project, scopes=[Scope.READ]).headers)
    assert reader.get(f"schedules/{schedule.pk}")["name"] == "nightly"
    reader.patch(f"schedules/{schedule.pk}", {"paused": True}, status=403)


def test_the_list_asks_as_much_of_many_schedules(
    project: Project, api: Api, django_assert_max_num_queries: Any
) -> None:
    schedule = scheduled(project, "")
    copies(schedule, 5)
    api.get("schedules")
    with django_assert_max_num_queries(9):
        assert len(api.get("schedules")["data"]) == 6
