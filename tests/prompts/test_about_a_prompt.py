"""What is said about a prompt on its page: by whom, and whose it is afterwards."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from accounts.models import Project, User
from prompts.models import Prompt
from tests.prompts.making import make_reviewer, make_version

pytestmark = pytest.mark.django_db
AT = "/p/support/prompts/refund-agent/"


def save(by: User, **said: str) -> str:
    """Send the form; the messages that the next page shows."""
    client = Client()
    client.force_login(by)
    answer = client.post(
        f"{AT}versions/about/", {"description": "For refunds.", "tags": "", **said}
    )
    assert (answer.status_code, answer["Location"]) == (303, f"{AT}?tab=settings")
    return "; ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_an_owner_stays_until_somebody_who_may_names_another(
    project: Project, alice: User, bob: User
) -> None:
    jun = make_reviewer(project, "jun")
    prompt = make_version(project, actor=jun).prompt
    jun.is_active = False
    jun.save()

    def stands() -> tuple[str, User | None]:
        found = Prompt.objects.select_related("owner").get(pk=prompt.pk)
        return found.description, found.owner

    page = Client()
    page.force_login(bob)
    shown = page.get(f"{AT}?tab=settings").content.decode()
    assert f'<option value="{jun.pk}" selected>Jun</option>' in shown
    assert save(bob, owner=str(jun.pk)) == "Saved."
    assert stands() == ("For refunds.", jun)
    assert save(bob, description="No owner is named") == "Saved."
    assert stands() == ("No owner is named", jun)
    for owner in ("", str(bob.pk)):
        assert "says who owns it" in save(bob, owner=owner, description="Mine")
        assert stands() == ("No owner is named", jun)
    assert "not one of the available" in save(alice, owner="nobody")
    assert save(alice, owner=str(bob.pk)) == "Saved."
    assert save(bob, owner="") == "Saved."  # his own, to give away
    assert stands() == ("For refunds.", None)
