"""`roadworthy doctor`: says in plain words what is wrong with an installation."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from config.doctor import machine as doctor_machine
from config.doctor.findings import Finding, fail


def examine() -> list[Finding]:
    """Every finding, the machine's first; a broken one never hides those that follow."""
    data = Path(os.path.abspath(os.environ.get("ROADWORTHY_DATA") or ".roadworthy"))
    findings = [
        doctor_machine.python_version(),
        doctor_machine.virtual_environment(),
        doctor_machine.engine(),
        *doctor_machine.data_folder(data),
    ]
    return findings + _service_findings()


def _service_findings() -> list[Finding]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    try:
        import django
        from django.conf import settings

        django.setup()
        from config.doctor import service as doctor_service
    except Exception as error:  # whatever a wrong setting or a missing package raises
        return [fail("settings", str(error), "Correct that variable, or run `make setup`.")]
    return [
        doctor_service.secret_key(),
        doctor_service.public_address(),
        doctor_service.mail(),
        doctor_service.static_files(),
        doctor_machine.port(settings.PORT),
        *doctor_service.database(),
        *doctor_service.broker(),
    ]


def main(arguments: Sequence[str]) -> int:
    """Print the findings; 1 when one of them is a failure."""
    parser = argparse.ArgumentParser(prog="roadworthy doctor", description=__doc__)
    add_arguments(parser)
    return run(as_json=parser.parse_args(arguments).json)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One option."""
    parser.add_argument("--json", action="store_true", help="print a list of objects")


def run(*, as_json: bool) -> int:
    """Print the findings; 1 when one of them is a failure."""
    findings = examine()
    if as_json:
        sys.stdout.write(json.dumps([one.as_json() for one in findings], indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(one.as_line() for one in findings) + "\n")
    return int(any(one.level == "fail" for one in findings))
