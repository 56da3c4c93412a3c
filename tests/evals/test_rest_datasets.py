"""Datasets over REST: made, filled, read in any version, compared, archived."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Project, User
from evals.models import Dataset
from tests.evals.making import item, make_dataset, make_gate
from tests.factories import Key
from tests.prompts.asking import Api, where
from tests.prompts.making import make_reviewer, make_version

AT = "datasets/eval%2Fcapitals"


@pytest.fixture
def api(key: Key) -> Api:
    return Api(headers=key.headers)


@pytest.fixture
def filled(api: Api) -> None:
    api.post("datasets", {"name": "eval/capitals", "description": "d", "metadata": {"o": 1}})
    api.post(
        f"{AT}/items",
        {
            "message": "first",
            "add": [
                {"id": "fr", "input": {"country": "France"}, "expected": "Paris", "slice": "edge"},
                {"id": "it", "input": {"country": "Italy"}, "source_trace_id": "t1"},
                {"id": "es/1", "input": {"country": "Spain"}, "split": "held_out"},
            ],
        },
        200,
    )


def test_items_come_back_as_they_were_sent(api: Api, filled: None) -> None:
    told = api.get(AT)
    assert (told["name"], told["version"], told["items"]) == ("eval/capitals", 1, 3)
    assert (told["sources"], told["held_out"]) == ({"human": 2, "production": 1}, 1)
    assert [row["name"] for row in api.get("datasets?search=CAPI")["data"]] == ["eval/capitals"]
    first = api.get(f"{AT}/items?limit=2")
    assert [row["id"] for row in first["data"]] == ["fr", "it"]
    assert (first["data"][0]["input"], first["data"][0]["expected"]) == (
        {"country": "France"},
        "Paris",
    )
    assert first["data"][1]["source_trace_id"] == "t1"
    (last,) = api.get(f"{AT}/items?limit=2&cursor={first['next_cursor']}")["data"]
    assert (last["id"], last["input"], last["closed"]) == ("es/1", None, "Held out")
    assert [row["id"] for row in api.get(f"{AT}/items?slice=edge")["data"]] == ["fr"]
    assert [row["id"] for row in api.get(f"{AT}/items?search=Spain")["data"]] == []
    assert [row["id"] for row in api.get(f"{AT}/items?search=ital")["data"]] == ["it"]


def test_a_change_is_a_version_and_a_difference(api: Api, filled: None) -> None:
    body = {
        "put": [{"id": "fr", "expected": "Paris!"}, {"id": "pt", "input": "Portugal"}],
        "remove": ["it"],
    }
    version = api.post(f"{AT}/items", body, 200)
    assert (version["version"], version["added"], version["changed"], version["removed"]) == (
        2, 1, 1, 1,
    )  # fmt: skip
    assert api.post(f"{AT}/items", {"put": body["put"]}, 200)["version"] == 2
    assert [row["version"] for row in api.get(f"{AT}/versions")["data"]] == [2, 1]
    told = api.get(f"{AT}/versions/2/diff")
    assert [(one["id"], one["change"], one["fields"]) for one in told["items"]] == [
        ("fr", "changed", ["expected"]),
        ("it", "removed", []),
        ("pt", "added", []),
    ]
    whole = api.get(f"{AT}/versions/2/diff?against=0")
    assert (whole["added"], whole["items"][1]["after"]["input"]) == (3, None)
    assert api.get(f"{AT}/items/fr?version=1")["expected"] == "Paris"
    assert api.get(f"{AT}/items/fr")["since"] == 2
    assert api.put(f"{AT}/items/fr", {"slice": "messy"})["slice"] == "messy"
    api.delete(f"{AT}/items/fr")
    api.get(f"{AT}/items/fr", 404)
    assert api.get(f"{AT}/versions/4")["removed"] == 1


def test_a_key_never_reads_what_is_held_out(api: Api, filled: None, project: Project) -> None:
    assert api.get(f"{AT}/items/es%2F1")["expected"] is None
    problem = api.put(f"{AT}/items/es%2F1", {"split": "main"}, 403)
    assert "A key never reads held-out items." in problem["detail"]
    reviewer = make_reviewer(project, "dora")
    person = Api(user=reviewer)
    assert person.get(f"{AT}/items/es%2F1")["input"] == {"country": "Spain"}
    version = make_version(project, actor=reviewer)
    make_gate(version.prompt, Dataset.objects.get())
    assert person.get(f"{AT}/items/es%2F1")["input"] is None
    assert person.get(f"{AT}/versions/1/diff")["items"][2]["after"]["input"] is None


def test_what_was_open_once_is_closed_in_old_versions_too(api: Api, filled: None) -> None:
    api.put(f"{AT}/items/fr", {"split": "held_out"})
    assert api.get(f"{AT}/items/fr?version=1")["input"] is None
    (moved,) = api.get(f"{AT}/versions/2/diff")["items"]
    assert (moved["fields"], moved["before"]["input"]) == (["split"], None)


BAD: list[tuple[Any, list[str]]] = [
    ({}, ["add"]),
    ([], ["non_field_errors"]),
    ({"add": [{"inputs": 1}]}, ["add[0].inputs"]),
    ({"add": [{"input": 1, "split": "x"}]}, ["add[0].split"]),
    ({"add": [{"input": 1}, {"input": {"a": "x\0"}}]}, ["[1].input"]),
    ({"add": [{"id": " x", "input": 1}]}, ["[0].key"]),
    ({"change": [{"input": 1}]}, ["[0].key"]),
    ({"add": [{"input": 1, "characteristics": {"a": 1}}]}, ["[0].characteristics"]),
]


@pytest.mark.parametrize(("body", "places"), BAD)
def test_odd_bodies_are_refused_with_the_place(
    api: Api, filled: None, body: Any, places: list[str]
) -> None:
    assert where(api.post(f"{AT}/items", body, 400)) == places
    assert api.get(AT)["version"] == 1


def test_datasets_are_described_archived_and_restored(api: Api, filled: None) -> None:
    assert where(api.post("datasets", {"name": "eval/capitals"}, 400)) == ["name"]
    assert where(api.patch(AT, {"input_schema": {"type": "strin"}}, 400)) == ["input_schema"]
    problem = api.patch(AT, {"input_schema": {"type": "string"}}, 400)
    assert "fr (" in problem["detail"]
    assert "es/1 (held out)" in problem["detail"]
    assert api.patch(AT, {"description": "Capitals"})["description"] == "Capitals"
    api.delete(AT)
    assert api.get("datasets")["data"] == []
    assert len(api.get("datasets?archived=true")["data"]) == 1
    assert api.patch(AT, {"archived": False})["archived_at"] is None
    api.get("datasets/nothing", 404)
    api.get(f"{AT}/versions/9/diff", 404)
    api.get(f"{AT}/items?version=7", 404)
    api.get("datasets?cursor=%00", 400)


def test_a_list_asks_no_more_for_more_rows(
    project: Project, bob: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        make_dataset(project, f"set {number}", item(number), item(f"x{number}"))
    api = Api(user=bob)
    with django_assert_max_num_queries(9):
        assert len(api.get("datasets")["data"]) == 6
    with django_assert_max_num_queries(9):
        assert len(api.get("datasets/set%201/items")["data"]) == 2
