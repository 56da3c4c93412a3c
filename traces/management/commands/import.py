"""`roadworthy import`: bring traces and scores over from Langfuse, Phoenix or MLflow."""

from __future__ import annotations

import logging
import os
from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Project
from traces.models import ImportRun
from traces.moving.errors import SourceError
from traces.moving.langfuse import Langfuse
from traces.moving.mlflow import MLflow
from traces.moving.page import Source
from traces.moving.phoenix import Phoenix
from traces.moving.reader import Reader
from traces.moving.walk import run_import

_GOES_ON = "What was stored stays; the same command goes on from there."


class Command(BaseCommand):
    """The keys are read from the options or the environment, and kept nowhere."""

    help = (
        "Read another installation's traces and scores into a project. May be broken off and "
        "started again: it goes on where it stopped, and nothing comes twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """A word for each source, with what it needs."""
        sources = parser.add_subparsers(dest="source", required=True, metavar="SOURCE")
        langfuse = sources.add_parser("langfuse", help="Langfuse, cloud or self-hosted")
        _shared(langfuse, "https://cloud.langfuse.com")
        langfuse.add_argument("--public-key", help="else LANGFUSE_PUBLIC_KEY")
        langfuse.add_argument("--secret-key", help="else LANGFUSE_SECRET_KEY")
        langfuse.add_argument(
            "--api", choices=["v1", "v2"], help="which of its APIs to read (default: what it has)"
        )
        phoenix = sources.add_parser("phoenix", help="Arize Phoenix")
        _shared(phoenix, "http://localhost:6006")
        phoenix.add_argument("--from-project", required=True, help="its project's name")
        phoenix.add_argument("--api-key", help="else PHOENIX_API_KEY")
        mlflow = sources.add_parser("mlflow", help="MLflow 3")
        _shared(mlflow, "http://localhost:5000")
        mlflow.add_argument("--experiment", required=True, help="its experiment's name")
        mlflow.add_argument("--token", help="else MLFLOW_TRACKING_TOKEN")
        for each in (phoenix, mlflow):
            each.add_argument("--environment", help="of spans that name none")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read all of it; lines of progress, then what came of it."""
        # A line for each request would hide those of progress.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        project = (
            Project.objects.select_related("organization").filter(slug=options["project"]).first()
        )
        if project is None:
            raise CommandError(f"There is no project {options['project']!r}")
        since, until = options["since"], options["until"]
        if since and until and until <= since:
            raise CommandError("--until must be after --since")
        source: Source | None = None
        try:
            source = self._source(options)
            run = run_import(
                project, source, since=since, until=until, again=options["again"], tell=self._tell
            )
        except SourceError as error:
            raise CommandError(f"{error}. {_GOES_ON if error.is_begun else ''}".strip()) from None
        except KeyboardInterrupt:
            raise CommandError(f"Broken off. {_GOES_ON}") from None
        finally:
            if source is not None:
                source.close()
        self._sum_up(run)

    def _source(self, options: dict[str, Any]) -> Source:
        base = options["base"]
        match options["source"]:
            case "langfuse":
                pair = (
                    _secret(options, "public_key", "LANGFUSE_PUBLIC_KEY"),
                    _secret(options, "secret_key", "LANGFUSE_SECRET_KEY"),
                )
                return Langfuse(
                    Reader(base, auth=pair, tell=self._tell),
                    api=options["api"],
                    feature=options["feature"] or "",
                )
            case "phoenix":
                key = options["api_key"] or os.environ.get("PHOENIX_API_KEY")
                return Phoenix(
                    Reader(base, headers=_bearer(key), tell=self._tell),
                    options["from_project"],
                    _resource(options),
                )
            case _:
                key = options["token"] or os.environ.get("MLFLOW_TRACKING_TOKEN")
                return MLflow(
                    Reader(base, headers=_bearer(key), tell=self._tell),
                    options["experiment"],
                    _resource(options),
                )

    def _sum_up(self, run: ImportRun) -> None:
        counts = run.counts
        self._tell(
            f"Done: {counts.get('traces', 0):,} traces, {counts.get('spans', 0):,} spans and "
            f"{counts.get('scores', 0):,} scores are new; {counts.get('known_spans', 0):,} spans "
            f"and {counts.get('known_scores', 0):,} scores were here."
        )
        if cut := counts.get("cut_spans"):
            self._tell(f"  {cut:,} spans held something longer than the limits; they say what")
        for why, count in sorted(run.skipped.items(), key=lambda item: (-item[1], item[0])):
            self._tell(f"  not taken: {count:,} {why}")

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _shared(parser: CommandParser, example: str) -> None:
    parser.add_argument("--project", required=True, help="address name of the project here")
    parser.add_argument("--from", dest="base", required=True, help=f"address, such as {example}")
    parser.add_argument("--since", type=_instant, help="first start, such as 2026-11-01 (UTC)")
    parser.add_argument("--until", type=_instant, help="what began from here on is left (now)")
    parser.add_argument("--feature", help="of spans that name none")
    parser.add_argument(
        "--again", action="store_true", help="write what is here once more, as it reads there now"
    )


def _secret(options: dict[str, Any], option: str, variable: str) -> str:
    found = options[option] or os.environ.get(variable)
    if not found:
        raise CommandError(f"--{option.replace('_', '-')} or the variable {variable} is needed")
    return str(found)


def _resource(options: dict[str, Any]) -> dict[str, str]:
    """What is said of every span, as an application says it of itself."""
    said = {
        "service.name": options["feature"],
        "deployment.environment.name": options["environment"],
    }
    return {name: value for name, value in said.items() if value}


def _bearer(key: str | None) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"} if key else {}


def _instant(value: str) -> datetime:
    """A date or a moment in UTC, or with its own offset."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise ArgumentTypeError(f"{value!r} is no date, such as 2026-11-01") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
