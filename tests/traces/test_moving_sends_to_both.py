"""The snippets of `docs/moving.md`, their very text: both installations get the same spans."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from accounts.models import Project
from tests.clients import python_of
from tests.factories import Key, make_key, make_project
from tests.traces.moving import bring, differing, spans_of
from tests.traces.serving import Web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timing]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "moving.md"
OTEL_CALL = """
with trace.get_tracer("app").start_as_current_span("answer") as span:
    span.set_attribute("gen_ai.operation.name", "chat")
    span.set_attribute("gen_ai.request.model", "gpt-4o-mini")
    span.set_attribute("gen_ai.usage.input_tokens", 12)
provider.shutdown()
"""
LANGFUSE_CALL = """
from langfuse import propagate_attributes
with langfuse.start_as_current_observation(name="agent", as_type="agent", input="hi") as root:
    with propagate_attributes(user_id="user-1", session_id="sess-1"):
        with langfuse.start_as_current_observation(
            name="answer", as_type="generation", model="gpt-4o-mini", input="hi",
            usage_details={"input": 12, "output": 3},
        ) as call:
            call.update(output="hello")
            call.score(name="helpful", value=1)
langfuse.flush()
trace.get_tracer_provider().force_flush()
"""


@pytest.fixture
def there(web: Web) -> tuple[Project, Key]:
    """The installation in use until now: another project of the same server."""
    project = make_project("there")
    return project, make_key(project)


def snippet(number: int) -> str:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return blocks[number]


def run(python: str, program: str, **environment: str) -> None:
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [python, "-c", program], env={**clean, **environment}, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Failed to export" not in done.stderr


def test_opentelemetry_with_two_exporters(
    web: Web, project: Project, key: Key, there: tuple[Project, Key]
) -> None:
    other, its_key = there
    run(
        sys.executable,
        snippet(0) + OTEL_CALL,
        OTLP_THERE=f"{web.url}/v1/traces",
        OTEL_EXPORTER_OTLP_HEADERS=f"x-api-key={its_key.secret}",
        ROADWORTHY_URL=web.url,
        ROADWORTHY_SECRET_KEY=key.secret,
    )
    here = spans_of(project)
    assert [span["feature"] for span in here.values()] == ["support-bot"]
    assert here.keys() == spans_of(other).keys()
    assert differing(here, spans_of(other)) == {}


def test_langfuse_with_a_second_exporter_and_an_import_for_the_scores(
    web: Web, project: Project, key: Key, client: httpx.Client, there: tuple[Project, Key]
) -> None:
    other, its_key = there
    run(
        str(python_of("langfuse-5")),
        snippet(1) + LANGFUSE_CALL,
        LANGFUSE_BASE_URL=web.url,
        LANGFUSE_PUBLIC_KEY=its_key.public,
        LANGFUSE_SECRET_KEY=its_key.secret,
        ROADWORTHY_URL=web.url,
        ROADWORTHY_SECRET_KEY=key.secret,
    )
    here = spans_of(project)
    assert sorted(span["name"] for span in here.values()) == ["agent", "answer"]
    assert here.keys() == spans_of(other).keys()
    assert differing(here, spans_of(other)) == {}
    told = bring("langfuse", project, web.url, public_key=its_key.public, secret_key=its_key.secret)
    assert told[-1] == (
        "Done: 0 traces, 0 spans and 1 scores are new; 2 spans and 0 scores were here."
    )
