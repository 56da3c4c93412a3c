"""Makes what an experiment needs: items, a prompt, evaluators that compute, a provider to ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounts.models import Project
from evals.models import (
    Dataset,
    DatasetItem,
    DatasetVersion,
    Evaluator,
    EvaluatorKind,
    EvaluatorVersion,
    ItemRevision,
)
from evals.values.plans import Plan
from gateway.models import Kind, Provider
from tests.prompts.making import chat, make_version

MODEL = "gpt-4o-mini"


def planned_dataset(project: Project, items: Sequence[dict[str, Any]], name: str = "g") -> Dataset:
    """A dataset of one version; each item is the fields of its revision, and perhaps its `key`."""
    dataset = Dataset.objects.create(project=project, name=name, last_number=1, items=len(items))
    DatasetVersion.objects.create(dataset=dataset, number=1, items=len(items), author_label="t")
    keys = [item.get("key", f"{name}-{place:04}") for place, item in enumerate(items)]
    made = DatasetItem.objects.bulk_create(
        DatasetItem(project=project, dataset=dataset, key=key) for key in keys
    )
    ItemRevision.objects.bulk_create(
        ItemRevision(
            item=one, dataset=dataset, since=1, content_hash=one.key, author_label="t",
            **{name: value for name, value in item.items() if name != "key"},
        )
        for one, item in zip(made, items, strict=True)
    )  # fmt: skip
    return dataset


def questions(count: int, **more: Any) -> list[dict[str, Any]]:
    """So many items with a question, whose answer begins with `It`."""
    return [
        {"input": {"question": f"Where is order {place}?"}, "expected": "It is on its way.", **more}
        for place in range(count)
    ]


def contains(
    project: Project, name: str = "contains", config: dict[str, Any] | None = None, **more: Any
) -> EvaluatorVersion:
    """An approved version of an evaluator that computes."""
    evaluator = Evaluator.objects.create(
        project=project, name=name, kind=EvaluatorKind.CODE, last_number=1
    )
    fields = {"data_type": "boolean", "bar": 1.0, **more}
    version = EvaluatorVersion.objects.create(
        evaluator=evaluator,
        number=1,
        config=config or {"check": "contains", "words": ["way"]},
        content_hash="c",
        state=EvaluatorVersion.State.APPROVED,
        author_label="t",
        **fields,
    )
    evaluator.current = version
    evaluator.save()
    return version


def connected(project: Project, url: str = "", **more: Any) -> Provider:
    """The project's default connection: to `url`, or simulated."""
    kind = Kind.OPENAI if url else Kind.SIMULATED
    return Provider.objects.create(
        project=project,
        kind=kind,
        name=more.pop("name", "Test"),
        base_url=url,
        model_names=[MODEL],
        is_default=True,
        traced_as="openai" if url else "",
        **more,
    )


def a_plan(project: Project, dataset: Dataset, **more: Any) -> Plan:
    """A prompt with one variable over `dataset`."""
    content = more.pop("content", None) or chat(("user", "{{question}}"), model=MODEL)
    version = make_version(project, more.pop("prompt", "refund-agent"), content)
    return Plan(dataset=dataset, prompt_version=version, **more)
