"""Rollouts over REST: begun where the rules allow it, widened, halted, taken up, completed."""

from __future__ import annotations

import pytest

from accounts.models import Project, User
from prompts.models import Rollout
from tests.prompts.asking import Api, where
from tests.prompts.making import make_request, make_reviewer, protect

pytestmark = pytest.mark.django_db

AT = "change-requests/1/rollout"
APPROVAL = {"verdict": "approve", "version": 2}


@pytest.fixture
def approved(project: Project, alice: User, bob: User) -> None:
    """Two people approved that production goes from v1 to v2."""
    protect(project)
    make_request(project, bob)
    for user in (alice, make_reviewer(project, "jun")):
        Api(user=user).post("change-requests/1/reviews", APPROVAL)


def test_it_goes_by_stages_halts_and_completes(
    api: Api, approved: None, project: Project, bob: User
) -> None:
    stages = [{"share": 12.5, "soak_minutes": 60}, {"share": 50, "soak_minutes": 60}]
    told = api.post(AT, {"stages": stages, "guards": [{"metric": "errors", "margin": 0.01}]})
    assert (told["status"], told["share"]) == ("rolling_out", 12.5)
    rollout = told["rollout"]
    assert (rollout["from"], rollout["to"], rollout["share"]) == (1, 2, 12.5)
    assert rollout["stages"] == stages
    assert rollout["guards"] == [{"metric": "errors", "margin": 0.01}]
    assert rollout["next_stage_at"]
    assert [step["share"] for step in told["steps"]] == [50.0, 100.0]
    assert Rollout.objects.get().share == 1250
    assert api.get(AT) == rollout
    assert api.patch(AT, {"share": "20.25"})["share"] == 20.25
    for share in (-1, 101, 1.125, "x", None, True):
        assert where(api.patch(AT, {"share": share}, 400)) == ["share"]
    assert "has 20.25 % already" in api.patch(AT, {"share": 20.25}, 409)["detail"]
    assert api.post(f"{AT}/halt", {"reason": "Odd."}, 200)["status"] == "halted"
    api.patch(AT, {"share": 30}, 409)
    # A halt waits for a person.
    assert "not a key" in api.post(f"{AT}/resume", {"reason": "Fine."}, 403)["detail"]
    assert "Say why" in Api(user=bob).post(f"{AT}/resume", status=409)["detail"]
    assert Api(user=bob).post(f"{AT}/resume", {"reason": "Fine."}, 200)["status"] == "rolling_out"
    done = api.post(f"{AT}/complete", {"reason": "Well."}, 200)
    assert (done["status"], done["share"], done["rollout"]["status"]) == (
        "complete",
        None,
        "complete",
    )
    assert api.get("prompts/refund-agent/labels/production")["version"] == 2
    check_events(api, rollout["id"])


def check_events(api: Api, pk: int) -> None:
    events = api.get(f"rollouts/{pk}/events")["data"]
    assert [(e["kind"], e["share_before"], e["share_after"], e["by"]) for e in events] == [
        ("complete", 20.25, 100.0, "key tests"),
        ("resumed", 20.25, 20.25, "bob"),
        ("halted", 20.25, 20.25, "key tests"),
        ("share", 12.5, 20.25, "key tests"),
        ("started", 0.0, 12.5, "key tests"),
    ]
    first = api.get(f"rollouts/{pk}/events?limit=4")
    (rest,) = api.get(f"rollouts/{pk}/events?limit=4&cursor={first['next_cursor']}")["data"]
    assert rest["kind"] == "started"
    assert [
        row["id"] for row in api.get("rollouts?status=complete&prompt=refund-agent")["data"]
    ] == [pk]
    assert api.get("rollouts?label=staging")["data"] == []
    assert api.get(f"rollouts/{pk}")["status"] == "complete"
    api.get(f"rollouts/{pk + 1}", 404)


def test_what_the_rules_forbid_is_told_with_every_blocker(
    api: Api, project: Project, alice: User, bob: User
) -> None:
    protect(project)
    make_request(project, bob)
    jun = Api(user=make_reviewer(project, "jun"))
    told = api.post(AT, {"share": 5}, 409)
    assert told["blockers"] == [
        {
            "code": "approvals",
            "text": "1 approval needed, 0 given. The author's own does not count.",
        }
    ]
    jun.post("change-requests/1/reviews", APPROVAL)
    # One approval is enough for a tenth, and for no stage beyond.
    stages = [{"share": 5, "soak_minutes": 1}, {"share": 50, "soak_minutes": 1}]
    for body in ({"stages": stages}, {"share": 50}, {}):
        assert api.post(AT, body, 409)["blockers"][0]["code"] == "approvals"
    assert api.get(f"{AT}", 404)
    assert api.post(AT, {"share": 10})["share"] == 10.0
    assert api.patch(AT, {"share": 11}, 409)["blockers"][0]["code"] == "approvals"
    assert api.post(f"{AT}/complete", status=409)["blockers"][0]["code"] == "approvals"
    assert api.post(AT, {"share": 5}, 409)["detail"] == "Review #1 is rolling out already."
    assert api.get("prompts/refund-agent/labels/production")["version"] == 1


def test_plans_that_cannot_be_are_refused(api: Api, approved: None) -> None:
    for body, place in (
        ({"share": 0.001}, "share"),
        ({"stages": [{"share": 5}]}, "stages[0].soak_minutes"),
        ({"stages": {}}, "stages.non_field_errors"),
        ({"guards": [{"metric": "errors"}]}, "guards[0].margin"),
        ({"test": {"metric": "errors"}}, "test.effect"),
        ({"shares": 5}, "shares"),
    ):
        assert where(api.post(AT, body, 400))[0] == place
    for body in (
        {"share": 0},
        {"share": 5, "guards": [{"metric": "mood", "margin": 1}]},
        {"share": 5, "stages": [{"share": 6, "soak_minutes": 1}]},
        {"share": 5, "test": {"metric": "mood", "effect": 0.1}},
        {"test": {"metric": "errors", "effect": 0.02}},
    ):
        api.post(AT, body, 409)
    told = api.post(AT, {"share": 50, "test": {"metric": "errors", "effect": 0.02}})["rollout"]
    assert (told["mode"], told["test"]["metric"]) == ("test", "errors")
    assert told["test"]["plan"]["n_new"] > 500
    assert told["guards"][0]["metric"] == "errors"


def test_an_approved_change_goes_whole_at_once(api: Api, approved: None) -> None:
    told = api.post(AT)
    assert (told["status"], told["rollout"], told["share"]) == ("complete", None, None)
    assert api.post(f"{AT}/halt", {"reason": "x"}, 409)["detail"].endswith("is not rolling out.")
