"""The test panel without script: its setting, one run, input from a trace, the draft saved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Membership, Project, Role, User
from audit.models import AuditEntry
from gateway import services
from gateway.models import Kind, Provider
from gateway.terms import Terms
from pricing.services.prices import set_price
from pricing.terms import Terms as PriceTerms
from prompts.content import Content
from prompts.models import Prompt, PromptVersion
from prompts.services.versions import NewVersion, create_version
from tests.gateway.calling import KEY
from tests.provider import ANSWER
from tests.provider import Provider as Upstream
from tests.traces.seeing import call, store
from traces.models import Span

PAGE = "/p/support/prompts/support/refund/test/"
MESSAGES = [
    {"role": "system", "content": "You help {{company}}."},
    {"role": "user", "content": "Question: {{question}}"},
]


@pytest.fixture
def prompt(project: Project, alice: User) -> Prompt:
    """Two versions; the older one is served."""
    for number, model in enumerate(("gpt-4o-mini", "simulated-small")):
        content = Content("chat", MESSAGES, model=model, parameters={"max_tokens": 100})
        labels = ["production"] if number == 0 else []
        create_version(project, "support/refund", NewVersion(content, labels=labels), actor=alice)
    return Prompt.objects.get()


@pytest.fixture
def simulated(project: Project, alice: User) -> Provider:
    return services.create_provider(project, Terms(Kind.SIMULATED, "Sim"), actor=alice)


def fields(**more: Any) -> dict[str, Any]:
    return {
        "variable_name": ["company", "question"],
        "variable_value": ["Northwind", "Where is it?"],
        "draft_begins": "2",
        "draft_role": ["system", "user"],
        "draft_content": ["Be kind.", "Ask: {{question}}"],
        "draft_model": "simulated-large",
        "draft_parameters": '{"temperature": 0.2}',
        **more,
    }


@pytest.mark.django_db
def test_it_opens_on_what_serves_and_what_is_newest(
    prompt: Prompt, simulated: Provider, member_client: Client, bob: User
):
    page = member_client.get(PAGE)
    slots = page.context["slots"]
    assert [slot["choice"].version for slot in slots] == ["1", "2", "", ""]
    assertContains(page, "v1 · production")
    assertContains(page, "v2 · latest")
    assert [name for name, _, _ in page.context["variables"]] == ["company", "question"]
    assertContains(page, "simulated", count=None)
    chosen = member_client.get(
        f"{PAGE}?version_0=draft&version_1=99&target_0={simulated.pk}:simulated-large"
    )
    assert chosen.context["slots"][0]["column"].model == "simulated-large"
    assertContains(chosen, "There is no such version.")
    assert member_client.get("/p/support/prompts/none/test/").status_code == 404
    assertContains(member_client.get(f"{PAGE}?link=1&trace=t1"), f'href="{PAGE}?trace=t1"')
    Membership.objects.filter(user=bob).update(role=Role.VIEWER)
    assert member_client.get(PAGE).status_code == 403
    assertNotContains(member_client.get(f"{PAGE}?link=1"), "href")


@pytest.mark.django_db
def test_it_says_what_a_run_will_take(project: Project, prompt: Prompt, owner_client: Client):
    page = owner_client.get(f"{PAGE}?version_0=1")
    assertContains(page, "No provider is connected")
    terms = Terms(Kind.OPENAI, "OpenAI", model_names=["gpt-4o-mini"])
    services.create_provider(project, terms, key=KEY, actor=None)
    prices = {"in_uncached": Decimal(1000), "out_text": Decimal(2000)}
    set_price(project, PriceTerms(pattern="gpt-4o-mini", prices=prices), actor=None)
    slot = owner_client.get(f"{PAGE}?version_0=1").context["slots"][0]["estimate"]
    assert 5 < slot.input_tokens < 40
    assert slot.input_nano == slot.input_tokens * 10**6
    assert (slot.most_tokens, slot.most_nano) == (100, slot.input_nano + 200 * 10**6)


@pytest.mark.django_db(transaction=True)
def test_one_run_asks_every_column_and_a_failure_stops_no_other(
    project: Project, prompt: Prompt, simulated: Provider, alice: User, upstream: Upstream,
    owner_client: Client,
):  # fmt: skip
    terms = Terms(Kind.OPENAI, "Real", upstream.url, model_names=["gpt-4o-mini"])
    real = services.create_provider(project, terms, key=KEY, actor=alice)
    said = fields(
        version_0="1",
        target_0=f"{real.pk}:gpt-4o-mini",
        version_1="draft",
        version_2="2",
        target_2=f"{simulated.pk}:simulated-500",
        act="run",
    )
    page = owner_client.post(PAGE, said)
    assert page.status_code == 200
    outputs = page.context["outputs"]
    assert outputs[0]["answer"].text == ANSWER
    assert outputs[1]["answer"].model == "simulated-large"
    assert outputs[2]["problem"] == "Sim failed (500): simulated."
    assertContains(page, ANSWER)
    assertContains(page, "Sim failed (500): simulated.")
    assertContains(page, "Open the trace", count=3)
    assertNotContains(page, KEY)
    sent = upstream.requests[-1].body
    assert [one["content"] for one in sent["messages"]] == [
        "You help Northwind.",
        "Question: Where is it?",
    ]
    assert sent["max_tokens"] == 100
    spans = {span.model_requested: span for span in Span.objects.all()}
    assert spans["gpt-4o-mini"].prompt_name == "support/refund"
    assert spans["gpt-4o-mini"].prompt_version == "1"
    assert spans["simulated-large"].prompt_version is None  # the draft is no version yet
    assert {span.environment for span in spans.values()} == {"platform"}
    nothing = owner_client.post(PAGE, fields(act="run"))
    assertContains(nothing, "Choose a version for at least one column", status_code=422)


@pytest.mark.django_db
def test_what_cannot_be_read_is_said(prompt: Prompt, simulated: Provider, owner_client: Client):
    for name, text, words in (
        ("draft_parameters", "[1]", "parameters are an object"),
        ("draft_parameters", "{", "this is not JSON"),
        ("conversation", '[{"role": "poet"}]', "The conversation: messages[0].role"),
    ):
        refused = owner_client.post(PAGE, fields(version_0="2", act="run", **{name: text}))
        assertContains(refused, words, status_code=422)
    empty = fields(version_0="2", variable_name=["question"], variable_value=[""], act="inputs")
    page = owner_client.post(PAGE, empty)
    assert list(page.context["slots"][0]["column"].missing) == ["company", "question"]
    piece = owner_client.post(PAGE, empty, headers={"HX-Request": "true"})
    assertNotContains(piece, "<h1")
    assertContains(piece, 'id="panel-setup"')


@pytest.mark.django_db
def test_the_draft_becomes_the_next_version(prompt: Prompt, member_client: Client, bob: User):
    said = fields(act="save", message="Kinder.")
    response = member_client.post(PAGE, said)
    assert response["Location"] == "/p/support/prompts/support/refund/v/3/"
    made = PromptVersion.objects.get(number=3)
    assert made.body == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Ask: {{question}}"},
    ]
    assert (made.model, made.parameters) == ("simulated-large", {"temperature": 0.2})
    assert (made.origin, made.author, made.parent.number) == ("test_panel", bob, 2)
    assert (made.message, made.labels.count()) == ("Kinder.", 0)
    assert AuditEntry.objects.filter(action="prompt_version.created").count() == 3
    refused = member_client.post(PAGE, fields(act="save", draft_content=["", ""]))
    assertContains(refused, "at least one message", status_code=422)


@pytest.mark.django_db
def test_input_comes_out_of_a_trace(
    project: Project, prompt: Prompt, simulated: Provider, member_client: Client
):
    asked = [
        {"role": "system", "parts": [{"type": "text", "content": "You help Northwind."}]},
        {"role": "user", "parts": [{"type": "text", "content": "Question: Where is 7?"}]},
        {"role": "assistant", "parts": [{"type": "text", "content": "Underway."}]},
        {"role": "user", "parts": [{"type": "text", "content": "Since when?"}]},
    ]
    named = {"prompt_name": "support/refund", "prompt_version": "1"}
    store(
        project,
        call("t1", "other", input="Something else", ago=90),
        call("t1", "ours", input=asked, **named),
    )
    page = member_client.get(f"{PAGE}?trace=t1")
    values = {name: value for name, value, _ in page.context["variables"]}
    assert values == {"company": "Northwind", "question": "Where is 7?"}
    assert "Since when?" in page.context["conversation"]
    assertContains(page, "by laying the prompt over what was sent")
    request = page.context["slots"][0]["column"].request
    assert [one.text for one in request.messages] == [one["parts"][0]["content"] for one in asked]
    taken = member_client.post(PAGE, fields(version_0="1", act="trace", trace="t1", span="other"))
    assertContains(taken, "No variable could be told")
    assert "Something else" in taken.context["conversation"]
    assertContains(member_client.get(f"{PAGE}?trace=gone"), "is no call of a model")
