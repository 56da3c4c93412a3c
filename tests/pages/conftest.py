"""A real Chromium in front of a real web process, on the test database."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# The shell is Chromium without a window: a page takes it half of the processor's time.
BROWSERS = [Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")]
CHROMIUM = Path(os.environ.get("CHROMIUM") or next(filter(Path.exists, BROWSERS), BROWSERS[-1]))
START_SECONDS = 60
# A state that is waited for comes at once; this only says when to give up, on a busy machine too.
PATIENCE_MS = 30_000
FAULTS = ("Security Policy", "htmx:syntax:error")  # in the console


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything that takes a page is a browser test, skipped out loud without a browser."""
    absent = pytest.mark.skip(reason=f"no Chromium at {CHROMIUM}; set CHROMIUM to its path")
    for item in items:
        if "page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists():
                item.add_marker(absent)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium a worker."""
    # Playwright's synchronous interface keeps an event loop in this thread, and Django takes any
    # query beside a loop for a mistake.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield chromium
        chromium.close()


def _test_database() -> str:
    """Address of this worker's test database, for another process."""
    name = str(connection.settings_dict["NAME"])
    known = urlsplit(settings.DATABASE_URL or "postgresql://roadworthy@/roadworthy")
    return urlunsplit(known._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def address(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`http://127.0.0.1:…` of a web process as the product starts it, sockets included.

    It sees only what is committed, so tests with data use `django_db(transaction=True)`. A process
    and not a thread: it keeps its own connections and warnings, and ends with all it holds.
    """
    log = tmp_path_factory.mktemp("web") / "stderr"
    with closing(socket.socket()) as listening, log.open("wb") as stderr:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        number = listening.fileno()
        environment = {
            **os.environ,
            "DATABASE_URL": _test_database(),
            "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        web = subprocess.Popen(
            [sys.executable, "-m", "config.processes.web", "--fd", str(number)],
            env=environment,
            pass_fds=[number],
            stderr=stderr,
        )
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            # The socket already listens: this request waits until the process answers it.
            urlopen(f"{url}/static/favicon.svg", timeout=START_SECONDS).close()  # noqa: S310
            yield url
        except OSError as error:
            pytest.fail(f"the web process did not answer ({error}):\n{log.read_text()[-4000:]}")
        finally:
            web.terminate()
            web.wait(START_SECONDS)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A tab of its own; fails on script errors, CSP violations and what htmx cannot read."""
    context = browser.new_context(base_url=address, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on(
        "console",
        lambda line: complaints.append(line.text) if any(map(line.text.count, FAULTS)) else None,
    )
    yield tab
    context.close()
    assert not complaints, "\n".join(complaints)
