"""REST of schedules: listed, made, paused, moved, removed; their runs and alarms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project, Scope
from accounts.rest import PROBLEM, PROJECT
from evals.api.base import EvalsView
from evals.api.experiments import dataset_of, evaluators_in, version_of
from evals.models import DriftAlarm, Schedule
from evals.queries.quality import get_alarm, get_schedule, series_of
from evals.queries.schedules import runs_of, schedules_of
from evals.rest import schedule_documents as documents
from evals.rest.experiment_bodies import nano
from evals.rest.schedule_bodies import ChangeScheduleBody, CloseAlarmBody, NewScheduleBody
from evals.services.drift_alarms import close_alarm
from evals.services.schedules import (
    NewSchedule,
    budget_schedule,
    create_schedule,
    delete_schedule,
    move_schedule,
    pause_schedule,
)
from kit.rest_lists import pk_page
from prompts.api.base import after_of, page_of
from prompts.queries.resolving import get_prompt
from prompts.rest.parameters import PageParameters

WHEN = ("hour", "minute", "zone", "weekdays")


class SchedulesView(EvalsView):
    """Finds the schedule that an address names. A key that may read reads."""

    scope = {
        "GET": Scope.READ, "POST": Scope.EVALS, "PATCH": Scope.EVALS, "DELETE": Scope.EVALS,
    }  # fmt: skip

    def schedule(self, request: Request, pk: int) -> Schedule:
        """Raises: NotFound, and those of `opened`."""
        found = get_schedule(self.opened(request), pk)
        if found is None:
            raise NotFound(f"This project has no schedule {pk}.")
        return found

    def told(self, schedule: Schedule) -> dict[str, Any]:
        """The document of one schedule."""
        (one,) = series_of([schedule])
        return documents.schedule_document(one)


class Schedules(SchedulesView):
    """`/api/v1/schedules`"""

    @extend_schema(
        operation_id="list_schedules",
        parameters=[PageParameters],
        responses={200: documents.SchedulePageDocument},
    )
    def get(self, request: Request) -> Response:
        """A page of schedules with where they stand, by name."""
        asked = self.asked(request, PageParameters)
        rows = schedules_of(self.opened(request))
        if (after := after_of(asked, str)) is not None:
            rows = rows.filter(name__gt=after)
        return page_of(
            series_of(list(rows[: asked["limit"] + 1])),
            asked["limit"],
            documents.schedule_document,
            lambda one: one.schedule.name,
        )

    @extend_schema(
        operation_id="create_schedule",
        parameters=[PROJECT],
        request=NewScheduleBody,
        responses={201: documents.ScheduleDocument, 400: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Run a frozen set every day and watch its score."""
        project = self.opened(request)
        new = new_of(project, self.given(request, NewScheduleBody))
        made = create_schedule(project, new, actor=self.actor(request))
        return Response(self.told(made), status=status.HTTP_201_CREATED)


