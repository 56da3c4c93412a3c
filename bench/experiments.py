"""An experiment whose worker is killed ends as if nothing had happened; and what running it costs.

    python -m bench.experiments [--items 500] [--kills 2] [--concurrency 32] [--any-pace]

Two runs over the same items against a provider that answers after 200 ms: one undisturbed, one
whose worker is killed (SIGKILL) again and again. Prints JSON; the exit code is 1 where results or
scores differ, where a call was paid for twice that was not in flight at a kill, or where the
undisturbed run took over 1.5 times the ideal time (items / concurrency × 200 ms).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.faults import children, kill
from bench.installation import Installation, free_port, running, use_settings_of

ANSWER_SECONDS = 0.2
ALLOWED_RATIO = 1.5
LONGEST_SECONDS = 300.0
SETTLED_SECONDS = 10.0  # a worker that has just begun still starts all that is due every so often


@dataclass(frozen=True)
class Paid:
    """Where the provider listens, and what it was paid for."""

    port: int

    @property
    def url(self) -> str:
        """What SDKs call the base URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    def answers(self) -> dict[str, int]:
        """Calls by question."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/paid", timeout=5) as told:
            return dict(json.load(told))


@contextmanager
def provider(seconds: float = ANSWER_SECONDS) -> Iterator[Paid]:
    """One in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "bench.experiments_provider", str(port), str(seconds)]
    process = subprocess.Popen(command)
    try:
        paid = Paid(port)
        until = time.monotonic() + 10
        while True:
            try:
                paid.answers()
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
        yield paid
    finally:
        process.terminate()
        process.wait(10)


def workers(installation: Installation) -> list[int]:
    """Process ids of its Celery workers."""
    ours = children(installation.process.pid)
    return sorted(pid for pid, words in ours if "celery" in words and " worker" in words)


def furnish(paid: Paid, items: int) -> Any:
    """A connection, a dataset, a prompt and an evaluator, by the services; what is planned."""
    from accounts.models import Project
    from evals.services.datasets import AddItem, change_items, create_dataset
    from evals.services.experiments import Plan
    from gateway.models import Kind, Provider
    from prompts.content import Content
    from prompts.services.versions import NewVersion, create_version
    from tests.evals.planned import contains

    project = Project.objects.get(slug="bench")
    Provider.objects.create(
        project=project, kind=Kind.OPENAI, name="Bench", base_url=paid.url, traced_as="openai",
        model_names=["gpt-4o-mini"], is_default=True,
    )  # fmt: skip
    dataset = create_dataset(project, "golden", actor=None)
    added = [AddItem({"input": {"question": f"Where is order {n}?"}}) for n in range(items)]
    change_items(dataset, added, actor=None, message="All of them")
    dataset.refresh_from_db()
    said = [{"role": "user", "content": "{{question}}"}]
    content = Content(kind="chat", prompt=said, model="gpt-4o-mini")
    version = create_version(project, "orders", NewVersion(content=content), actor=None)
    return Plan(dataset=dataset, prompt_version=version, evaluators=[contains(project)])


def ended(pk: int) -> Any:
    """The experiment, once it is over. Raises: TimeoutError."""
    from evals.models import Experiment

    until = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < until:
        experiment = Experiment.objects.get(pk=pk)
        if not experiment.is_open:
            return experiment
        time.sleep(0.05)
    raise TimeoutError(f"{experiment} is {experiment.state} with {experiment.done} results")


def scores(experiment: Any) -> dict[str, float | None]:
    """By item."""
    return dict(experiment.judgements.values_list("result__item_key", "num"))


def killed(installation: Installation, experiment: Any, kills: int) -> int:
    """Kill the worker so often, evenly over the results; how often it was."""
    done = 0
    for number in range(1, kills + 1):
        while True:
            experiment.refresh_from_db(fields=["done", "state"])
            if not experiment.is_open:
                return done
            if experiment.done >= experiment.total * number // (kills + 1):
                break
            time.sleep(0.02)
        done += sum(kill(pid) for pid in workers(installation))
    return done


def run(items: int, kills: int, concurrency: int) -> dict[str, Any]:
    """Both runs on one installation; what came of them."""
    with provider() as paid, running() as installation:
        use_settings_of(installation)
        import django

        django.setup()
        from dataclasses import replace

        from accounts.models import Project
        from evals.services.experiments import start_experiment

        plan = replace(furnish(paid, items), concurrency=concurrency)
        project = Project.objects.get(slug="bench")
        time.sleep(SETTLED_SECONDS)
        calm = ended(start_experiment(project, plan, actor=None).pk)
        assert calm.started_at is not None
        assert calm.finished_at is not None
        ideal = items / concurrency * ANSWER_SECONDS
        took = (calm.finished_at - calm.started_at).total_seconds()
        before = paid.answers()
        disturbed = start_experiment(project, plan, actor=None)
        times = killed(installation, disturbed, kills)
        disturbed = ended(disturbed.pk)
        now = paid.answers()
        again = sum(now.values()) - sum(before.values()) - items
        return {
            "items": items,
            "concurrency": concurrency,
            "ideal_seconds": round(ideal, 2),
            "seconds": round(took, 2),
            "ratio": round(took / ideal, 3),
            "calls": sum(before.values()),
            "kills": times,
            "results": disturbed.results.filter(state="done").count(),
            "failed": disturbed.failed,
            "called_again": again,
            "scores_equal": scores(calm) == scores(disturbed) and len(scores(calm)) == items,
            "spent_equal": calm.spent_nano == disturbed.spent_nano,
        }


def is_right(told: dict[str, Any]) -> bool:
    """Nothing is missing, and only calls in flight at a kill were made again."""
    return bool(
        told["calls"] == told["results"] == told["items"]
        and told["failed"] == 0
        and 0 <= told["called_again"] <= told["kills"] * told["concurrency"] * 2
        and told["scores_equal"]
        and told["spent_equal"]
    )


def main() -> int:
    """Run it; the exit code."""
    parser = argparse.ArgumentParser(prog="bench.experiments", description=__doc__)
    parser.add_argument("--items", type=int, default=500)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--any-pace", action="store_true", help="do not judge how long it took")
    chosen = parser.parse_args()
    told = run(chosen.items, chosen.kills, chosen.concurrency)
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
    is_quick = chosen.any_pace or told["ratio"] <= ALLOWED_RATIO
    return 0 if is_right(told) and is_quick else 1


if __name__ == "__main__":
    sys.exit(main())
