"""Labels over REST: moved where they are free, rolled back, undone, with their history."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Project, User
from prompts.models import LabelMove, Prompt
from tests.prompts.asking import Api, where
from tests.prompts.making import make_version, protect, serve, text

pytestmark = pytest.mark.django_db

AT = "prompts/refund-agent"


@pytest.fixture
def prompt(project: Project) -> Prompt:
    make_version(project)
    return make_version(project, content=text("two")).prompt


def test_a_free_label_moves_and_goes(api: Api, prompt: Prompt) -> None:
    api.get(f"{AT}/labels/staging", 404)
    told = api.put(f"{AT}/labels/staging", {"version": 1})
    assert (told["name"], told["version"], told["is_protected"]) == ("staging", 1, False)
    assert api.put(f"{AT}/labels/staging", {"version": 2})["version"] == 2
    assert api.get(f"{AT}/labels/staging")["version"] == 2
    api.delete(f"{AT}/labels/staging")
    api.delete(f"{AT}/labels/staging", 404)
    moves = api.get(f"{AT}/history")["data"]
    assert [(m["from"], m["to"], m["cause"]) for m in moves] == [
        (2, None, "removed"),
        (1, 2, "set"),
        (None, 1, "set"),
    ]
    assert moves[0]["by"] == "key tests"
    first = api.get(f"{AT}/history?label=staging&limit=2")
    rest = api.get(f"{AT}/history?label=staging&limit=2&cursor={first['next_cursor']}")
    assert [m["id"] for m in first["data"] + rest["data"]] == [m["id"] for m in moves]
    assert api.get(f"{AT}/history?label=none")["data"] == []


def test_what_cannot_be_set_is_refused(api: Api, prompt: Prompt) -> None:
    assert where(api.put(f"{AT}/labels/No%20Way", {"version": 1}, 400)) == ["labels"]
    assert where(api.put(f"{AT}/labels/staging", {}, 400)) == ["version"]
    api.put(f"{AT}/labels/staging", {"version": 9}, 409)
    api.put("prompts/none/labels/staging", {"version": 1}, 404)


def test_a_rollback_acts_at_once_and_can_be_undone_and_explained(
    api: Api, prompt: Prompt, project: Project, bob: User
) -> None:
    protect(project)
    serve(prompt, 1)
    serve(prompt, 2)
    done = Api(user=bob).post(f"{AT}/rollback")
    assert (done["label"], done["from"], done["to"], done["cause"]) == (
        "production",
        2,
        1,
        "rollback",
    )
    assert done["undo_until"] > done["at"]
    assert api.post(f"{AT}/rollback", {"label": "production"}, 409)["detail"].startswith(
        "production has been on v1 from the start"
    )
    told = api.patch(f"{AT}/rollback/{done['id']}", {"reason": "It promised dates."})
    assert told["reason"] == "It promised dates."
    api.patch(f"{AT}/rollback/{done['id']}", {"reason": " "}, 409)
    api.post(f"{AT}/rollback/{done['id'] + 1}/undo", status=404)
    assert api.post(f"{AT}/rollback/{done['id']}/undo", status=200)["version"] == 2
    assert "moved since" in api.post(f"{AT}/rollback/{done['id']}/undo", status=409)["detail"]
    again = api.post(f"{AT}/rollback", {"reason": "Again."})
    LabelMove.objects.filter(pk=again["id"]).update(
        at=LabelMove.objects.get(pk=again["id"]).at - timedelta(minutes=1)
    )
    assert "30 seconds" in api.post(f"{AT}/rollback/{again['id']}/undo", status=409)["detail"]
    assert api.get(f"{AT}/labels/production")["version"] == 1
