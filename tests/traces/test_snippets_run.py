"""Each snippet of onboarding, its very text, with the real packages against a running server."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients import FOLDER
from tests.clients import snippets as programs
from tests.factories import Key
from tests.provider import ANSWER, MODELS, Provider, running
from tests.traces.serving import Web
from traces.pages.snippets import Snippet, snippets

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timing]

USAGE = MODELS[programs.MODEL].first


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as one:
        yield one


@pytest.fixture
def shown(web: Web, key: Key) -> dict[str, Snippet]:
    """What the page shows to whoever just made a key."""
    return {one.name: one for one in snippets(web.url, key.secret, key.public)}


def the_call(client: httpx.Client) -> dict[str, Any]:
    """The one call that arrived, with what its trace has around it in `others`."""
    [trace] = client.get("/api/v1/traces").json()["data"]
    spans = client.get(f"/api/v1/traces/{trace['trace_id']}/spans").json()["data"]
    [call, *others] = sorted(spans, key=lambda span: span["kind"] != "generation")
    assert not any(span["kind"] == "generation" for span in others)
    return {**call, "others": others}


def check_figures(call: dict[str, Any]) -> None:
    assert call["model"] == MODELS[programs.MODEL].name
    assert call["tokens"]["input_total"] == USAGE.prompt
    assert call["tokens"]["output_total"] == USAGE.completion
    assert call["duration_ms"] is None or call["duration_ms"] >= 0


def said(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["role"], part["content"]) for one in messages for part in one["parts"]]


def check_messages(call: dict[str, Any]) -> None:
    assert said(call["input"]) == [("user", programs.QUESTION)]
    assert said(call["output"]) == [("assistant", ANSWER)]


@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_a_snippet_sends_what_its_note_says(
    name: str, shown: dict[str, Snippet], client: httpx.Client, provider: Provider, tmp_path: Path
) -> None:
    snippet, program = shown[name], programs.PROGRAMS[name]
    content = programs.variables(snippet.code)
    programs.run(program, snippet.text, tmp_path, provider.url, **content)
    call = the_call(client)
    check_figures(call)
    check_messages(call)


@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_its_mask_keeps_messages_back(
    name: str, shown: dict[str, Snippet], client: httpx.Client, provider: Provider, tmp_path: Path
) -> None:
    snippet, program = shown[name], programs.PROGRAMS[name]
    # Where the page names no mask the messages stay away until what `code` says is set.
    assert snippet.mask_code or snippet.code
    programs.run(program, snippet.text, tmp_path, provider.url, mask=snippet.mask_code)
    call = the_call(client)
    check_figures(call)
    assert len(provider.answers) == 1
    for text in (programs.QUESTION, ANSWER):
        assert text not in json.dumps(call)


@pytest.mark.parametrize("name", programs.STOCK)
def test_the_variables_are_enough_for_a_stock_program(
    name: str, shown: dict[str, Snippet], client: httpx.Client, provider: Provider, tmp_path: Path
) -> None:
    programs.run_under(programs.STOCK[name], shown["otel"].text, tmp_path, provider.url)
    call = the_call(client)
    check_figures(call)
    check_messages(call)
    assert call["feature"] == "my-feature"


def test_the_variables_mask_without_their_last_line(
    shown: dict[str, Snippet], client: httpx.Client, provider: Provider, tmp_path: Path
) -> None:
    lines = shown["otel"].text.splitlines()[:-1]
    programs.run_under(programs.STOCK["python"], "\n".join(lines), tmp_path, provider.url)
    call = the_call(client)
    check_figures(call)
    assert programs.QUESTION not in json.dumps(call)


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl to run it with")
def test_curl_sends_its_call(
    shown: dict[str, Snippet], client: httpx.Client, tmp_path: Path
) -> None:
    programs.paste(shown["curl"].text, tmp_path)
    call = the_call(client)
    assert (call["model"], call["input"], call["output"]) == (
        "gpt-4o-mini",
        "Are you there?",
        "Yes.",
    )
    assert (call["tokens"]["input_total"], call["tokens"]["output_total"]) == (5, 2)


def test_every_snippet_is_run(shown: dict[str, Snippet]) -> None:
    assert set(shown) == {*programs.PROGRAMS, "otel", "curl"}
    for snippet in shown.values():
        assert len(snippet.text.splitlines()) <= 12
        assert snippet.note
        assert snippet.mask


@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_what_is_installed_is_what_its_line_says(name: str, shown: dict[str, Snippet]) -> None:
    install, packages = shown[name].install, programs.PROGRAMS[name].packages
    tool, _install, *asked = install.split()
    if tool == "npm":
        stated = json.loads((FOLDER / packages / "package.json").read_text())["dependencies"]
        assert set(stated) == set(asked)
    else:
        locked = re.findall(r"^([a-z0-9-]+)==", (FOLDER / f"{packages}.lock").read_text(), re.M)
        assert set(asked) <= set(locked)
