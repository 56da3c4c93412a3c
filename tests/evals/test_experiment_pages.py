"""Pages of experiments: shown with few queries, closed where they must be."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Project, Role, User
from evals.models import Experiment, HumanLabel, Result
from tests.evals.planned import planned_dataset
from tests.evals.ran import add_results, make_evaluator, make_experiment
from tests.factories import make_user
from tests.prompts.making import make_version, serve, text
from tests.traces.seeing import span, store

AT = "/p/support/experiments/"
PAGES = [
    "", "?q=run&state=done&origin=platform", "?dataset=golden&prompt=refund-agent&version=2",
    "figures/?n=1&n=2", "new/", "new/?from=2", "1/", "2/", "2/items/", "2/items/?show=below",
    "compare/?ids=1,2", "compare/?ids=1,2&show=flipped&run=2&to=fail", "compare/?ids=1,2&q=Monday",
    "compare/?ids=1,2&by=polite&slice=edge", "compare/export/?ids=1,2",
    "2/items/case-0/", "2/items/case-0/?with=1,2&diff=baseline&repeat=2",
    "2/items/case-0/?diff=expected", "panel/?prompt=refund-agent&version=2",
    "panel/?dataset=golden", "newest/",
]  # fmt: skip


def build(project: Project, items: int = 12, repeats: int = 2) -> list[Experiment]:
    """v1, and v2 that fails what v1 passed in the first two items; one item is held out."""
    cases = [
        {
            "key": f"case-{at}", "input": {"question": f"Where is parcel {at}?"},
            "expected": "It arrives on Tuesday.", "slice": "edge" if at % 2 else "",
            "split": "held_out" if at == 3 else "main", "title": "Parcel" if at == 1 else "",
        }
        for at in range(items)
    ]  # fmt: skip
    dataset = planned_dataset(project, cases, "golden")
    judges = [make_evaluator(project), make_evaluator(project, "polite", bar=0.5)]
    first = make_version(project)
    serve(first.prompt, 1)
    second = make_version(project, content=text("Cite the section."))
    runs = []
    for version, low, day in ((first, 0.9, "Monday"), (second, 0.4, "Tuesday")):
        run = make_experiment(
            project, dataset, judges, prompt=version.prompt, prompt_version=version,
            model="gpt-4o-mini",
        )  # fmt: skip
        answers = {
            f"case-{at}": {
                "output": f"Parcel {at} arrives on {day}.",
                "scores": {
                    "faithfulness": {
                        "num": low if at < 2 else 0.9, "reason": "No such day.", "evidence": [day]
                    },
                    "polite": 0.7,
                },
            }
            for at in range(items)
        }  # fmt: skip
        add_results(run, answers, evaluators=judges, repeats=repeats)
        runs.append(run)
    return runs


def page(client: Client, at: str) -> str:
    response = client.get(AT + at)
    assert response.status_code == 200, at
    return response.content.decode()


def test_pages_are_shown_and_ask_no_more_for_more_rows(
    owner_client: Client, project: Project
) -> None:
    runs = build(project)

    def visit(at: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            page(owner_client, at)
        return len(asked)

    visit("")  # what is remembered by the process is asked for once
    before = {at: visit(at) for at in PAGES}
    for run in runs:
        more = {f"more-{at}": {"output": "x", "scores": {"faithfulness": 0.1}} for at in range(60)}
        add_results(run, more)
    after = {at: visit(at) for at in PAGES}
    assert {at: (before[at], after[at]) for at in PAGES if after[at] > before[at]} == {}
    assert max(after.values()) <= 26, max(after.items(), key=lambda one: one[1])


def test_what_the_comparison_says(owner_client: Client, project: Project) -> None:
    build(project)
    said = page(owner_client, "compare/?ids=1,2")
    for words in ("serves now", "2 to fail", "2 regressed", "10 same", "to fail",
                  "small sample", "faithfulness decides, bar ≥ 0.80"):  # fmt: skip
        assert words in said, words
    assert '<mark class="unsup">Tuesday</mark>' in said  # what the judge quoted of a failed answer
    assert "<script" not in said.split("</head>")[1]
    assert "No difference beyond noise" in page(owner_client, "compare/?ids=1,2&by=polite")
    assert "No answer among these" in page(owner_client, "compare/?ids=1,2&show=all&q=Friday")


def test_a_link_fills_in_what_it_says(owner_client: Client, project: Project) -> None:
    build(project)
    said = page(owner_client, "new/?dataset=golden&prompt=refund-agent&version=1&repeats=3")
    assert 'name="repeats" value="3"' in said
    assert 'name="concurrency" value="8"' in said
    assert '<option value="1" selected>v1' in said
    assert "11 items find four times out of five" in said  # one is held out
    refused = owner_client.post(f"{AT}new/", {"dataset": "golden", "repeats": "0"})
    assert refused.status_code == 422
    assert "Nothing was started." in refused.content.decode()
    assert Experiment.objects.count() == 2


def test_htmx_gets_the_piece(owner_client: Client, project: Project) -> None:
    build(project)
    for at, holds in (("", 'id="rows"'), ("2/", 'id="body"'), ("new/", 'id="setup"'),
                      ("compare/?ids=1,2", 'id="items"'), ("2/items/", 'id="items"'),
                      ("compare/?ids=1,2&piece=figures", 'id="figures"')):  # fmt: skip
        piece = owner_client.get(AT + at, headers={"HX-Request": "true"}).content.decode()
        assert piece.lstrip().startswith(("<div", "<form", "<section")), at
        assert holds in piece, at
        assert "<h1" not in piece, at


def test_one_run_goes_to_its_page_and_none_to_the_list(
    owner_client: Client, project: Project
) -> None:
    build(project)
    assert owner_client.get(f"{AT}compare/?ids=2")["Location"] == f"{AT}2/"
    assert owner_client.get(f"{AT}compare/?ids=99,²,x")["Location"] == AT
    # As the list's form sends them: the oldest is the baseline.
    assert "2 to fail" in page(owner_client, "compare/?ids=2&ids=1")
    assert "2 to pass" in page(owner_client, "compare/?ids=2,1")


def test_held_out_items_count_and_stay_closed(
    owner_client: Client, member_client: Client, project: Project
) -> None:
    build(project)
    for at in ("compare/?ids=1,2&show=all", "2/items/", "2/items/case-3/", "1/",
               "2/items/case-3/?with=1,2&diff=expected"):  # fmt: skip
        said = page(member_client, at)
        assert "parcel 3" not in said.lower(), at
        assert "0.90" in said, at
    assert "Parcel 3" in page(owner_client, "2/items/case-3/")
    said = page(member_client, "compare/?ids=1,2&show=all&q=Parcel 3 ")
    assert "case-3" not in said


def test_the_export_holds_every_item(owner_client: Client, project: Project) -> None:
    build(project)
    answer = owner_client.get(f"{AT}compare/export/?ids=1,2")
    assert answer["Content-Disposition"] == 'attachment; filename="experiments-1-2.csv"'
    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    assert len(rows) == 12
    assert rows[0]["run 1 faithfulness"] == "0.9"
    assert rows[0]["run 2 faithfulness"] == "0.4"
    assert rows[0]["run 2 cost_usd"] == "0.060000000"


def test_what_failed_is_listed_and_may_run_again(
    member_client: Client, project: Project, bob: User
) -> None:
    run = build(project)[1]
    run.results.filter(item_key="case-5", repeat=1).update(
        state=Result.State.FAILED, error="429: too many requests"
    )
    Experiment.objects.filter(pk=run.pk).update(failed=1, done=23)
    assert "429: too many requests" in page(member_client, "2/")
    viewer = Client()
    viewer.force_login(make_user("v@example.com", organization=project.organization))
    assert "Run what is missing" not in page(viewer, "2/")
    assert viewer.post(f"{AT}2/retry/").status_code == 403
    assert member_client.post(f"{AT}2/retry/").status_code == 303
    run.refresh_from_db()
    assert run.state == Experiment.State.DUE
    assert "Cancel" in page(member_client, "2/")
    assert member_client.post(f"{AT}2/cancel/").status_code == 303
    run.refresh_from_db()
    assert run.state == Experiment.State.CANCELLED


def test_a_person_scores_an_answer(owner_client: Client, project: Project, alice: User) -> None:
    result = build(project)[1].results.get(item_key="case-0", repeat=1)
    store(project, span())
    result.trace_id = "t1"
    result.save()
    said = {"name": "faithfulness", "value": "0.7", "reason": "It is right.", "result": result.pk}
    at = f"{AT}2/label/case-0/"
    assert owner_client.post(at, {**said, "value": "much"}).status_code == 422
    assert owner_client.post(at, {**said, "result": 2**61}).status_code == 404
    assert owner_client.post(at, said).status_code == 303
    assert HumanLabel.objects.get().num == 0.7
    assert "It is right." in page(owner_client, "2/items/case-0/")
    reviewer = make_user("e@example.com", organization=project.organization, role=Role.ENGINEER)
    engineer = Client()
    engineer.force_login(reviewer)
    assert engineer.post(at, said).status_code == 403


def test_another_expected_output_makes_a_version(member_client: Client, project: Project) -> None:
    run = build(project)[1]
    said = {"expected": "It arrives on Monday.", "message": "The policy changed"}
    assert member_client.post(f"{AT}2/expected/case-0/", said).status_code == 303
    run.dataset.refresh_from_db()  # type: ignore[union-attr]
    assert run.dataset
    assert run.dataset.last_number == 2
    shown = page(member_client, "2/items/case-0/")
    assert "It arrives on Tuesday." in shown  # as this run was asked
    assert "The item has changed since" in shown
    assert member_client.post(f"{AT}2/expected/case-3/", said).status_code == 403  # held out


@pytest.mark.django_db
def test_a_project_without_experiments_says_what_they_are(
    owner_client: Client, project: Project
) -> None:
    assert "No experiments yet" in page(owner_client, "")
    assert "No dataset yet" in page(owner_client, "new/")
    make_experiment(project)
    empty = page(owner_client, "?q=nothing-like-it")
    assert "No experiment matches" in empty
    assert "No answer has been scored" in page(owner_client, "1/")
