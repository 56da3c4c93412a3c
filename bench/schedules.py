"""Scheduled runs while beat, worker and database are killed at random: none is lost or doubled.

    python -m bench.schedules [--runs 200] [--kills 36] [--seed 1]

Most runs are of schedules whose slot comes within two minutes; a quarter are of schedules that lie
behind by some days, as after an outage: what is too late is missed, the last slot still runs. Each
of the three is killed equally often, in an order by lot. Prints JSON; the exit code is 1 where a
slot has no run or two, where a run is neither done nor said to be missed, or where experiments,
results, verdicts or scores are not as many as runs that were done.
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
SPREAD_SECONDS = 120.0
BETWEEN_SECONDS = (2.0, 7.0)  # kills
BEHIND_DAYS = 5  # of a schedule that lies behind

Given = TypeVar("Given")


def beats(installation: Installation) -> list[int]:
    """Process ids of its Celery beat."""
    ours = children(installation.process.pid)
    return sorted(pid for pid, words in ours if "celery" in words and " beat" in words)


def patiently(act: Callable[[], Given]) -> Given:
    """Ask the database again while it comes back. Raises: what it said for five minutes."""
    from django.db import Error, connection

    until = time.monotonic() + 300
    while True:
        try:
            return act()
        except Error:
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def furnish(paid: Paid, runs: int) -> Any:
    """Schedules with so many slots that are due within two minutes, or were; the project."""
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
    behind = runs // (4 * BEHIND_DAYS)
    coming = runs - behind * BEHIND_DAYS
    begun = timezone.now()
    for number in range(coming + behind):
        # The hour before this one: the slot after those that count comes in 23 hours.
        at = begun - timedelta(hours=1)
        new = NewSchedule(
            name=f"nightly {number}", dataset=dataset, prompt=version.prompt, version=version,
            evaluators=[watched], hour=at.hour, minute=at.minute,
        )  # fmt: skip
        schedule = create_schedule(project, new, actor=None)
        due = begun + timedelta(seconds=SPREAD_SECONDS * number / max(coming, 1))
        if number >= coming:
            due = at.replace(second=0, microsecond=0) - timedelta(days=BEHIND_DAYS - 1)
        Schedule.objects.filter(pk=schedule.pk).update(next_at=due)
    return project


def trouble(installation: Installation, kills: int, chance: random.Random) -> dict[str, int]:
    """Kill one of the three at a time, each equally often; what was killed how often."""
    done = {"beat": 0, "worker": 0, "database": 0}
    deck = [what for what in done for _ in range(-(-kills // len(done)))]
    chance.shuffle(deck)
    for what in deck[:kills]:
        until = time.monotonic() + 60
        time.sleep(chance.uniform(*BETWEEN_SECONDS))
        while not _killed(installation, what, done[what]) and time.monotonic() < until:
            time.sleep(0.5)  # it is just coming up again
        done[what] += 1
    return done


def _killed(installation: Installation, what: str, before: int) -> bool:
    if what == "database":
        try:
            return kill_engine(installation, before)
        except LookupError:
            return False
    pids = workers(installation) if what == "worker" else beats(installation)
    return bool(pids) and sum(kill(pid) for pid in pids) == len(pids)


def run(runs: int, kills: int, seed: int) -> dict[str, Any]:
    """All of it on one installation; what came of it."""
    with provider(0.05) as paid, running() as installation:
        use_settings_of(installation)
        import django

        django.setup()
        from evals.models import Experiment, Judgement, ScheduleRun
        from traces.models import Score

        project = furnish(paid, runs)
        began = time.monotonic()
        done = trouble(installation, kills, random.Random(seed))
        over = [ScheduleRun.State.DONE, ScheduleRun.State.MISSED]
        every = ScheduleRun.objects.filter(schedule__project=project)
        mine = every.filter(kind=ScheduleRun.Kind.PLANNED)  # a baseline's repeats come later
        until = time.monotonic() + LONGEST_SECONDS
        while patiently(mine.filter(state__in=over).count) < runs and time.monotonic() < until:
            time.sleep(1)
        begun = Experiment.objects.filter(project=project, purpose="schedule")
        still = begun.filter(state__in=Experiment.OPEN)  # repeats that came meanwhile
        while patiently(still.exists) and time.monotonic() < until:
            time.sleep(1)
        rows = patiently(lambda: list(mine.values_list("schedule_id", "slot", "state", "error")))
        verdicts = Judgement.objects.filter(project=project)
        return {
            "runs": runs,
            "seconds": round(time.monotonic() - began),
            "killed": done,
            "rows": len(rows),
            "slots": len({(schedule, slot) for schedule, slot, *_ in rows}),
            "done": sum(state == "done" for *_, state, _ in rows),
            "missed": sum(state == "missed" and bool(why) for *_, state, why in rows),
            "begun": patiently(every.exclude(experiment=None).count),
            "experiments": patiently(begun.count),
            "results": patiently(lambda: sum(begun.values_list("done", flat=True))),
            "verdicts": patiently(verdicts.filter(state="done").count),
            "scores": patiently(Score.objects.filter(project_id=project.pk).count),
            "calls": sum(paid.answers().values()),
        }


def is_right(told: dict[str, Any]) -> bool:
    """Each slot has one run, and each run that was begun one experiment with all its results.

    More calls than results are those in flight at a kill.
    """
    results = told["experiments"] * ITEMS
    return bool(
        told["rows"] == told["slots"] == told["runs"] == told["done"] + told["missed"]
        and told["experiments"] == told["begun"] >= told["done"]
        and told["results"] == told["verdicts"] == told["scores"] == results
        and told["calls"] >= results
    )


def main() -> int:
    """Run it; the exit code."""
    parser = argparse.ArgumentParser(prog="bench.schedules", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--kills", type=int, default=36)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    told = run(chosen.runs, chosen.kills, chosen.seed)
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
    return 0 if is_right(told) else 1


if __name__ == "__main__":
    sys.exit(main())
