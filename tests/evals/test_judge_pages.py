"""The pages of judges: the list, one judge with its tabs, the answers behind a figure."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, User
from evals.models import HumanLabel, QueueItem, ReviewQueue
from evals.services.calibrating import calibrate
from tests.evals.labelled import TABLE, calibrated, hold, make_judge, make_queue, say
from tests.traces.seeing import call, store

pytestmark = pytest.mark.django_db
AT = "/p/support/judges/faithfulness/"


def test_without_judges_the_list_says_what_they_are(
    member_client: Client, project: Project
) -> None:
    assertContains(member_client.get("/p/support/judges/"), "No judge yet")
    assert member_client.get(AT).status_code == 404


def test_the_list_says_which_judge_may_decide(
    member_client: Client, project: Project, bob: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    judge = make_judge(project)
    for number in range(5):
        make_judge(project, f"other {number}")
    calibrated(judge, bob, TABLE)
    calibrate(judge.pk)
    with django_assert_max_num_queries(12):
        page = member_client.get("/p/support/judges/")
    assertContains(page, "Usable as a gate")
    assertContains(page, "κ 0.86 with 130 labels, 8 days old; the bar is 0.60.")
    assertContains(page, "Nobody has said yet")


def test_the_page_begins_with_the_verdict(
    member_client: Client, project: Project, bob: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    judge = make_judge(project)
    calibrated(judge, bob, TABLE, slice="dates")
    calibrate(judge.pk)
    with django_assert_max_num_queries(16):
        page = member_client.get(AT)
    assertContains(page, "<b>Usable as a gate.</b> κ 0.86 with 130 labels, 8 days old")
    assertContains(page, "85.4%")
    assertContains(page, "111 of 130 labels")
    assertContains(page, "human faithful, judge partly")
    assertContains(page, "Judge lenient")
    assertContains(page, "why ")
    assertContains(page, "because ")
    assert len(gzip.compress(page.content)) < 25_000
    piece = member_client.get(AT, headers={"HX-Request": "true"})
    assertNotContains(piece, "<html")
    assertContains(piece, 'id="tab"')


def test_every_cell_opens_its_answers(member_client: Client, project: Project, bob: User) -> None:
    judge = make_judge(project)
    calibrated(judge, bob, TABLE)
    calibrate(judge.pk)
    page = member_client.get(f"{AT}answers/?row=1&column=2")
    assertContains(page, "People said <b>partly</b>, v1 said <b>unfaithful</b>: 3 answers.")
    for query in ("", "?row=9&column=0", "?row=x&column=0", "?row=1&column=2&v=7"):
        assert member_client.get(f"{AT}answers/{query}").status_code == 404


def test_few_labels_hide_kappa(member_client: Client, project: Project, bob: User) -> None:
    judge = make_judge(project)
    page = member_client.get(AT)
    assertContains(page, "No human labels yet")
    assertContains(page, "Start 50")
    calibrated(judge, bob, [("faithful", "faithful", 20), ("unfaithful", "unfaithful", 8)])
    calibrate(judge.pk)
    page = member_client.get(AT)
    assertContains(page, "Too few to say.")
    assertNotContains(page, "kbig")


def test_settling_a_disagreement_changes_the_figures(
    owner_client: Client, member_client: Client, project: Project, bob: User, alice: User
) -> None:
    judge = make_judge(project)
    calibrated(judge, bob, TABLE)
    calibrate(judge.pk)
    worst = HumanLabel.objects.get(trace_id="answer-0065")
    said = {"label": worst.pk, "act": "drop", "v": 1}
    assert owner_client.post(f"{AT}settle/", said).status_code == 303
    row = calibrate(judge.pk)
    assert (row.labels, len(row.figures["disagreements"])) == (129, 18)
    other = HumanLabel.objects.get(trace_id="answer-0096")
    member_client.post(f"{AT}settle/", {"label": other.pk, "act": "keep"})  # it is bob's own
    assert calibrate(judge.pk).labels == 129
    assertNotContains(member_client.get(AT), "answer-0096")
    of_alice = hold(judge, "answer-0001", "unfaithful", alice)
    refused = member_client.post(f"{AT}settle/", {"label": of_alice.pk, "act": "drop"})
    assert refused.status_code == 403
    for wrong in ("", "x", "99999"):
        assert owner_client.post(f"{AT}settle/", {"label": wrong}).status_code == 404


def test_labelling_more_fills_the_judges_queue(member_client: Client, project: Project) -> None:
    judge = make_judge(project)
    store(project, *(call(f"live-{number}", output="Yes") for number in range(6)))
    for number in range(5):
        say(judge, f"live-{number}", "faithful" if number else "unfaithful")
    answer = member_client.post(f"{AT}more/")
    queue = ReviewQueue.objects.get()
    assert answer.headers["Location"] == f"/p/support/queue/{queue.pk}/"
    assert queue.evaluator == judge.evaluator
    assert queue.fields[0]["categories"] == ["faithful", "partly", "unfaithful"]
    assert QueueItem.objects.filter(reason="stratified").count() == 5
    member_client.post(f"{AT}more/")  # all that it judged is there: others come
    assert QueueItem.objects.filter(reason="sampled").count() == 1


def test_the_threshold_works_without_script(
    member_client: Client, project: Project, bob: User
) -> None:
    judge = make_judge(project)
    calibrated(judge, bob, TABLE)
    calibrate(judge.pk)
    page = member_client.get(f"{AT}?at=1")
    assertContains(page, 'data-say="r">0.97<')
    assertContains(member_client.get(f"{AT}?at=0.5"), 'data-say="r">0.86<')
    propose = "/p/support/evaluators/faithfulness/versions/new/?bar=1.00"
    assertContains(page, f'href="{propose}"')
    assertContains(member_client.get(propose), 'value="1.0"')
    for odd in ("x", "nan", "1e999", "9" * 50, ""):
        assert member_client.get(f"{AT}?at={odd}").status_code == 200


def test_the_tabs_show_labels_runs_versions_and_prompt(
    member_client: Client, project: Project, bob: User
) -> None:
    judge = make_judge(project, config={"rubric": "Is it so?", "deep": {"a": [1, None]}})
    calibrated(judge, bob, TABLE)
    for number in range(40):
        say(judge, f"live-{number}", "faithful" if number % 4 else "unfaithful")
    say(judge, "late", "partly", at=timezone.now(), error="", reason="Half")
    calibrate(judge.pk)
    runs = member_client.get(f"{AT}?tab=runs")
    assertContains(runs, "Corrected by people's labels")
    assertContains(runs, "75.6%")
    assertContains(member_client.get(f"{AT}?tab=labels"), "why ")
    assertContains(member_client.get(f"{AT}?tab=versions"), "in use")
    prompt = member_client.get(f"{AT}?tab=prompt")
    assertContains(prompt, "Is it so?")
    assert member_client.get(f"{AT}?v=3").status_code == 404


def test_a_judges_name_may_hold_folders(member_client: Client, project: Project, bob: User) -> None:
    judge = make_judge(project, "support/tone/answers")
    make_queue(project, judge)
    assert member_client.get("/p/support/judges/support/tone/answers/").status_code == 404
    make_judge(project, "support/tone")
    assertContains(member_client.get("/p/support/judges/support/tone/"), "support/tone")
