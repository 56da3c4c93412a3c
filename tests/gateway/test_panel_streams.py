"""With script: all columns come in one stream of lines, side by side, and leaving hangs up."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Project, User
from gateway import services
from gateway.models import Kind
from gateway.terms import Terms
from prompts.content import Content
from prompts.services.versions import NewVersion, create_version
from tests.gateway.calling import KEY
from tests.provider import ANSWER
from tests.provider import Provider as Upstream
from tests.provider_faults import Fault
from tests.traces.serving import Web, web_process
from tests.traces.stored import within
from traces.models import Span

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/p/support/prompts/refund/test/"
STREAM = {"Accept": "application/x-ndjson"}


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with web_process(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture
def browser(web: Web, alice: User) -> Iterator[httpx.Client]:
    """Signed in as Alice, with the token that forms carry."""
    signed_in = Client()
    signed_in.force_login(alice)
    cookies = {settings.SESSION_COOKIE_NAME: signed_in.cookies["sessionid"].value}
    with httpx.Client(base_url=web.url, cookies=cookies, timeout=30) as client:
        client.get(PAGE)
        client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
        yield client


@pytest.fixture
def targets(project: Project, alice: User, upstream: Upstream) -> tuple[str, str]:
    """A prompt, and the models of a simulated and of a real provider."""
    content = Content("text", "Where is {{what}}?", model="simulated-small")
    create_version(project, "refund", NewVersion(content), actor=alice)
    simulated = services.create_provider(project, Terms(Kind.SIMULATED, "Sim"), actor=alice)
    terms = Terms(Kind.OPENAI, "Real", upstream.url, model_names=["gpt-4o-mini"])
    real = services.create_provider(project, terms, key=KEY, actor=alice)
    return f"{simulated.pk}:", f"{real.pk}:gpt-4o-mini"


def said(*columns: str) -> dict[str, Any]:
    chosen = {f"target_{place}": target for place, target in enumerate(columns)}
    versions = {f"version_{place}": "1" for place in range(len(columns))}
    return {"act": "run", "variable_name": "what", "variable_value": "it", **versions, **chosen}


def test_columns_come_side_by_side(
    targets: tuple[str, str], browser: httpx.Client, upstream: Upstream
):
    simulated, real = targets
    upstream.faults.append(Fault(pause=0.05))
    columns = said(f"{simulated}simulated-small", real, f"{simulated}simulated-429", "9:gone")
    lines: list[tuple[float, dict[str, Any]]] = []
    with browser.stream("POST", PAGE, data=columns, headers=STREAM) as response:
        assert response.headers["content-type"] == "application/x-ndjson"
        for line in response.iter_lines():
            lines.append((time.monotonic(), json.loads(line)))
    first, rest = lines[0][1], [told for _, told in lines[1:]]
    assert first["html"].count("data-asked") == 3
    assert "This provider is not connected any more" in first["html"]
    texts = [(told["column"], told["text"]) for told in rest if "text" in told]
    assert "".join(text for place, text in texts if place == 1) == ANSWER
    order = [place for place, _ in texts]
    last = {place: len(order) - 1 - order[::-1].index(place) for place in (0, 1)}
    assert order.index(1) < last[0]  # neither waits for the other
    assert order.index(0) < last[1]
    spread = [at for at, told in lines if told.get("column") == 1 and "text" in told]
    assert spread[-1] - spread[0] > 0.1  # word by word, not at once
    ends = {told["column"]: told["html"] for told in rest if "html" in told}
    assert ends.keys() == {0, 1, 2}
    assert "Sim is asked too much (429): simulated." in ends[2]
    assert "Open the trace" in ends[1]
    assert KEY not in json.dumps([told for _, told in lines])


def test_who_leaves_hangs_up_on_the_provider(
    targets: tuple[str, str], browser: httpx.Client, upstream: Upstream
):
    upstream.faults.append(Fault(pause=0.3))
    with browser.stream("POST", PAGE, data=said(targets[1]), headers=STREAM) as response:
        lines = response.iter_lines()
        next(lines)
        next(lines)
        left = time.monotonic()
    assert within(2, lambda: bool(upstream.left))
    assert upstream.left[0] - left < 0.2
    cancelled = Span.objects.filter(error_type="cancelled")
    assert within(3, cancelled.exists)


def test_a_run_that_cannot_be_is_refused_in_words(targets: tuple[str, str], browser: httpx.Client):
    refused = browser.post(PAGE, data=said() | {"conversation": "["}, headers=STREAM)
    assert refused.status_code == 422
    assert "this is not JSON" in refused.text
    assert "<html" not in refused.text
