"""The Langfuse SDKs 5 and 2 themselves, unchanged: prompts as applications use them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from accounts.models import Project
from prompts.models import Prompt
from tests.clients import told_by
from tests.factories import Key
from tests.prompts.making import protect
from tests.traces.serving import Web

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "folder/weather sys"


@pytest.mark.parametrize("sdk", ["langfuse-5", "langfuse-2"])
def test_an_sdk_creates_reads_and_labels(web: Web, project: Project, key: Key, sdk: str) -> None:
    protect(project, "guarded")
    told = told_by(sdk, web.url, key, "langfuse_prompts", GUARDED="guarded")
    config = {"model": "gpt-4o-mini", "temperature": 0.2, "stop": None}
    assert told["created"] == [
        1, ["moving", "production", "latest"], ["weather"], config, "first"
    ]  # fmt: skip
    assert told["text"] == [NAME, 1, config, "You are a kind weather bot."]
    chat = [
        {"role": "system", "content": "You are kind."},
        {"role": "assistant", "content": "In Paris?"},
        {"role": "user", "content": "Weather in Paris?"},
    ]
    assert told["chat"] == (chat if sdk == "langfuse-5" else [chat[0], chat[2]])
    # A cached prompt stays until its time is over, then the move is seen.
    assert (told["stays"], told["cached"]) == (1, 1)
    assert (told["by_version"], told["by_label"]) == (["production"], [2, 2])
    assert told["moved"] == [1, ["production", "staging"]]
    labels = ["canary", "latest", "moving", "production", "staging"]
    assert told["listed"] == [[NAME, [1, 2], labels]]
    assert told["pages"] == [1, 1]
    assert told["composed"] == "Be brief, Ann. Help."
    assert told["fallback"] == "so be it"
    assert told["away"] == "be well"
    check_refusals(told)
    check_the_span(web, key, told["trace_id"])
    assert not web.complaints()


def check_refusals(told: dict[str, Any]) -> None:
    """A protected label is told with the page that proposes it, asked once, and stays."""
    for name, asked in (("create_guarded", ""), ("update_guarded", "&version=1")):
        kind, text, requests = told[name]
        page = f"/p/support/reviews/new/?prompt=folder%2Fweather+sys&label=guarded{asked}"
        assert page in text, (kind, text)
        assert requests == 1
    _, text, requests = told["missing"]
    assert "Prompt not found: 'nope' with label 'production'" in text
    assert requests == 1
    assert told["newest"] == 2  # nothing of the refused one was made
    prompt = Prompt.objects.get(name=NAME)
    assert not prompt.labels.filter(name="guarded").exists()
    assert prompt.labels.get(name="canary").version.number == 2


def check_the_span(web: Web, key: Key, trace_id: str) -> None:
    at = f"{web.url}/api/v1/traces/{trace_id}/spans"
    spans = httpx.get(at, headers=key.headers).json()["data"]
    (answer,) = [span for span in spans if span["name"] == "answer"]
    assert (answer["prompt_name"], answer["prompt_version"]) == (NAME, 1)
