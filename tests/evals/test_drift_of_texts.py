"""What texts are about: a window of other topics is seen, with examples, on two days."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.spatial import KDTree

from bench.drift_texts import OLD, Traffic
from evals.drift import grams, semantic
from evals.drift.neighbours import BadVectors, compare, nearest


def test_neighbours_are_those_of_a_search_tree() -> None:
    rows = np.random.default_rng(1).normal(size=(300, 8))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = nearest(rows.astype(np.float32), 5, np.random.default_rng(0))
    _, wanted = KDTree(rows).query(rows, k=6)
    assert [set(one) for one in found] == [set(one[1:]) for one in wanted]


def test_the_share_is_counted_and_the_distance_is_that_of_means() -> None:
    old = np.array([[1, 0.01 * i] for i in range(6)])
    new = np.array([[0.01 * i, 1] for i in range(6)])
    found = compare(old, new, neighbours=3, permutations=99)
    assert (found.share, found.p) == (1.0, 0.01)
    assert found.expected == pytest.approx(5 / 11)
    assert found.distance == pytest.approx(np.sqrt(2), abs=0.1)
    assert set(found.examples) <= set(range(6))
    assert found == compare(old, new, neighbours=3, permutations=99)


def test_texts_repeated_word_for_word_are_no_drift() -> None:
    chance = np.random.default_rng(5)
    kinds = chance.normal(size=(6, 16))
    few = 0
    for seed in range(40):
        old, new = kinds[chance.integers(0, 6, 200)], kinds[chance.integers(0, 6, 100)]
        few += compare(old, new, seed=seed).p <= 0.05
    assert few <= 6


def test_examples_are_texts_of_what_is_new() -> None:
    traffic = Traffic(3)
    old, new = traffic.topics(400, 0), traffic.topics(250, 0.3)
    rows = grams.vectors(traffic.texts([*old, *new]))
    found = compare(rows[:400], rows[400:])
    assert found.p <= 0.01
    assert len(found.examples) == 10
    assert sum(new[one] >= OLD for one in found.examples) >= 8


def test_a_drift_is_one_that_stands_on_two_days() -> None:
    traffic = Traffic(4)
    reference = traffic.texts(traffic.topics(400, 0))
    same, other = (traffic.texts(traffic.topics(200, share)) for share in (0.0, 0.9))
    watch, said = semantic.Watch(), []
    for day, window in enumerate([same, other, other[:50], other, other, same]):
        watch, found = semantic.look_at_texts(watch, day, reference, window)
        said.append(found.said)
    assert said == ["same", "once", "too few texts", "drift", "still", "same"]
    watch = semantic.Watch(8, 2)
    for _ in range(2):  # the same day again
        watch, found = semantic.look_at_texts(watch, 8, reference, other)
        assert (found.said, watch.successive) == ("drift", 2)


def test_vectors_of_texts_are_the_same_in_every_process() -> None:
    texts = ["How do I pay?", "how  do I PAY?", "Ｈow do I pay?", "", "\ud800\x00 odd", "x" * 10**6]
    rows = grams.vectors(texts)
    assert rows.shape == (6, 512)
    assert rows[0] == pytest.approx(rows[1])
    assert rows[0] == pytest.approx(rows[2])
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1, 0, 1, 1])
    script = (
        "from evals.drift.grams import vectors\n"
        "print(vectors(['how do I pay?', 'where is my card'])[0].tolist())"
    )
    printed = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
        for _ in range(2)
    ]
    assert printed[0] == printed[1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([[1.0, 0.0]] * 9, [[1.0]] * 9), ([[1.0]] * 2, [[1.0]] * 2), ([], [[1.0]] * 9),
        ([["a"]] * 9, [[1.0]] * 9), ([[float("nan")]] * 9, [[1.0]] * 9),
        ([[1.0], [1.0, 2.0]] * 5, [[1.0]] * 9), (None, [[1.0]] * 9),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(old: list[list[float]], new: list[list[float]]) -> None:
    with pytest.raises(BadVectors):
        compare(old, new)
