"""`roadworthy engine` answers every case as the references do, and refuses what it cannot read."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from config.engine_command import ENGINES

CASES = Path(__file__).parents[1] / "fixtures" / "engines"


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((CASES / f"{name}_cases.json").read_text())
    return document


def answers(name: str, document: Any) -> dict[str, Any]:
    found: dict[str, Any] = import_module(ENGINES[name]).answer(document)
    json.dumps(found, allow_nan=False)
    return found


def is_close(found: Any, wanted: Any, tolerance: float) -> bool:
    if isinstance(wanted, list):
        return isinstance(found, list) and all(
            is_close(a, b, tolerance) for a, b in zip(found, wanted, strict=True)
        )
    if wanted is None or isinstance(wanted, str) or found is None:
        return bool(found == wanted)
    return math.isclose(found, wanted, rel_tol=tolerance, abs_tol=tolerance)


@pytest.mark.parametrize("name", ["stats", "retrieval", "rag", "agent"])
def test_all_cases(name: str) -> None:
    document = read(name)
    found = answers(name, document)
    wrong = []
    for case in document["cases"]:
        given = case.get("tol", {"default": document.get("tol")})
        for figure, wanted in case["expected"].items():
            tolerance = given.get(figure, given["default"])
            if not is_close(found[case["id"]].get(figure), wanted, tolerance):
                wrong.append((case["id"], figure, found[case["id"]].get(figure), wanted))
    assert not wrong


def test_the_command_needs_no_settings_and_no_django() -> None:
    script = (
        "import sys; sys.argv = ['roadworthy', 'engine', 'rag']\n"
        "from config.cli import main\n"
        "try: main()\n"
        "finally: print(sorted({'django', 'numpy', 'scipy'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=(CASES / "rag_cases.json").read_bytes(),
        capture_output=True, env={}, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["f02"]["faithfulness"] is None
    assert done.stderr.decode().strip() == "[]"


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("nosuch", b"{}", "NAME is one of stats, retrieval, rag, agent, drift"),
        ("stats", b"no json", "no JSON"),
        ("stats", b"[1]", "must be an object"),
        ("stats", b'{"cases": [{"id": "x", "kind": "odd", "input": {}}]}', "Case 'x': The kind"),
        (
            "stats",
            b'{"cases": [{"id": "x", "kind": "paired_binary", "input": {"a": [1], "b": []}}]}',
            "equally long",
        ),
        ("stats", b'{"cases": [{"id": "x", "kind": "mde", "input": {}}]}', "sd_diff"),
        ("rag", b'{"cases": [{"id": "x", "claims": ["perhaps"]}]}', "'perhaps'"),
        ("agent", b'{"cases": [{"id": "x", "runs": 3}]}', "runs must be a list"),
        ("retrieval", b'{"cases": [{"id": "x", "ranked": []}]}', "qrels"),
    ],
)
def test_refusals_are_sentences_with_exit_code_2(name: str, given: bytes, said: str) -> None:
    script = "from config import engine_command; import sys; sys.exit(engine_command.main([sys.argv[1]]))"  # noqa: E501
    done = subprocess.run([sys.executable, "-c", script, name], input=given, capture_output=True)
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert not done.stdout


EDGES: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {
    "paired_binary": [
        ({"a": [], "b": []}, {"diff": None, "se_paired": None, "mcnemar_exact_p": 1.0}),
        ({"a": [1], "b": [0]}, {"diff": -1.0, "se_paired": None, "ci95_normal": None}),
        ({"a": [1, None, 0], "b": [1, 1, None]}, {"n": 1, "diff": 0.0}),
        ({"a": [True, False], "b": [True, True]}, {"improved": 1, "wilson_b": [0.342380227, 1.0]}),
    ],
    "paired_scores": [
        ({"a": [3, 3, 3], "b": [3, 3, 3]}, {"t_p": None, "cohen_dz": None, "permutation_p": 1.0}),
        ({"a": [1, 2, 3], "b": [2, 3, 4]}, {"se_paired": 0.0, "t_p": 0.0, "cohen_dz": None}),
    ],
    "clustered_mean": [
        ({"x": [], "cluster": []}, {"mean": None, "se_miller2024": None}),
        ({"x": [1.0, 0.0], "cluster": [7, 7]}, {"se_cluster_cr0": 0.0, "se_cluster_cr1": None}),
    ],
    "mde": [({"sd_diff": 0, "n": 10}, {"mde": 0.0, "n_for_mde_05": 0})],
    "n_questions": [({"omega2": 1, "delta": 0}, {"n": None})],
    "agreement": [
        ({"human": [], "judge": []}, {"agreement": None, "kappa": None, "alpha_nominal": None}),
        ({"human": [1, 1], "judge": [1, 1]}, {"agreement": 1.0, "kappa": None}),
        ({"human": ["a", "b"], "judge": ["a", "b"]}, {"kappa": 1.0, "alpha_interval": None}),
    ],
    "krippendorff_missing": [
        ({"ratings": [[1, None], [None, 2]]}, {"alpha_nominal": None}),
        ({"ratings": []}, {"alpha_nominal": None}),
    ],
    "judge_correction": [
        (
            {"human": [], "judge_on_labelled": [], "judge_on_unlabelled": [1, 0]},
            {"naive": 0.5, "classical": None, "ppi": None, "sensitivity": None},
        ),
        (
            {"human": [1, 0], "judge_on_labelled": [1, 1], "judge_on_unlabelled": [1, 1]},
            {"ppi_plus": 0.5, "rogan_gladen": None},
        ),
    ],
    "multiple": [({"p": []}, {"holm": [], "bh": []}), ({"p": [0.04]}, {"holm": [0.04]})],
    "gate": [
        ({"d": [], "margin": 0.03}, {"decision": "inconclusive", "ci95": None}),
        ({"d": [0.2], "margin": 0.03}, {"decision": "inconclusive", "ci95": None}),
        ({"d": [0.0, 0.0], "margin": 0.0}, {"decision": "inconclusive", "ci95": [0.0, 0.0]}),
        ({"d": [0.0, 0.0], "margin": 0.01}, {"decision": "pass"}),
        ({"d": [-0.03, -0.03], "margin": 0.03}, {"decision": "fail", "mde80": 0.0}),
    ],
}


@pytest.mark.parametrize("kind", EDGES)
def test_edges_of_statistics_are_defined_or_null(kind: str) -> None:
    for given, wanted in EDGES[kind]:
        document = {"cases": [{"id": 1, "kind": kind, "input": given}]}
        found = answers("stats", document)["1"]
        for name, value in wanted.items():
            assert is_close(found[name], value, 1e-6), (given, name, found[name])


def test_edges_of_rankings_and_runs() -> None:
    nothing = answers("retrieval", {"cases": [{"id": "a", "qrels": {}, "ranked": []}]})["a"]
    assert nothing["AP"] == nothing["nDCG@10"] == nothing["P@1"] == 0.0
    assert nothing["judged@5"] is None
    twice = {"id": "a", "qrels": {"x": 1, "y": None, "z": -1}, "ranked": ["z", "z", "x", "x"]}
    found = answers("retrieval", {"cases": [twice]})["a"]
    assert (found["RR"], found["P@2"], found["nDCG@2"]) == (
        0.5,
        0.5,
        pytest.approx(1 / math.log2(3)),
    )
    no_runs = answers("agent", {"cases": [{"id": "a", "runs": []}]})["a"]
    assert set(no_runs.values()) == {None}
    free = {"completed": True, "escalated": False, "cost_usd": None, "steps": None}
    found = answers("agent", {"cases": [{"id": "a", "runs": [free]}]})["a"]
    assert found["resolution_rate"] == 1.0
    assert found["total_cost"] is found["tool_recall"] is found["mean_steps"] is None
