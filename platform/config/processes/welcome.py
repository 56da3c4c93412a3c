"""What `roadworthy up` prints once the installation answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Provisioned:
    """The first owner and project; `password` and `secret_key` only when they are new."""

    created: bool
    email: str
    password: str | None
    project_slug: str
    public_key: str
    secret_key: str | None

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """From what the command `prepare --json` prints."""
        return cls(**{name: found[name] for name in cls.__dataclass_fields__})


def text(host: str, port: int, provisioned: Provisioned, database: str | None) -> str:
    """The address, the login, the keys and a request to paste; secrets only the first time."""
    name = {"127.0.0.1": "localhost", "0.0.0.0": "localhost", "::": "localhost"}.get(host, host)  # noqa: S104
    address = f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
    lines = ["", f"Roadworthy runs at {address}", ""]
    if provisioned.password:
        lines += [f"  login     {provisioned.email}", f"  password  {provisioned.password}"]
    else:
        lines += [f"  login     {provisioned.email} (lost the password? roadworthy createadmin)"]
    if provisioned.project_slug:
        lines += [f"  project   {provisioned.project_slug}"]
        lines += [f"  key       {provisioned.public_key}"]
    if provisioned.secret_key:
        lines += [f"  secret    {provisioned.secret_key}"]
        lines += ["", "Login and secret are shown this once. Send a first trace:", ""]
        lines += [request_to_paste(address, provisioned.secret_key)]
    if database:
        lines += ["", f"Database: {database}"]
    lines += ["", "Ctrl-C stops everything.", "", ""]
    return "\n".join(lines)


def request_to_paste(address: str, secret_key: str) -> str:
    """A shell command that stores a trace of two spans, begun two seconds ago."""
    return f"""\
curl {address}/api/v1/traces \\
  -H 'Authorization: Bearer {secret_key}' -H 'Content-Type: application/json' -d '
  {{"name": "hello", "spans": [{{"name": "answer a question", "kind": "agent",
    "start": '$(($(date +%s) - 2))000000000', "end": '$(date +%s)000000000',
    "input": "Is it roadworthy?", "output": "Yes.", "spans": [{{
      "name": "chat", "kind": "generation", "model": "gpt-4.1-mini",
      "start": '$(($(date +%s) - 1))000000000', "end": '$(date +%s)000000000',
      "input": "Is it roadworthy?", "output": "Yes.",
      "tokens": {{"input_total": 42, "output_total": 3}}}}]}}]}}'"""
