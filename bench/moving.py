"""Imports from a real Phoenix and a real MLflow, compared with what was sent, killed, run again.

    python -m bench.moving [--traces 400] [--record tests/fixtures/moving]

Installs both servers in environments of their own (minutes, once). Each gets recorded requests of
real clients, and they are sent here as well: spans must be equal but for what a server forgets.
With `--record` the answers are kept for the tests. Prints JSON; the exit code is 1 where a span is
missing, stored twice or different.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from bench.installation import SECRET_KEY, Installation, free_port, running, use_settings_of

ROOT = Path(__file__).resolve().parents[1]
SENT = ROOT / "tests" / "fixtures" / "otlp"
PHOENIX_PROJECT, EXPERIMENT = "weather", "support-bot"
SENT_TO_BOTH, TRACES_TO_BOTH, SPANS_TO_BOTH = "both", 5, 17
RECORDED = "openinference-openai-0.1.66-chat"  # goes to the Phoenix project of this name
START_SECONDS = 120
PROTOBUF = {"content-type": "application/x-protobuf"}
# What both servers round or forget: Phoenix keeps microseconds; neither keeps the resource.
COMPARED = (
    "kind", "name", "parent_span_id", "level", "model", "model_requested", "provider",
    "in_uncached", "in_cached", "in_cache_write", "in_audio", "out_text", "out_reasoning",
    "out_audio", "cost_nano", "counts", "user_id", "session_id", "prompt_name", "prompt_version",
    "error_type",
)  # fmt: skip
_ONE, _OTHER = (", ".join(f"{side}.{name}" for name in COMPARED) for side in "ab")
_DIFFERENT = f"""
with a as (select * from span where project_id = %(one)s),
     b as (select * from span where project_id = %(other)s)
select count(*) filter (where b.span_id is null),
  count(*) filter (where b.span_id is not null and ({_ONE}) is distinct from ({_OTHER})),
  count(*) filter (where abs(extract(epoch from a.start_time - b.start_time)) > 0.000002)
from a left join b using (trace_id, span_id)
"""


@contextmanager
def server(command: list[str], url: str, health: str, folder: Path, **extra: str) -> Iterator[str]:
    """Start one, wait until it answers, end it."""
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **extra}, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + START_SECONDS
            while True:
                try:
                    if httpx.get(url + health, timeout=2).status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit((folder / "server.log").read_text()[-2000:])
                time.sleep(0.3)
            yield url
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # it has workers of its own
            process.wait(30)


@contextmanager
def phoenix(python: Path) -> Iterator[str]:
    """A Phoenix with nothing in it."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="phoenix-") as folder, server(
        [str(python.parent / "phoenix"), "serve"], f"http://127.0.0.1:{port}", "/healthz",
        Path(folder), PHOENIX_WORKING_DIR=folder, PHOENIX_PORT=str(port),
        PHOENIX_GRPC_PORT=str(free_port()), PHOENIX_HOST="127.0.0.1",
        PHOENIX_TELEMETRY_ENABLED="false",
    ) as url:  # fmt: skip
        yield url


@contextmanager
def mlflow(python: Path) -> Iterator[str]:
    """An MLflow server with nothing in it."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="mlflow-") as folder:
        command = [str(python.parent / "mlflow"), "server", "--host", "127.0.0.1", "--port",
                   str(port), "--backend-store-uri", "sqlite:///mlflow.db",
                   "--artifacts-destination", "./artifacts", "--workers", "1"]  # fmt: skip
        with server(
            command, f"http://127.0.0.1:{port}", "/health", Path(folder),
            PATH=f"{python.parent}:{os.environ['PATH']}",
            MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false",
        ) as url:  # fmt: skip
            yield url


def fill_phoenix(url: str) -> None:
    """One project with a recorded trace and an annotation of each sort."""
    body = (SENT / f"{RECORDED}.pb").read_bytes()
    with httpx.Client(base_url=url, timeout=30) as http:
        http.post("/v1/traces", content=body, headers=PROTOBUF).raise_for_status()
        spans: list[dict[str, Any]] = []
        while len(spans) < 6:  # it stores in the background
            time.sleep(0.5)
            answer = http.get(f"/v1/projects/{PHOENIX_PROJECT}/spans")
            spans = answer.json()["data"] if answer.status_code == 200 else []
        [root] = [span for span in spans if span["parent_id"] is None]
        call = min(
            (span for span in spans if span["span_kind"] == "LLM"),
            key=lambda one: one["start_time"],
        )
        of_call = {"span_id": call["context"]["span_id"]}
        of_root = {"span_id": root["context"]["span_id"]}
        of_trace = {"trace_id": root["context"]["trace_id"]}
        judged = {"label": "correct", "score": 1.0, "explanation": "It is sunny."}
        for kind, data in (
            ("span", {**of_call, "name": "correctness", "annotator_kind": "LLM", "result": judged,
                      "metadata": {"judge": "gpt-4o"}, "identifier": "run-1"}),
            ("span", {**of_call, "name": "tone", "annotator_kind": "HUMAN",
                      "result": {"label": "polite"}}),
            ("span", {**of_root, "name": "checked", "annotator_kind": "CODE",
                      "result": {"score": 0.5}}),
            ("trace", {**of_trace, "name": "resolved", "annotator_kind": "CODE",
                       "result": {"score": 1.0}}),
            ("session", {"session_id": "sess-9", "name": "mood", "annotator_kind": "HUMAN",
                         "result": {"score": 4, "label": "happy"}}),
        ):  # fmt: skip
            http.post(
                f"/v1/{kind}_annotations", params={"sync": "true"}, json={"data": [data]}
            ).raise_for_status()


def fill_mlflow(
    url: str, python: Path, traces: int, experiment: str = EXPERIMENT, **extra: str
) -> None:
    """An experiment filled by MLflow's own client."""
    script = ROOT / "tests" / "clients" / "mlflow_fill.py"
    done = subprocess.run(
        [str(python), str(script), url, experiment, str(traces)], capture_output=True, text=True,
        env={**os.environ, **extra},
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])


