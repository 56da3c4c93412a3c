"""MLflow 3: traces with spans and assessments of one experiment by its REST API.

Traces come oldest first, so that what arrives meanwhile shifts no page. Servers that give no
batch of whole traces give each trace's spans as its artifact.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from traces.feedback.given import GivenScore
from traces.ingest.wire.otlp_json import plain
from traces.models import ScoreSource
from traces.moving.errors import NotThere, SourceError
from traces.moving.otlp import attributes_of, decoded, moment
from traces.moving.page import END, Cursor, Page
from traces.moving.reader import Reader

Document = dict[str, Any]

TRACES_A_PAGE = 25
SCOPE = "mlflow"  # whose dialect decodes bare names too
PREFIX = "tr-"  # of MLflow's ids; the rest is OpenTelemetry's
_METADATA = "mlflow.trace.metadata."
_OF_ROOT = ("mlflow.trace.user", "mlflow.trace.session")
_SOURCES = {
    "HUMAN": ScoreSource.HUMAN.value,
    "LLM_JUDGE": ScoreSource.JUDGE.value,
    "AI_JUDGE": ScoreSource.JUDGE.value,
    "CODE": ScoreSource.CODE.value,
}
_API = "/api/3.0/mlflow/traces"


class MLflow:
    """One experiment of one MLflow server."""

    kind = "mlflow"

    def __init__(
        self, reader: Reader, experiment: str, resource: Mapping[str, Any] | None = None
    ) -> None:
        """`resource` is said of every span: servers do not keep what clients said of theirs."""
        self._reader, self._resource = reader, dict(resource or {})
        self.host, self.place = reader.base, experiment
        self._experiment = ""
        self._batches = True

    def close(self) -> None:
        """Give the connections up."""
        self._reader.close()

    def check(self) -> None:
        """Find the experiment by its name. Raises: SourceError."""
        try:
            answer = self._reader.get(
                "/api/2.0/mlflow/experiments/get-by-name", {"experiment_name": self.place}
            )
        except NotThere:
            raise SourceError(
                f"{self.host} has no experiment {self.place!r}, or is no MLflow"
            ) from None
        found = answer.get("experiment") if isinstance(answer, dict) else None
        if not isinstance(found, dict) or not found.get("experiment_id"):
            raise SourceError(f"{self.host} does not answer as MLflow does")
        self._experiment = str(found["experiment_id"])

    def pages(
        self, since: datetime | None, until: datetime, cursor: Cursor | None
    ) -> Iterator[Page]:
        """Pages of whole traces. Raises: SourceError."""
        bounds = [f"timestamp_ms < {_milliseconds(until)}"]
        if since is not None:
            bounds.append(f"timestamp_ms >= {_milliseconds(since)}")
        experiment = {"experiment_id": self._experiment}
        asked: Document = {
            "locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": experiment}],
            "filter": " AND ".join(bounds),
            "order_by": ["timestamp_ms ASC"],
            "max_results": TRACES_A_PAGE,
        }
        token = (cursor or {}).get("token")
        while True:
            if token:
                asked["page_token"] = token
            try:
                answer = self._reader.post(f"{_API}/search", asked)
            except NotThere as error:
                raise SourceError(f"{error}; an MLflow from version 3 on is needed") from None
            infos = [info for info in answer.get("traces") or [] if isinstance(info, dict)]
            token = answer.get("next_page_token")
            page = Page({"token": token} if token else END)
            spans = self._spans([str(info.get("trace_id")) for info in infos], page.skipped)
            for info in infos:
                self._take(page, info, spans.get(str(info.get("trace_id")), []))
            yield page
            if not token:
                return

    def _take(self, page: Page, info: Document, spans: Sequence[Document]) -> None:
        before = len(page.records)
        page.take(decoded(as_sent(info, spans), resource=self._resource, scope=SCOPE))
        trace = page.records[before].trace_id if len(page.records) > before else ""
        trace = trace or str(info.get("trace_id")).removeprefix(PREFIX)
        for assessment in info.get("assessments") or []:
            score = score_of(trace, assessment)
            if isinstance(score, str):
                page.skipped[score] += 1
            else:
                page.scores.append(score)
        page.reached = moment(info.get("request_time")) or page.reached

    # --- spans ------------------------------------------------------------------------------
    def _spans(self, ids: Sequence[str], skipped: Counter[str]) -> dict[str, list[Document]]:
        if self._batches and ids:
            try:
                answer = self._reader.get(f"{_API}/batchGet", {"trace_ids": list(ids)})
            except NotThere:
                self._batches = False
            else:
                found = {
                    str(whole["trace_info"]["trace_id"]): [_plain(span) for span in whole["spans"]]
                    for whole in answer.get("traces") or []
                    if whole.get("spans") and whole.get("trace_info")
                }
                # Spans kept as a file do not come with the batch.
                return found | self._artifacts([one for one in ids if one not in found], skipped)
        return self._artifacts(ids, skipped)

    def _artifacts(self, ids: Sequence[str], skipped: Counter[str]) -> dict[str, list[Document]]:
        found: dict[str, list[Document]] = {}
        for trace_id in ids:
            try:
                answer = self._reader.get(
                    "/ajax-api/2.0/mlflow/get-trace-artifact", {"request_id": trace_id}
                )
            except NotThere:
                answer = {}
            spans = answer.get("spans") if isinstance(answer, dict) else None
            if spans:
                found[trace_id] = [_encoded(span) for span in spans]
            else:
                skipped["traces whose spans the server does not have"] += 1
        return found


def _milliseconds(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp() * 1000)


def _plain(span: Mapping[str, Any]) -> Document:
    """A span of a batch; MLflow has decoded its attributes, clients sent them as JSON texts."""
    attributes = {
        pair.get("key"): plain(pair.get("value")) for pair in span.get("attributes") or []
    }
    return {**span, "attributes": {key: _text(key, value) for key, value in attributes.items()}}


def _encoded(span: Mapping[str, Any]) -> Document:
    """A span of an artifact, whose attributes are all JSON texts."""
    attributes: Document = {}
    for key, value in (span.get("attributes") or {}).items():
        attributes[key] = value
        if isinstance(value, str) and not key.startswith("mlflow."):
            try:
                attributes[key] = _text(key, orjson.loads(value))
            except orjson.JSONDecodeError:
                continue
    events = [
        {
            "name": event.get("name"),
            "time_unix_nano": event.get("time_unix_nano"),
            "attributes": attributes_of(event.get("attributes") or {}),
        }
        for event in span.get("events") or []
    ]
    return {**span, "attributes": attributes, "events": events, "links": []}


def _text(key: str, value: Any) -> Any:
    """A value as clients send it: MLflow's own and structures as JSON, others as they are."""
    if value is not None and key.startswith("mlflow."):
        return _json(value)
    if isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(one, dict | list) for one in value)
    ):
        return _json(value)
    return value


