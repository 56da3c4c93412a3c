"""Pages tell who won: one run, a comparison with its baseline, one item, and the form."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Project, User
from evals.models import Experiment, Judgement, Result
from evals.services.gate_errors import BadGate
from evals.services.gate_proposals import propose_gate
from tests.evals.gating import settings
from tests.evals.labelled import make_judge
from tests.evals.planned import MODEL, connected, planned_dataset, questions
from tests.evals.ran import add_results, make_experiment
from tests.prompts.making import chat, make_reviewer, make_version

pytestmark = pytest.mark.django_db
AT = "/p/support/experiments/"
VERDICTS = [("better", 1.0)] * 14 + [("tie", 0.5)] * 3 + [("worse", 0.0)] * 7 + [(None, None)] * 2


def build(project: Project, times: int = 1) -> tuple[Experiment, Experiment]:
    """A run, and one that was compared with it: 14 won, 3 tied, 7 lost, 2 without counterpart."""
    judge = make_judge(
        project, "preferred", kind="pairwise", config={"rubric": "Clearer."},
        categories=["better", "tie", "worse"], values=[1.0, 0.5, 0.0], bar=None, model=MODEL,
    )  # fmt: skip
    verdicts = VERDICTS * times
    cases = questions(len(verdicts))
    for place, case in enumerate(cases):
        case["slice"] = "edge" if place % 2 else ""
    dataset = planned_dataset(project, cases, name="golden")
    version = make_version(project, content=chat(("user", "{{question}}"), model=MODEL))
    before = make_experiment(
        project, dataset, name="before", prompt=version.prompt, prompt_version=version
    )
    answers = {f"golden-{place:04}": {"output": "Old."} for place in range(len(verdicts))}
    olds = add_results(before, {key: answers[key] for key in list(answers)[:-2]})
    after = make_experiment(
        project, dataset, [judge], baseline=before, baseline_label=str(before)
    )  # fmt: skip
    told = {
        key: {"output": "New.", "scores": {"preferred": {"num": num, "label": label,
              "details": None if label else {"lacks": "counterpart"}}}}
        for (label, num), key in zip(verdicts, answers, strict=True)
    }  # fmt: skip
    add_results(after, told, evaluators=[judge])
    for old in olds:
        Judgement.objects.filter(result__item_key=old.item_key).update(other=old)
    return before, after


def body(client: Client, path: str, **headers: str) -> str:
    response = client.get(AT + path, headers=headers)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_run_and_a_comparison_say_who_won(project: Project, member_client: Client) -> None:
    build(project)
    one = body(member_client, "2/")
    counts = "14 won, 3 tied, 7 lost, 2 answers without a counterpart"
    for words in (counts, "64.6%", "95% 45.9% to 79.5%", "Win rate against #1 before"):
        assert words in one
    both = body(member_client, "compare/?ids=1,2")
    for words in (counts, "wins 64.6%", "45.9% to 79.5%", "No difference beyond noise",
                  "14 improved", "7 regressed", ">won</span>"):  # fmt: skip
        assert words in both, words
    turned = body(member_client, "compare/?ids=2,1")
    assert "not in this run" in turned
    listed = body(member_client, "figures/?n=1&n=2", **{"HX-Request": "true"})
    assert "64.6%" in listed
    beaten = body(member_client, "compare/?ids=1,2&show=regressed")
    assert beaten.count('<tr><th scope="row"><div class="ih">') == 7


def test_a_run_against_another_baseline_is_not_told_as_against_this_one(
    project: Project, member_client: Client
) -> None:
    before, _ = build(project)
    make_experiment(project, before.dataset, name="third")
    both = body(member_client, "compare/?ids=3,2")
    assert "No run here was compared with Run 3." in both
    assert "it was compared against #1 before" in both


def test_an_item_links_to_the_answer_that_it_was_compared_with(
    project: Project, member_client: Client
) -> None:
    build(project)
    won = body(member_client, "2/items/golden-0000/")
    assert f'href="{AT}1/items/golden-0000/?repeat=1">Compared with run 1</a>' in won
    lacking = body(member_client, "2/items/golden-0025/")
    assert "no counterpart" in lacking
    assert "Compared with" not in lacking


@pytest.mark.parametrize("path", ["2/", "compare/?ids=1,2", "figures/?n=1&n=2"])
def test_more_pairs_take_no_more_queries(
    project: Project, member_client: Client, path: str
) -> None:
    build(project, times=2)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            body(member_client, path, **{"HX-Request": "true"} if "figures" in path else {})
        return len(found)

    many = queries()
    kept = [f"golden-{place:04}" for place in (0, 1, 15, 20, 25)]
    Result.objects.exclude(item_key__in=kept).delete()
    assert queries() == many


def test_the_form_offers_a_baseline_where_a_judge_of_pairs_is_in_use(
    project: Project, member_client: Client
) -> None:
    before, _ = build(project)
    connected(project)
    shown = body(member_client, "new/")
    assert "Pairwise judges compare with" in shown
    assert '<option value="1">#1 before</option>' in shown
    again = body(member_client, "new/?from=2")
    assert '<option value="1" selected>#1 before</option>' in again
    judge = Judgement.objects.exclude(version=None)[0].version_id
    given = {
        "dataset": "golden", "prompt": "refund-agent", "version": "1", "baseline": "1",
        "repeats": "1", "concurrency": "4", "evaluators": str(judge), "splits": "main",
    }  # fmt: skip
    assert member_client.post(f"{AT}new/", given).status_code == 303
    started = Experiment.objects.get(number=3)
    assert (started.baseline, started.baseline_label) == (before, "#1 before")
    assert member_client.post(f"{AT}new/", given | {"evaluators": []}).status_code == 303
    assert Experiment.objects.get(number=4).baseline is None
    assert member_client.post(f"{AT}new/", given | {"baseline": "77"}).status_code == 422


def test_a_gate_takes_no_judge_of_pairs(project: Project) -> None:
    before, _ = build(project)
    assert before.prompt is not None
    chosen = settings("golden").primary.__class__("preferred", 1)
    wanted = settings("golden", evaluators=(chosen,))
    author: User = make_reviewer(project, "gina")
    with pytest.raises(BadGate, match="a gate takes none"):
        propose_gate(before.prompt, "production", wanted, actor=author)