# --- the answers, for the tests -------------------------------------------------------------
def record(source: Any, path: Path, about: str) -> None:
    """Walk through a source and keep every exchange."""
    from datetime import UTC, datetime

    kept: list[dict[str, Any]] = []

    def keep(answer: httpx.Response) -> None:
        answer.read()
        asked = answer.request
        kept.append(
            {
                "method": asked.method,
                "path": asked.url.path,
                "query": sorted(asked.url.params.multi_items()),
                "request": json.loads(asked.content) if asked.content else None,
                "status": answer.status_code,
                "response": answer.json() if answer.status_code == 200 else answer.text,
            }
        )

    source._reader._client.event_hooks = {"response": [keep]}
    source.check()
    for _ in source.pages(None, datetime.now(UTC), None):
        pass
    source.close()
    told = {"server": about, "exchanges": kept}
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    path.write_text(text.replace(f"{ROOT}/", ""))  # clients say where they run


def record_all(folder: Path, from_phoenix: str, from_mlflow: str) -> None:
    """Keep what both servers answer, in pages small enough to need several."""
    from traces.moving import mlflow as of_mlflow
    from traces.moving import phoenix as of_phoenix
    from traces.moving.reader import Reader

    folder.mkdir(parents=True, exist_ok=True)
    of_phoenix.SPANS_A_PAGE, of_mlflow.TRACES_A_PAGE = 2, 2
    of_phoenix.MOST_REMEMBERED = 0  # a run that goes on asks again
    record(
        of_phoenix.Phoenix(Reader(from_phoenix), PHOENIX_PROJECT),
        folder / "phoenix.json", "arize-phoenix " + version_of("phoenix", "arize-phoenix"),
    )  # fmt: skip
    about = "mlflow " + version_of("mlflow", "mlflow")
    source = of_mlflow.MLflow(Reader(from_mlflow), EXPERIMENT)
    record(source, folder / "mlflow.json", about)
    source = of_mlflow.MLflow(Reader(from_mlflow), EXPERIMENT)
    source._batches = False
    record(source, folder / "mlflow-artifacts.json", about)


def both(installation: Installation) -> dict[str, str]:
    """The environment of `docs/moving.md` in which MLflow's client sends here too."""
    return {
        "MLFLOW_TRACE_ENABLE_OTLP_DUAL_EXPORT": "true",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{installation.url}/v1/traces",
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS": f"Authorization=Bearer%20{SECRET_KEY}",
    }


def version_of(lock: str, package: str) -> str:
    """The version in a lock."""
    text = (ROOT / "tests" / "clients" / f"{lock}.lock").read_text()
    found = re.search(rf"^{re.escape(package)}==(\S+)", text, re.MULTILINE)
    return found[1] if found else "?"


# --- the trial ------------------------------------------------------------------------------
def command(project: str, *words: str) -> list[str]:
    """`roadworthy import` as an operator runs it."""
    return [sys.executable, "-m", "config.cli", "import", *words, "--project", project]


def bring(installation: Installation, project: str, *words: str) -> str:
    """Run it to its end; what it said last of all."""
    done = subprocess.run(
        command(project, *words), capture_output=True, text=True,
        env={**os.environ, **installation.environment}, cwd=ROOT,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stdout[-1000:] + done.stderr[-2000:])
    return next(line for line in done.stdout.splitlines() if line.startswith("Done:"))


