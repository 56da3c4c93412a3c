"""What a run of a schedule was made with, by the names of `evals.drift.segments.Fingerprint`."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import lru_cache
from importlib.metadata import version as release_of
from typing import Any

import orjson

from evals.models import EvaluatorVersion, Experiment, Judgement, Result, ScheduleRun
from evals.queries.planning import BadPlan, content_of
from prompts.models import PromptVersion
from prompts.queries.who_serves import fingerprint_in
from traces.ingest.canonical.represent import read_content
from traces.models import Span, SpanContent
from traces.queries.detail import document_of

MOST_READ = 200  # answers whose contents are opened
RARE = 0.05  # what so few of the answers of a run say was an accident


def fingerprint_of(
    run: ScheduleRun, experiment: Experiment, watched: EvaluatorVersion
) -> dict[str, str]:
    """Of a run that is over; '' is unknown. Up to seven queries, and the contents of 200 answers.

    What the provider, or the judge's, tells with each answer is a list with ", " between: whoever
    gave one answer in twenty and more.
    """
    results = Result.objects.filter(experiment=experiment).exclude(trace_id="")
    traces = list(results.order_by("place", "pk").values_list("trace_id", "span_id"))
    systems, indexes = _told_by(experiment, traces[:MOST_READ])
    prompt, tools = _texts(experiment, run.prompt_version)
    return {
        "prompt": prompt,
        "model_asked": f"{experiment.provider}/{experiment.model}",
        "model_returned": _models(experiment.project_id, [trace for trace, _ in traces]),
        "system": _listed(systems),
        "parameters": orjson.dumps(run.parameters, option=orjson.OPT_SORT_KEYS).decode(),
        "tools": tools,
        "index": _listed(indexes),
        "dataset": f"{run.schedule.dataset.name}@{run.schedule.dataset_version}",
        "judge_prompt": f"{watched.evaluator.name} v{watched.number}",
        "judge_model": _judge(experiment, watched),
        "code": code_version(),
    }


@lru_cache(1)
def code_version() -> str:
    """Whose code put the question and reckoned the scores: `Roadworthy 1.2.0`."""
    return f"Roadworthy {release_of('roadworthy')}"


def _listed(told: Iterable[str]) -> str:
    counts = Counter(one.replace(", ", " ") for one in told if one)
    least = RARE * counts.total()
    return ", ".join(sorted(one for one, count in counts.items() if count >= least))


def _models(project_id: int, traces: Sequence[str]) -> str:
    """The models that answered in these traces, as the providers call them."""
    spans = Span.objects.filter(project_id=project_id, trace_id__in=list(traces))
    return _listed(str(one) for one in spans.exclude(model=None).values_list("model", flat=True))


def _judge(experiment: Experiment, watched: EvaluatorVersion) -> str:
    """The model that judged, as it called itself, else as it was asked for."""
    judged = Judgement.objects.filter(experiment=experiment, version=watched)
    traces = judged.exclude(judge_trace_id="").values_list("judge_trace_id", flat=True)
    return _models(experiment.project_id, list(traces)) or watched.model


def _told_by(
    experiment: Experiment, traces: Sequence[tuple[str, str]]
) -> tuple[list[str], list[str]]:
    """(system fingerprints, versions of retrieval indexes) that these spans carry."""
    contents = SpanContent.objects.filter(
        project_id=experiment.project_id,
        trace_id__in=[trace for trace, _ in traces],
        start_time__gte=experiment.created_at - timedelta(hours=1),
    )
    systems, indexes = [], []
    for body in contents.values_list("body", flat=True)[: 2 * MOST_READ]:
        document = document_of(body, ())
        systems.append(fingerprint_in(document.get("attributes") or {}))
        indexes.append(str(read_content(document).get("index_version") or "")[:100])
    return systems, indexes


def _texts(experiment: Experiment, version: PromptVersion | None) -> tuple[str, str]:
    """(the version, told apart where a text that it refers to changed; its tools by name)."""
    if version is None:
        return "", ""
    name = f"{version.prompt.name} v{version.number}"
    try:
        whole = content_of(experiment.project, version)
    except BadPlan:
        return name, ""
    own = version.content(version.prompt.kind)
    if whole.prompt != own.prompt:
        name += f" with texts {_digest(whole.prompt)}"
    if not whole.tools:
        return name, "none"
    named = [_name_of(tool) for tool in whole.tools]
    return name, f"{' '.join(named)[:200]} {_digest(whole.tools)}"


def _name_of(tool: Any) -> str:
    function = tool.get("function", tool) if isinstance(tool, dict) else {}
    return str(function.get("name", "tool")) if isinstance(function, dict) else "tool"


def _digest(value: Any) -> str:
    told = orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(told).hexdigest()[:8]
