"""Runs experiments against the provider on loopback, as a worker does: on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from django.db import connections

from accounts.models import Project
from evals.models import Experiment
from evals.running.runner import run_due
from evals.services.experiments import start_experiment
from gateway import client
from tests.evals.planned import a_plan, connected, planned_dataset, questions
from tests.provider import Provider, running

Given = TypeVar("Given")


@pytest.fixture
def upstream() -> Iterator[Provider]:
    with running() as provider:
        yield provider
    client.close()


def run() -> None:
    """Run what is due, until nothing is."""
    running_now().join()


def running_now() -> threading.Thread:
    """A worker that has begun."""
    thread = threading.Thread(target=run_due)
    thread.start()
    return thread


def in_a_thread(act: Callable[[], Given]) -> Given:
    """What `act` gives on a thread whose connection is closed afterwards, and with it its locks."""
    given: list[Given] = []

    def work() -> None:
        given.append(act())
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return given[0]


def started(project: Project, upstream: Provider, count: int = 6, **more: Any) -> Experiment:
    """An experiment of so many questions; `item` are fields of each of them."""
    connected(project, upstream.url)
    dataset = planned_dataset(project, questions(count, **more.pop("item", {})))
    return start_experiment(project, a_plan(project, dataset, **more), actor=None)
