"""Connections are made, changed and removed by services: checked, sealed, and told to the audit."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from accounts.models import Project, User
from accounts.services.projects import delete_project
from audit.models import AuditEntry
from gateway import services
from gateway.client import Connection
from gateway.models import Kind, Provider
from gateway.queries import NoProvider, connection_to, list_offers, provider_for
from gateway.tasks import remove_deleted_projects
from gateway.terms import BadTerms, Terms
from kit.crypto import Unreadable
from tests.factories import make_project

pytestmark = pytest.mark.django_db
SECRET = "sk-ant-0123456789-secret"
CLAUDE = Terms(Kind.ANTHROPIC, "Claude", model_names=["claude-a", "claude-b"])


def trail() -> list[tuple[str, str]]:
    return [
        (entry.action, json.dumps(entry.details)) for entry in AuditEntry.objects.order_by("pk")
    ]


def test_a_key_is_sealed_and_stands_nowhere_else(project: Project, alice: User, caplog):
    provider = services.create_provider(project, CLAUDE, key=SECRET, actor=alice)
    assert connection_to(provider) == Connection(Kind.ANTHROPIC, "Claude", key=SECRET)
    assert (provider.key_hint, provider.key_set_by, provider.created_by) == ("…cret", alice, alice)
    with connection.cursor() as cursor:
        cursor.execute("select p::text from gateway_provider p")
        row = cursor.fetchone()[0]
    services.change_provider(provider, CLAUDE, key=SECRET + "-new", actor=alice)
    assert connection_to(Provider.objects.get()).key == SECRET + "-new"
    services.remove_provider(provider, actor=alice)
    told = trail()
    assert [action for action, _ in told if action.startswith("provider.")] == [
        "provider.created",
        "provider.key_replaced",
        "provider.removed",
    ]
    assert "0123456789" not in row + str(told) + caplog.text + repr(connection_to(provider))


def test_another_secret_key_makes_it_unreadable_in_words(project: Project, alice: User, settings):
    provider = services.create_provider(project, CLAUDE, key=SECRET, actor=alice)
    settings.SECRET_KEY = "another one, which did not seal it"
    with pytest.raises(Unreadable, match="enter the secret anew"):
        connection_to(provider)
    tested = services.try_provider(provider, actor=alice)
    assert not tested.passed
    assert "enter the secret anew" in Provider.objects.get().test_said


@pytest.mark.parametrize(
    ("terms", "key", "where", "text"),
    [
        (Terms(Kind.OPENAI, " "), "", "name", "has a name"),
        (Terms(Kind.OPENAI, "x" * 81), "", "name", "at most 80"),
        (Terms(Kind.OPENAI, "A", "ftp://x"), "", "base_url", "begins with https"),
        (Terms(Kind.OPENAI, "A", "http://8.8.8.8/v1"), "", "base_url", "use https"),
        (Terms(Kind.OPENAI, "A", "http://169.254.169.254/"), "", "base_url", "metadata"),
        (Terms(Kind.OPENAI, "A", "https://u:p@x.example"), "", "base_url", "user and password"),
        (Terms(Kind.OPENAI, "A", "https://x.example/?key=1"), "", "base_url", "after [?] or #"),
        (Terms(Kind.OPENAI, "A", f"https://{'x' * 64}.example"), "", "base_url", "no name"),
        (Terms(Kind.ANTHROPIC, "A"), "", "key", "needs a key"),
        (Terms(Kind.ANTHROPIC, "A"), "ключ", "key", "plain ASCII"),
        (Terms(Kind.AZURE, "A", model_names=["d"]), SECRET, "base_url", "endpoint"),
        (Terms(Kind.AZURE, "A", "https://x.example"), SECRET, "model_names", "deployment"),
        (Terms(Kind.AZURE, "A", "https://x.example", "v1"), SECRET, "api_version", "a day"),
        (Terms(Kind.OPENAI, "A", model_names=["m" * 201]), "", "model_names", "at most 200"),
        (Terms(Kind.SIMULATED, "A", model_names=["gpt-4o"]), "", "model_names", "no simulated"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(
    project: Project, alice: User, terms: Terms, key: str, where: str, text: str
):
    with pytest.raises(BadTerms, match=text) as refused:
        services.create_provider(project, terms, key=key, actor=alice)
    assert where in [field for field, _ in refused.value.faults]
    assert not Provider.objects.exists()


def test_own_networks_may_be_called_plainly(project: Project, alice: User):
    for number, address in enumerate(("127.0.0.1:11434", "10.1.2.3", "[::1]:8000", "localhost")):
        terms = Terms(Kind.OPENAI, f"Own {number}", f"http://{address}/v1/")
        made = services.create_provider(project, terms, actor=alice)
        assert made.base_url == f"http://{address}/v1"
        assert connection_to(made).provider == "other"


def test_a_key_never_goes_to_an_address_it_was_not_entered_for(project: Project, alice: User):
    provider = services.create_provider(project, CLAUDE, key=SECRET, actor=alice)
    elsewhere = Terms(Kind.ANTHROPIC, "Claude", "https://elsewhere.example")
    with pytest.raises(BadTerms, match="enter the key that belongs to it"):
        services.change_provider(provider, elsewhere, actor=alice)
    changed = services.change_provider(provider, elsewhere, key=SECRET, actor=alice)
    assert changed.base_url == "https://elsewhere.example"


def test_there_is_one_default_and_names_are_unique(project: Project, alice: User):
    first = services.create_provider(project, CLAUDE, key=SECRET, actor=alice)
    second = services.create_provider(project, Terms(Kind.SIMULATED, "Sim"), actor=alice)
    assert (first.is_default, second.is_default) == (True, False)
    services.make_default(second, actor=alice)
    assert [p.name for p in Provider.objects.filter(is_default=True)] == ["Sim"]
    with pytest.raises(services.NameTaken):
        services.create_provider(project, Terms(Kind.SIMULATED, "SIM"), actor=alice)
    off = Terms(Kind.SIMULATED, "Sim", is_enabled=False)
    assert not services.change_provider(second, off, actor=alice).is_default
    with pytest.raises(services.IsDisabled):
        services.make_default(second, actor=alice)


def test_a_call_finds_its_provider(project: Project, alice: User):
    with pytest.raises(NoProvider, match="No provider is connected"):
        provider_for(project, model="claude-a")
    services.create_provider(project, CLAUDE, key=SECRET, actor=alice)
    services.create_provider(project, Terms(Kind.SIMULATED, "Sim"), actor=alice)
    assert provider_for(project, model="simulated-small").name == "Sim"
    assert provider_for(project, model="claude-b").name == "Claude"
    assert provider_for(project, model="unheard-of").name == "Claude"  # the default
    assert provider_for(project, model="claude-a", name="sim").name == "Sim"
    with pytest.raises(NoProvider, match="No provider Gone"):
        provider_for(project, name="Gone")
    offers = [(offer.provider.name, offer.model) for offer in list_offers(project)]
    assert offers[:3] == [
        ("Claude", "claude-a"),
        ("Claude", "claude-b"),
        ("Sim", "simulated-small"),
    ]


def test_known_addresses_tell_the_provider_that_prices_hang_on():
    for address, provider in (
        ("", "openai"),
        ("https://api.groq.com/openai/v1", "groq"),
        ("https://openai.proxy.example/v1", "other"),
    ):
        assert Connection(Kind.OPENAI, "A", address).provider == provider
    assert Connection(Kind.OPENAI, "A", "http://127.0.0.1", traced_as="openai").provider == "openai"
    assert Connection(Kind.AZURE, "A", "https://x.openai.azure.com").provider == "azure.ai.openai"


def test_a_deleted_project_leaves_no_key(project: Project, alice: User):
    services.create_provider(project, CLAUDE, key=SECRET, actor=alice)
    kept = make_project("kept")
    services.create_provider(kept, CLAUDE, key=SECRET, actor=alice)
    assert services.remove_providers_of_deleted_projects(project.pk) == 0
    delete_project(project, typed_name=project.name, actor=alice)
    remove_deleted_projects(project.pk)
    assert [provider.project for provider in Provider.objects.all()] == [kept]