def kill_midway(installation: Installation, project: str, *words: str) -> bool:
    """Start it and kill it after its first line; whether it was still at work."""
    process = subprocess.Popen(
        command(project, *words), stdout=subprocess.PIPE, text=True,
        env={**os.environ, **installation.environment}, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    process.kill()
    process.wait()
    return not line.startswith("Done:")


def trial(installation: Installation, from_phoenix: str, from_mlflow: str, traces: int) -> Any:
    """Import, compare, kill, repeat; the figures, `wrong` counts what must not be."""
    from accounts.models import Project

    first = Project.objects.order_by("pk").first()
    assert first is not None
    for slug in ("direct", "px", "mf"):
        Project.objects.get_or_create(
            slug=slug, defaults={"name": slug, "organization": first.organization}
        )
    of_phoenix = ("phoenix", "--from", from_phoenix, "--from-project", PHOENIX_PROJECT)
    of_mlflow = ("mlflow", "--from", from_mlflow, "--experiment", EXPERIMENT)
    figures: dict[str, Any] = {"wrong": 0}
    send_directly()
    figures["phoenix"] = bring(installation, "px", *of_phoenix)
    figures["phoenix again"] = bring(installation, "px", *of_phoenix)
    figures["killed midway"] = kill_midway(installation, "mf", *of_mlflow)
    began = time.monotonic()
    figures["mlflow"] = bring(installation, "mf", *of_mlflow)
    figures["mlflow seconds"] = round(time.monotonic() - began, 1)
    figures["mlflow again"] = bring(installation, "mf", *of_mlflow)
    figures["sent to both"] = bring(installation, first.slug, *of_mlflow[:-1], SENT_TO_BOTH)
    sent = f"0 traces, 0 spans and {2 * TRACES_TO_BOTH + 1} scores are new; {SPANS_TO_BOTH} spans"
    figures["wrong"] += sent not in figures["sent to both"]
    ids = dict(Project.objects.values_list("slug", "pk"))
    with psycopg.connect(installation.database_url) as link:
        row = link.execute(_DIFFERENT, {"one": ids["direct"], "other": ids["px"]}).fetchone()
        assert row is not None
        figures["phoenix lacking, different, other times"] = list(row)
        figures["wrong"] += sum(row)
        counted = link.execute(
            "select count(*), count(distinct (trace_id, span_id)), count(distinct trace_id) "
            "from span where project_id = %s",
            [ids["mf"]],
        ).fetchone()
    assert counted is not None
    figures["mlflow spans, distinct, traces"] = list(counted)
    figures["wrong"] += counted[0] - counted[1] + abs(traces - counted[2])
    for name in ("phoenix again", "mlflow again"):
        figures["wrong"] += not figures[name].startswith("Done: 0 traces, 0 spans and 0 scores")
    return figures


def send_directly() -> None:
    """The recorded request of the Phoenix project by intake's own way."""
    from accounts.models import Project
    from kit.connections import own_connection
    from traces.ingest.pipeline import Dialect, prepare
    from traces.ingest.writer.store import Store

    project = Project.objects.get(slug="direct")
    body = (SENT / f"{RECORDED}.pb").read_bytes()
    prepared = prepare(
        body, encoding="", content_type=PROTOBUF["content-type"], dialect=Dialect.OTLP,
        project_id=project.pk,
    )  # fmt: skip
    store = Store(own_connection)
    store.write(prepared.spans)
    store.close()


def main() -> int:
    """Run the trial; 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--traces", type=int, default=400)
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    with ExitStack() as stack:
        installation = stack.enter_context(running())
        use_settings_of(installation)
        import django

        django.setup()
        logging.getLogger("httpx").setLevel(logging.WARNING)
        from tests.clients import python_of

        pythons = {name: python_of(name) for name in ("phoenix", "mlflow")}
        from_phoenix = stack.enter_context(phoenix(pythons["phoenix"]))
        from_mlflow = stack.enter_context(mlflow(pythons["mlflow"]))
        fill_phoenix(from_phoenix)
        if options.record:
            fill_mlflow(from_mlflow, pythons["mlflow"], 4)
            record_all(options.record, from_phoenix, from_mlflow)
            return 0
        fill_mlflow(from_mlflow, pythons["mlflow"], options.traces)
        fill_mlflow(
            from_mlflow, pythons["mlflow"], TRACES_TO_BOTH, SENT_TO_BOTH, **both(installation)
        )
        figures = trial(installation, from_phoenix, from_mlflow, options.traces)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    return 1 if figures["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
