"""What spend is told apart by: a table to which a dimension is added as one entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from traces.queries.spend import Payer


@dataclass(frozen=True)
class Dimension:
    """One column of the roll-ups, or two that are one name.

    `missing` is the row of what says none, `fix` what is to be done about it.
    """

    name: str  # in the URL: `by=name`
    word: str
    # Of `traces.queries.usage`; none of users and payers, who have figures of their own.
    columns: Sequence[str]
    missing: str
    fix: str = ""
    then: str = ""  # the dimension that one value of this one is told apart by
    payer: Payer | None = None


DIMENSIONS: Mapping[str, Dimension] = {
    one.name: one
    for one in (
        Dimension(
            "feature", "Feature", ("feature",), "Not attributed", "give it a rule", "model"
        ),
        Dimension("user", "User", (), "Not attributed", "send user.id"),
        Dimension("segment", "Segment", (), "Segment not said", payer=Payer.SEGMENT),
        Dimension("key", "Key", (), "Without a key", payer=Payer.KEY),
        Dimension("route", "Route", (), "Without a route", payer=Payer.ROUTE),
        Dimension("model", "Model", ("model",), "Model not said", "see the traces", "feature"),
        Dimension(
            "prompt", "Prompt version", ("prompt_name", "prompt_version"), "Without a prompt",
            "link prompts to traces", "model",
        ),
        Dimension(
            "environment", "Environment", ("environment",), "Environment not said",
            "see the traces", "feature",
        ),
    )
}  # fmt: skip
# What a page may be narrowed to: parameter -> column.
NARROWS: Mapping[str, str] = {
    "feature": "feature", "model": "model", "prompt": "prompt_name", "version": "prompt_version",
    "env": "environment",
}  # fmt: skip


def dimension_of(text: str) -> Dimension:
    """The dimension of that name; features of anything else."""
    return DIMENSIONS.get(text, DIMENSIONS["feature"])
