"""The pages of review queues: their list, one answer a screen, what is in them."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Project, Role, User
from evals.models import HumanLabel, Judgement, QueueItem, ReviewQueue
from tests.evals.labelled import make_judge, make_queue, say, states
from tests.factories import make_user
from tests.traces.seeing import call, store

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_without_queues_the_list_says_what_they_are(owner_client: Client, project: Project) -> None:
    answer = owner_client.get("/p/support/queue/")
    assertContains(answer, "No review queue yet")
    assertContains(answer, "Make a queue")
    assertContains(owner_client.get("/p/support/queue/", headers=HTMX), 'id="queues"')


def test_the_list_counts_what_waits_for_me(
    member_client: Client, project: Project, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_queue(project, traces=3)
    make_queue(project, name="Empty")
    with django_assert_max_num_queries(12):
        answer = member_client.get("/p/support/queue/")
    assertContains(answer, "3 answers wait for you")
    assertContains(member_client.get("/p/support/queue/waiting/"), "3")
    assertNotContains(answer, "New queue")  # that is for reviewers


def test_answers_are_labelled_one_after_the_other(
    member_client: Client, project: Project, bob: User
) -> None:
    queue = make_queue(project, traces=2, instructions="Warm says sorry.")
    at = f"/p/support/queue/{queue.pk}/"
    answer = member_client.get(at)
    assertContains(answer, "At depot 0.")
    assertContains(answer, "Warm says sorry.")
    first = QueueItem.objects.order_by("pk")[0]
    act = f"{at}act/"
    said = {"act": "save", "item": first.pk, "v0": "warm", "r0": "Kind", "seconds": "3.2"}
    piece = member_client.post(act, said, headers=HTMX)
    assertContains(piece, "At depot 1.")
    assertContains(piece, "Undo last")
    assertNotContains(piece, "<html")
    assert HumanLabel.objects.get().reason == "Kind"
    # Without script the next answer is a page of its own.
    second = QueueItem.objects.order_by("pk")[1]
    answer = member_client.post(act, {"act": "skip", "item": second.pk})
    assertRedirects(answer, at, status_code=303, fetch_redirect_response=False)
    answer = member_client.get(at)
    assertContains(answer, "Queue is clear")
    assertContains(answer, "Look at the 1 you skipped")
    member_client.post(act, {"act": "again"})
    assertContains(member_client.get(at), "At depot 1.")


def test_nothing_chosen_is_said_at_the_field(member_client: Client, project: Project) -> None:
    queue = make_queue(project, traces=1)
    item = QueueItem.objects.get()
    answer = member_client.post(
        f"/p/support/queue/{queue.pk}/act/", {"act": "save", "item": item.pk}, headers=HTMX
    )
    assertContains(answer, "Say what you think first", status_code=422)
    bad = {"act": "save", "item": item.pk, "v0": "hot\0", "r0": "\0"}
    answer = member_client.post(f"/p/support/queue/{queue.pk}/act/", bad, headers=HTMX)
    assert answer.status_code == 422
    assert states(queue) == ["open"]
    for number in ("", "x", "9" * 30, "99999"):
        told = {"act": "save", "item": number, "v0": "warm"}
        assert member_client.post(f"/p/support/queue/{queue.pk}/act/", told).status_code == 404


def test_undo_brings_the_last_answer_back(member_client: Client, project: Project) -> None:
    queue = make_queue(project, traces=2)
    act = f"/p/support/queue/{queue.pk}/act/"
    first = QueueItem.objects.order_by("pk")[0]
    member_client.get(f"/p/support/queue/{queue.pk}/")
    member_client.post(act, {"act": "save", "item": first.pk, "v0": "cold", "r0": "Curt"})
    piece = member_client.post(act, {"act": "undo"}, headers=HTMX)
    assertContains(piece, "Taken back")
    assertContains(piece, "At depot 0.")
    assertContains(piece, "Curt")
    assert not HumanLabel.objects.exists()
    assertContains(member_client.post(act, {"act": "undo"}, headers=HTMX), "nothing to take back")


def test_a_taken_answer_says_who_has_it(
    member_client: Client, owner_client: Client, project: Project, alice: User
) -> None:
    queue = make_queue(project, traces=2)
    owner_client.get(f"/p/support/queue/{queue.pk}/")
    first = QueueItem.objects.order_by("pk")[0]
    answer = member_client.get(f"/p/support/queue/{queue.pk}/?item={first.pk}")
    assertContains(answer, f"{alice.display_name} has this answer now")
    assertContains(answer, "At depot 1.")


def test_what_the_judge_said_is_hidden_until_saved(
    member_client: Client, owner_client: Client, project: Project
) -> None:
    judge = make_judge(project)
    store(project, call("live", output="Fine"), call("next", output="Also"))
    for trace in ("live", "next"):
        say(judge, trace, "unfaithful", reason="States no source")
    queue = make_queue(project, judge)
    fill = {"reason": "stratified", "evaluator": judge.evaluator.pk, "most": 5}
    owner_client.post(f"/p/support/queue/{queue.pk}/add/", fill)
    at = f"/p/support/queue/{queue.pk}/"
    page = member_client.get(at)
    assertNotContains(page, "States no source")
    item = page.context["item"]
    told = {"act": "save", "item": item.pk, "v0": "faithful"}
    piece = member_client.post(f"{at}act/", told, headers=HTMX)
    assertContains(piece, "the judge <b>unfaithful</b>: States no source")
    ReviewQueue.objects.update(is_blind=False)
    assertContains(member_client.get(at), "States no source")


def test_the_next_answer_can_be_had_ahead(member_client: Client, project: Project) -> None:
    queue = make_queue(project, traces=2)
    at = f"/p/support/queue/{queue.pk}/"
    first = member_client.get(at).context["item"]
    ahead = member_client.post(f"{at}act/", {"act": "ahead", "item": first.pk}, headers=HTMX)
    assertContains(ahead, "At depot 1.")
    told = {"act": "save", "item": first.pk, "v0": "warm", "is_ahead": "1"}
    piece = member_client.post(f"{at}act/", told, headers=HTMX)
    assertContains(piece, 'id="lb-top"')
    assertNotContains(piece, "At depot")


def test_queues_are_made_filled_and_closed_by_reviewers(
    owner_client: Client, member_client: Client, project: Project
) -> None:
    told = {
        "name": "Tone", "scores": "tone: warm, cold\nquality: 1 to 5\nhelpful: yes or no",
        "people_each": 2, "is_blind": "on",
    }  # fmt: skip
    assert member_client.post("/p/support/queue/new/", told).status_code == 403
    assert owner_client.post("/p/support/queue/new/", told).status_code == 303
    queue = ReviewQueue.objects.get()
    assert [one["data_type"] for one in queue.fields] == ["category", "number", "boolean"]
    page = owner_client.get(f"/p/support/queue/{queue.pk}/settings/")
    assertContains(page, "quality: 1 to 5")
    told["scores"] = "x: 5 to 1"
    again = owner_client.post(f"/p/support/queue/{queue.pk}/settings/", told)
    assertContains(again, "smallest value must be below", status_code=422)
    store(project, call("live"))
    panel = member_client.get("/p/support/queue/send/?trace=live", headers=HTMX)
    assertContains(panel, 'value="live"')
    assertContains(member_client.get("/p/support/queue/send/fields/"), "Tone")
    sent = {"queue": queue.pk, "id": ["live"], "next": "/p/support/traces/?q=x"}
    answer = member_client.post("/p/support/queue/send/", sent)
    assert answer.headers["Location"] == "/p/support/traces/?q=x"
    sent["next"] = "https://elsewhere.example/"
    assert member_client.post("/p/support/queue/send/", sent).headers["Location"].startswith("/p/")
    assertContains(member_client.get(f"/p/support/queue/{queue.pk}/items/"), "Chosen by a person")
    owner_client.post(f"/p/support/queue/{queue.pk}/settings/", {"close": "1"})
    assert member_client.get(f"/p/support/queue/{queue.pk}/").status_code == 404


def test_a_viewer_reads_but_does_not_label(project: Project) -> None:
    queue = make_queue(project, traces=1)
    viewer = Client()
    viewer.force_login(
        make_user("viewer@example.com", organization=project.organization, role=Role.VIEWER)
    )
    assert viewer.get("/p/support/queue/").status_code == 200
    assert viewer.get(f"/p/support/queue/{queue.pk}/items/").status_code == 200
    assert viewer.get(f"/p/support/queue/{queue.pk}/").status_code == 403


def test_content_is_text(member_client: Client, project: Project) -> None:
    evil = "<script>alert(1)</script>"
    store(project, call("t", input=[{"role": "user", "content": evil}], output=evil))
    queue = make_queue(project, instructions=evil)
    member_client.post("/p/support/queue/send/", {"queue": queue.pk, "id": "t"})
    page = member_client.get(f"/p/support/queue/{queue.pk}/")
    assertNotContains(page, evil)
    assertContains(page, "&lt;script&gt;alert(1)")


def test_the_palette_finds_judges_and_queues(member_client: Client, project: Project) -> None:
    make_judge(project)
    make_queue(project, name="Weekly tone")
    judges = member_client.get("/p/support/find/?q=faith")
    assertContains(judges, "/p/support/judges/faithfulness/")
    assertContains(member_client.get("/p/support/find/?q=weekly"), "Weekly tone")


def test_ticked_traces_go_into_a_queue(member_client: Client, project: Project) -> None:
    queue = make_queue(project)
    store(project, call("one", output="Yes"), call("two", output="No"))
    page = member_client.get("/p/support/traces/")
    assertContains(page, "Send to queue")
    sent = {"act": "queue", "id": ["one", "two"], "queue": queue.pk}
    assert member_client.post("/p/support/traces/bulk/", sent).status_code == 303
    assert states(queue) == ["open", "open"]
    sent["queue"] = 999
    member_client.post("/p/support/traces/bulk/", sent)
    assert states(queue) == ["open", "open"]


def test_deleted_traces_leave_no_copy_in_a_queue(
    owner_client: Client, project: Project, alice: User
) -> None:
    judge = make_judge(project)
    queue = make_queue(project, judge, traces=2)
    say(judge, "trace-00", "faithful")
    item = QueueItem.objects.get(trace_id="trace-00")
    told = {"act": "save", "item": item.pk, "v0": "partly"}
    owner_client.post(f"/p/support/queue/{queue.pk}/act/", told)
    gone = {"act": "delete", "id": ["trace-00"], "confirm": "1"}
    assert owner_client.post("/p/support/traces/bulk/", gone).status_code == 303
    assert [one.trace_id for one in QueueItem.objects.all()] == ["trace-01"]
    assert not HumanLabel.objects.exists()
    assert not Judgement.objects.exists()