class OneSchedule(SchedulesView):
    """`/api/v1/schedules/{id}`"""

    @extend_schema(
        operation_id="get_schedule",
        parameters=[PROJECT],
        responses={200: documents.ScheduleDocument, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """What it runs, when, and where it stands."""
        return Response(self.told(self.schedule(request, pk)))

    @extend_schema(
        operation_id="change_schedule",
        parameters=[PROJECT],
        request=ChangeScheduleBody,
        responses={200: documents.ScheduleDocument, 400: PROBLEM, 404: PROBLEM},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Pause it, go on, run at another time, or within another budget; the rest stays."""
        found = self.schedule(request, pk)
        given = self.given(request, ChangeScheduleBody)
        actor = self.actor(request)
        with transaction.atomic():
            if any(name in given for name in WHEN):
                when = {name: given.get(name, getattr(found, name)) for name in WHEN}
                move_schedule(found, actor=actor, **when)
            if "month_cap_usd" in given:
                budget_schedule(found, actor=actor, month_cap_nano=nano(given["month_cap_usd"]))
            if "paused" in given:
                pause_schedule(found, actor=actor, is_paused=given["paused"])
        return Response(self.told(self.schedule(request, pk)))

    @extend_schema(
        operation_id="delete_schedule",
        parameters=[PROJECT],
        responses={204: None, 404: PROBLEM},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Remove it with its history; the experiments that it ran stay."""
        delete_schedule(self.schedule(request, pk), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ScheduleRuns(SchedulesView):
    """`/api/v1/schedules/{id}/runs`"""

    @extend_schema(
        operation_id="list_schedule_runs",
        parameters=[PageParameters],
        responses={200: documents.ScheduleRunPageDocument, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """A page of its runs, reruns and replays, the newest first."""
        asked = self.asked(request, PageParameters)
        rows = runs_of(self.schedule(request, pk)).defer("scores", "parameters")
        return pk_page(rows, asked, lambda page: [documents.run_document(one) for one in page])


class ScheduleAlarms(SchedulesView):
    """`/api/v1/schedules/{id}/alarms`"""

    @extend_schema(
        operation_id="list_schedule_alarms",
        parameters=[PageParameters],
        responses={200: documents.DriftAlarmPageDocument, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """A page of its alarms, the newest first."""
        asked = self.asked(request, PageParameters)
        rows = self.schedule(request, pk).alarms.all()
        return pk_page(rows, asked, lambda page: [documents.alarm_document(one) for one in page])


class CloseAlarm(SchedulesView):
    """`/api/v1/schedules/{id}/alarms/{alarm}/close`"""

    @extend_schema(
        operation_id="close_schedule_alarm",
        parameters=[PROJECT],
        request=CloseAlarmBody,
        responses={200: documents.DriftAlarmDocument, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, pk: int, number: int) -> Response:
        """Say that it is repaired, or that this is the new normal."""
        alarm = self._alarm(request, pk, number)
        given = self.given(request, CloseAlarmBody)
        closed = close_alarm(
            alarm, actor=self.actor(request), is_new_normal=given["as"] == "new_normal",
            note=given["note"],
        )  # fmt: skip
        return Response(documents.alarm_document(closed))

    def _alarm(self, request: Request, pk: int, number: int) -> DriftAlarm:
        found = get_alarm(self.opened(request), number)
        if found is None or found.schedule_id != pk:
            raise NotFound(f"This schedule has no alarm {number}.")
        return found


def new_of(project: Project, given: Mapping[str, Any]) -> NewSchedule:
    """What is asked for, looked up by its names. Raises: ValidationError, naming the field."""
    said = given["prompt"]
    prompt = get_prompt(project.pk, said["name"])
    if prompt is None:
        text = f"The project has no prompt {said['name'][:200]!r}."
        raise ValidationError({"prompt.name": text})
    if (said.get("version") is None) == (said.get("label") is None):
        raise ValidationError({"prompt": "Pin one version, or follow one label."})
    is_pinned = said.get("version") is not None
    return NewSchedule(
        name=given["name"],
        description=given["description"],
        feature=given["feature"],
        dataset=dataset_of(project, given["dataset"]),
        dataset_version=given.get("dataset_version"),
        prompt=prompt,
        version=version_of(project, said) if is_pinned else None,
        label="" if is_pinned else said["label"],
        evaluators=evaluators_in(project, given["evaluators"]),
        provider=given["provider"],
        model=given["model"],
        parameters=given["parameters"],
        concurrency=given["concurrency"],
        cost_cap_nano=nano(given.get("cost_cap_usd")),
        hour=given["hour"],
        minute=given["minute"],
        zone=given["zone"],
        weekdays=given["weekdays"],
        jitter_minutes=given["jitter_minutes"],
        late_minutes=given["late_minutes"],
        month_cap_nano=nano(given.get("month_cap_usd")),
        retries=given["retries"],
        judge_answers=given["judge_answers"],
        is_canary=given["canary"],
    )