def _json(value: Any) -> str:
    """JSON with the blanks that Python's clients write."""
    return json.dumps(value, ensure_ascii=False)


def as_sent(info: Mapping[str, Any], spans: Sequence[Mapping[str, Any]]) -> list[Document]:
    """The spans of a trace in OTLP/JSON; its root also says what MLflow knows of the trace."""
    roots = [span for span in spans if not span.get("parent_span_id")] or list(spans[:1])
    said = _of_trace(info)
    return [
        {
            **span,
            "attributes": attributes_of(
                {**span["attributes"], **(said if span is roots[0] else {})}
            ),
        }
        for span in spans
    ]


def _of_trace(info: Mapping[str, Any]) -> Document:
    """User, session, name, tags and metadata, in the names of MLflow's dialect."""
    metadata, tags = info.get("trace_metadata") or {}, info.get("tags") or {}
    said: Document = {name: _json(metadata[name]) for name in _OF_ROOT if metadata.get(name)}
    if name := tags.get("mlflow.traceName"):
        said["mlflow.traceName"] = _json(name)
    for key, value in {**metadata, **tags}.items():
        if not key.startswith("mlflow."):
            said[_METADATA + key] = _json(value)
    return said


# --- assessments ----------------------------------------------------------------------------
def score_of(trace_id: str, assessment: Mapping[str, Any]) -> GivenScore | str:
    """A feedback as a score, else why it is none."""
    feedback = assessment.get("feedback")
    if assessment.get("valid") is False:
        return "assessments that others took the place of"
    if not isinstance(feedback, dict):
        return "expectations, which are no scores but answers for a dataset"
    value = feedback.get("value")
    if value is None:
        return "assessments without a value"
    if not isinstance(value, bool | int | float | str):
        return "assessments whose value is no number, word or yes and no"
    given_by = assessment.get("source") or {}
    source = _SOURCES.get(str(given_by.get("source_type")), ScoreSource.CODE.value)
    metadata = dict(assessment.get("metadata") or {})
    author = str(given_by.get("source_id") or "")
    if author and source != ScoreSource.HUMAN:
        metadata["mlflow.source"] = author
    return GivenScore(
        str(assessment.get("assessment_name")),
        value,
        id=str(assessment.get("assessment_id") or ""),
        trace_id=trace_id,
        span_id=str(assessment.get("span_id") or ""),
        source=source,
        comment=str(assessment.get("rationale") or ""),
        metadata=metadata or None,
        author=author if source == ScoreSource.HUMAN else "",
        at=moment(assessment.get("create_time")),
    )
