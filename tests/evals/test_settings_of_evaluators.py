"""Settings that cannot stand are refused by the name of their field."""

from __future__ import annotations

from typing import Any

import pytest

from evals.evaluating.settings import Terms, faults_of, filled


@pytest.mark.parametrize(
    ("kind", "config", "terms", "field"),
    [
        ("poetry", {}, {}, "kind"),
        ("code", {}, {}, "config.check"),
        ("code", {"check": "rm -rf"}, {}, "config.check"),
        ("code", {"check": ["exact"]}, {}, "config.check"),
        ("code", {"check": "exact", "fuzz": 1}, {}, "config.fuzz"),
        ("code", {"check": "exact", "ignore_case": "yes"}, {}, "config.ignore_case"),
        ("code", {"check": "exact", "field": 7}, {}, "config.field"),
        ("code", {"check": "exact", "field": "a\0b"}, {}, "config"),
        ("code", {"check": "regex"}, {}, "config.pattern"),
        ("code", {"check": "regex", "pattern": "(a"}, {}, "config.pattern"),
        ("code", {"check": "regex", "pattern": "(?=a)"}, {}, "config.pattern"),
        ("code", {"check": "regex", "pattern": "a\ud800"}, {}, "config"),
        ("code", {"check": "regex", "pattern": "a", "flags": "x"}, {}, "config.flags"),
        ("code", {"check": "contains"}, {}, "config.words"),
        ("code", {"check": "contains", "words": "a"}, {}, "config.words"),
        ("code", {"check": "contains", "words": [" "]}, {}, "config.words"),
        ("code", {"check": "json_schema"}, {}, "config.schema"),
        ("code", {"check": "json_schema", "schema": {"type": "nonsense"}}, {}, "config.schema"),
        ("code", {"check": "json_schema", "schema": {"$ref": "http://x/y"}}, {}, "config.schema"),
        ("code", {"check": "json_schema", "schema": {"pattern": "(?<=a)"}}, {}, "config.schema"),
        ("code", {"check": "numeric", "absolute": -1}, {}, "config.absolute"),
        ("code", {"check": "numeric", "absolute": 10**400}, {}, "config"),
        ("code", {"check": "numeric", "absolute": float("inf")}, {}, "config"),
        ("code", {"check": "length", "at_least": 5, "at_most": 4}, {}, "config.at_most"),
        ("code", {"check": "exact"}, {"data_type": "number"}, "data_type"),
        ("code", {"check": "similarity"}, {"bar": 1.5}, "bar"),
        ("code", {"check": "similarity"}, {"bar": float("nan")}, "bar"),
        ("code", {"check": "similarity"}, {"bar_direction": "up"}, "bar_direction"),
        ("code", {"check": "similarity"}, {"minimum": 1.0, "maximum": 0.0}, "maximum"),
        ("code", {"check": "exact"}, {"model": "gpt-4o"}, "model"),
        ("code", {"check": "exact"}, {"categories": ("a", "b")}, "categories"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(
    kind: str, config: dict[str, Any], terms: dict[str, Any], field: str
) -> None:
    faults = faults_of(kind, filled(kind, Terms(config=config, **terms)))
    assert field in [name for name, _ in faults], faults
    assert all(text.endswith(".") for _, text in faults)


def test_a_yes_or_no_has_its_bar_and_a_number_the_scale_of_its_check() -> None:
    exact = filled("code", Terms(config={"check": "exact"}))
    assert (exact.data_type, exact.bar, exact.bar_direction) == ("boolean", 1.0, "at_least")
    refusal = filled("code", Terms(config={"check": "refusal"}))
    assert (refusal.bar, refusal.bar_direction) == (0.0, "at_most")
    similar = filled("code", Terms(config={"check": "similarity"}))
    assert (similar.minimum, similar.maximum, similar.bar) == (0.0, 1.0, None)
