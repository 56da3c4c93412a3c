"""The stage of all tests: Alice who owns, Bob who helps, Charlie the stranger."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import settings as hypothesis

from accounts.models import Organization, Project, Role, User
from tests import emptying, migrating
from tests.factories import Key, make_key, make_project, make_user

# How long an example takes says how busy the machine is.
hypothesis.register_profile("any machine", parent=hypothesis.default, deadline=None)
hypothesis.load_profile("any machine")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """One database a worker."""


@pytest.fixture(scope="session")
def _quick_migrating() -> Iterator[ExitStack]:
    with ExitStack() as until_migrated:
        until_migrated.enter_context(migrating.quickly())
        yield until_migrated


@pytest.fixture(scope="session")
def django_db_setup(
    _quick_migrating: ExitStack,
    django_db_setup: None,
    django_db_blocker: pytest.DjangoDbBlocker,  # type: ignore[name-defined]
) -> None:
    """Let tests empty the audit table between them; UPDATE and DELETE stay refused."""
    from django.db import connection

    _quick_migrating.close()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("drop trigger if exists audit_no_truncate on audit_auditentry")


@pytest.fixture(autouse=True)
def _no_loop_of_a_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hide the loop that Playwright keeps in this thread from tests that may run their own."""
    loop = None if "page" in request.fixturenames else asyncio._get_running_loop()
    if loop is not None:
        asyncio._set_running_loop(None)
    yield
    if loop is not None:
        asyncio._set_running_loop(loop)


@pytest.fixture(scope="session", autouse=True)
def _quick_emptying() -> Iterator[None]:
    with emptying.quickly():
        yield


@pytest.fixture(scope="module")
def kept(
    django_db_setup: None,
    django_db_blocker: pytest.DjangoDbBlocker,  # type: ignore[name-defined]
) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """What a fixture of the module stores `with kept():` is there for each of its tests.

    For modules with much to store and tests that only read, none of which commits.
    """
    with django_db_blocker.unblock():
        around = transaction.atomic()
        around.__enter__()
    yield django_db_blocker.unblock
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture
def project(db: None) -> Project:
    return make_project(slug="support", name="Support")


@pytest.fixture
def organization(project: Project) -> Organization:
    return project.organization


@pytest.fixture
def alice(organization: Organization) -> User:
    """Owns the organization."""
    return make_user("alice@example.com", organization=organization, role=Role.OWNER)


@pytest.fixture
def bob(organization: Organization) -> User:
    """Works in it as an engineer."""
    return make_user("bob@example.com", organization=organization, role=Role.ENGINEER)


@pytest.fixture
def charlie(db: None) -> User:
    """Belongs elsewhere and must see nothing."""
    other = make_project(slug="elsewhere", name="Elsewhere")
    return make_user("charlie@example.com", organization=other.organization, role=Role.OWNER)


@pytest.fixture
def key(project: Project) -> Key:
    """A project key with the scopes of a new one; `.secret` and `.headers` are at hand."""
    return make_key(project)


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owner_client(alice: User) -> Client:
    return _client(alice)


@pytest.fixture
def member_client(bob: User) -> Client:
    return _client(bob)


@pytest.fixture
def stranger_client(charlie: User) -> Client:
    return _client(charlie)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try once more, and say so, what a busy machine may delay; never any other test."""
    for item in items:
        if item.get_closest_marker("browser") or item.get_closest_marker("timing"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failed one: what it needs must be installed there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
