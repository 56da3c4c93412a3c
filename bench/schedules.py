"""Scheduled runs while beat, worker and database are killed at random: none is lost or doubled.

    python -m bench.schedules [--runs 200] [--kills 12] [--seed 1]

Every run belongs to a schedule of its own whose slot comes within the first minute. Prints JSON;
the exit code is 1 where a slot has no run or two, where a run is neither done nor said to be
missed, or where more experiments were begun than runs.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from bench.experiments import Paid, provider, workers
from bench.faults import children, kill, kill_engine
from bench.installation import Installation, running, use_settings_of

ITEMS = 3
LONGEST_SECONDS = 900.0
SPREAD_SECONDS = 60.0
BETWEEN_SECONDS = (2.0, 6.0)  # kills

Given = TypeVar("Given")


def beats(installation: Installation) -> list[int]:
    """Process ids of its Celery beat."""
    ours = children(installation.process.pid)
    return sorted(pid for pid, words in ours if "celery" in words and " beat" in words)


def patiently(act: Callable[[], Given]) -> Given:
    """Ask the database again while it comes back. Raises: what it said for a minute."""
    from django.db import Error, connection

    until = time.monotonic() + 60
    while True:
        try:
            return act()
        except Error:
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def furnish(paid: Paid, runs: int) -> Any:
    """So many schedules, whose slots come one after the other within a minute; the project."""
    from django.utils import timezone

    from accounts.models import Project
    from evals.models import Schedule
    from evals.services.schedules import NewSchedule, create_schedule
    from gateway.models import Kind, Provider
    from tests.evals.planned import MODEL, contains, planned_dataset, questions
    from tests.prompts.making import chat, make_version

    project = Project.objects.get(slug="bench")
    Provider.objects.create(
        project=project, kind=Kind.OPENAI, name="Bench", base_url=paid.url, traced_as="openai",
        model_names=[MODEL], is_default=True,
    )  # fmt: skip
    dataset = planned_dataset(project, questions(ITEMS))
    version = make_version(project, "orders", chat(("user", "{{question}}"), model=MODEL))
    watched = contains(project)
    for number in range(runs):
        new = NewSchedule(
            name=f"nightly {number}", dataset=dataset, prompt=version.prompt, version=version,
            evaluators=[watched],
        )  # fmt: skip
        schedule = create_schedule(project, new, actor=None)
        soon = timezone.now() + timedelta(seconds=SPREAD_SECONDS * number / runs)
        Schedule.objects.filter(pk=schedule.pk).update(next_at=soon)
    return project


def trouble(installation: Installation, kills: int, chance: random.Random) -> dict[str, int]:
    """Kill one of the three at a time; what was killed how often."""
    done = {"beat": 0, "worker": 0, "database": 0}
    while sum(done.values()) < kills:
        time.sleep(chance.uniform(*BETWEEN_SECONDS))
        what = chance.choice(list(done))
        if what == "database":
            try:
                done[what] += kill_engine(installation, done[what])
            except LookupError:
                continue
        else:
            pids = workers(installation) if what == "worker" else beats(installation)
            done[what] += bool(pids and kill(pids[0]))
    return done


def run(runs: int, kills: int, seed: int) -> dict[str, Any]:
    """All of it on one installation; what came of it."""
    with provider(0.05) as paid, running() as installation:
        use_settings_of(installation)
        import django

        django.setup()
        from evals.models import Experiment, ScheduleRun

        project = furnish(paid, runs)
        done = trouble(installation, kills, random.Random(seed))
        over = [ScheduleRun.State.DONE, ScheduleRun.State.MISSED]
        mine = ScheduleRun.objects.filter(schedule__project=project)
        until = time.monotonic() + LONGEST_SECONDS
        while patiently(mine.filter(state__in=over).count) < runs and time.monotonic() < until:
            time.sleep(1)
        states = patiently(lambda: list(mine.values_list("schedule_id", "state")))
        begun = Experiment.objects.filter(project=project, purpose="schedule")
        return {
            "runs": runs,
            "killed": done,
            "slots": len(states),
            "schedules": len({schedule for schedule, _ in states}),
            "done": sum(state == "done" for _, state in states),
            "missed": sum(state == "missed" for _, state in states),
            "experiments": patiently(begun.count),
            "results": patiently(lambda: sum(begun.values_list("done", flat=True))),
        }


def is_right(told: dict[str, Any]) -> bool:
    """Each slot has one run, and each run that was not missed one experiment with all results."""
    return bool(
        told["slots"] == told["schedules"] == told["runs"] == told["done"] + told["missed"]
        and told["experiments"] == told["done"]
        and told["results"] == told["done"] * ITEMS
    )


def main() -> int:
    """Run it; the exit code."""
    parser = argparse.ArgumentParser(prog="bench.schedules", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    told = run(chosen.runs, chosen.kills, chosen.seed)
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
    return 0 if is_right(told) else 1


if __name__ == "__main__":
    sys.exit(main())
