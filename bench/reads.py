"""Reads of prompts by one web process on one core, beside those of a real MLflow server.

    python -m bench.reads [--rounds 2] [--seconds 10]

Both servers have the same core, this client another; they are asked turn by turn in one run.
MLflow is installed in an environment of its own (minutes, once), and asked what its own client
was seen to ask for `load_prompt` by an alias: two requests. `alias` is the second alone, which
answers with the text. Prints JSON. `core_rate` is reads a second of the server's own CPU, which
also holds where others work on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote

import uvloop

from bench.asking import Read, Told, closed, offered, request
from bench.before import cpu_seconds
from bench.installation import (
    EMAIL,
    SECRET_KEY,
    Installation,
    free_port,
    running,
    use_settings_of,
    wait_ready,
)
from bench.moving import ROOT, mlflow

SERVER_CORE, CLIENT_CORE = 0, 1
CONNECTIONS, RATE = 16, 500.0
KEY = f"Bearer {SECRET_KEY}"
TEXT = (
    "You are the refunds specialist of {{company}}.\n"
    "Answer in at most {{words}} words, in the customer's language.\n"
    "Never promise a date. Say which step comes next, and who does it.\n"
) * 5  # 0.9 KB
ROLLED_OUT = "refund-agent"


@dataclass
class Server:
    """One that is asked: what a read of it is, and which processes serve it."""

    url: str
    reads: Sequence[Read]
    processes: Sequence[int]

    def cpu(self) -> float:
        """CPU seconds that its processes have used, to the nanosecond.

        Source: clock_getcpuclockid(3); the number of the clock is made as glibc makes it.
        """
        return sum(time.clock_gettime(~process << 3 | 2) for process in self.processes)


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """What starts meanwhile stays on that core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def web_process(installation: Installation) -> Iterator[tuple[str, int]]:
    """One more web process of the installation: its address and its number."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    environment = {
        **installation.environment,
        "DATABASE_URL": installation.database_url,
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
    }
    words = [sys.executable, "-m", "config.processes.web", "--port", str(port)]
    with (installation.data / f"web-{port}.log").open("wb") as log:
        process = subprocess.Popen(words, env=environment, stdout=log, stderr=log)
        try:
            wait_ready(url)
            yield url, process.pid
        finally:
            process.terminate()
            process.wait(30)


def make_prompts(installation: Installation) -> list[str]:
    """Eight prompts, one in a rollout and one with a reference; the addresses of usual reads.

    Half of them say who reads, so that during the rollout an arm has to be chosen.
    """
    use_settings_of(installation)
    import django

    django.setup()
    from accounts.models import Project, User
    from prompts.content import Content
    from prompts.services.moving import set_labels
    from prompts.services.proposing import Proposal, propose
    from prompts.services.rolling import Plan, roll_out
    from prompts.services.versions import NewVersion, create_version

    project, person = Project.objects.get(slug="bench"), User.objects.get(email=EMAIL)
    names = [ROLLED_OUT, "support/greeting", *(f"support/topic {n}" for n in range(6))]
    for name in names:
        text = TEXT if name != "support/greeting" else TEXT + "{{> support/topic 0#latest}}"
        new = NewVersion(content=Content(kind="text", prompt=text))
        set_labels(
            create_version(project, name, new, actor=person).prompt, 1, ["production"], actor=person
        )
    second = NewVersion(content=Content(kind="text", prompt=TEXT.replace("date", "day")))
    version = create_version(project, ROLLED_OUT, second, actor=person)
    proposal = Proposal(label="production", number=version.number, title="Say day")
    roll_out(propose(version.prompt, proposal, actor=person), Plan(share=1000), actor=person)
    paths = [f"/api/v1/prompts/{quote(name, safe='')}" for name in names]
    keyed = [f"{path}?label=production&key=user-{number}"
             for number, path in enumerate(islice(cycle(paths), 400))]  # fmt: skip
    return [target for pair in zip(cycle(paths), keyed) for target in pair]


def asked_by_mlflow(url: str) -> Read:
    """Let its client register a prompt; the requests of a read of it."""
    from tests.clients import python_of

    script = ROOT / "tests" / "clients" / "mlflow_prompt.py"
    words = [str(python_of("mlflow")), str(script), url, TEXT]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    asked = json.loads(done.stdout.splitlines()[-1])
    assert {method for method, _ in asked} == {"GET"}, asked
    return [request(url, target) for _, target in asked]


def figures_of(server: Server, told: Told, cpu: float) -> dict[str, Any]:
    """What is printed of one load."""
    return {
        "rate": round(told.rate),
        "core_rate": round(len(told.waited) / cpu),
        **{f"p{share}_ms": round(told.percentile(share / 100), 2) for share in (50, 95, 99)},
    }


def ask(server: Server, seconds: float, rate: float = 0.0) -> dict[str, Any]:
    """Load it for a while: at `rate` reads a second, else as fast as it answers."""
    before = server.cpu()
    if rate:
        load = offered(server.url, server.reads, rate=rate, seconds=seconds)
    else:
        load = closed(server.url, server.reads, connections=CONNECTIONS, seconds=seconds)
    told = uvloop.run(load)
    assert not told.failed, told.refusal
    return figures_of(server, told, server.cpu() - before)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10.0)
    chosen = parser.parse_args()
    figures: dict[str, Any] = {"at 16 connections": [], f"at {RATE:g}/s": [], "times MLflow": []}
    with ExitStack() as stack:
        installation = stack.enter_context(
            running(WEB_PROCESSES="1", PROMPT_READS_PER_SECOND="1000000")
        )
        targets = make_prompts(installation)
        from tests.clients import python_of

        with on_core(SERVER_CORE):
            url, process = stack.enter_context(web_process(installation))
            known = set(cpu_seconds(os.getpid()))
            of_mlflow = stack.enter_context(mlflow(python_of("mlflow")))
        theirs = sorted(set(cpu_seconds(os.getpid())) - known)
        asked = asked_by_mlflow(of_mlflow)
        servers = {
            "here": Server(
                url, [[request(url, one, Authorization=KEY)] for one in targets], [process]
            ),
            "mlflow": Server(of_mlflow, [asked], theirs),
            "mlflow, alias": Server(of_mlflow, [asked[-1:]], theirs),
        }
        os.sched_setaffinity(0, {CLIENT_CORE})
        for server in servers.values():
            ask(server, 2.0)  # warms it
        for _ in range(chosen.rounds):
            turn = {name: ask(server, chosen.seconds) for name, server in servers.items()}
            figures["at 16 connections"].append(turn)
            figures["times MLflow"].append(
                {
                    f"{name}, {of}": round(turn["here"][of] / turn[name][of], 1)
                    for name in ("mlflow", "mlflow, alias")
                    for of in ("rate", "core_rate")
                }
            )
            figures[f"at {RATE:g}/s"].append(ask(servers["here"], 2 * chosen.seconds, RATE))
    json.dump(figures, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
