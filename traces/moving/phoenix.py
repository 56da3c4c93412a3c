"""Arize Phoenix: spans and annotations of one project by its REST API.

Spans come in the order they were stored, newest first, by a cursor that stays valid while others
arrive. Phoenix keeps attributes as a tree and OpenInference's JSON texts as values; both are put
back into the form they were sent in.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from traces.feedback.given import GivenScore
from traces.models import ScoreSource
from traces.moving.errors import NotThere, SourceError
from traces.moving.otlp import attributes_of, decoded, iso, moment, nanoseconds
from traces.moving.page import END, Cursor, Page
from traces.moving.reader import Reader

Document = dict[str, Any]

SPANS_A_PAGE = 200
TARGETS_A_QUESTION = 50  # ids in one address
ANNOTATIONS_A_PAGE = 1000
MOST_REMEMBERED = 10_000  # traces and sessions
_STATUS = {"OK": 1, "ERROR": 2}
# OpenInference writes these as JSON texts; Phoenix keeps what they hold.
_JSON_TEXTS = ("metadata", "tool.parameters", "llm.prompt_template.variables")
_DOCUMENT_METADATA = ".document.metadata."
_SOURCES = {
    "LLM": ScoreSource.JUDGE.value,
    "CODE": ScoreSource.CODE.value,
    "HUMAN": ScoreSource.HUMAN.value,
}


class Phoenix:
    """One project of one Phoenix."""

    kind = "phoenix"

    def __init__(
        self, reader: Reader, project: str, resource: Mapping[str, Any] | None = None
    ) -> None:
        """`resource` is said of every span: servers do not keep what clients said of theirs."""
        self._reader = reader
        self._resource = {"openinference.project.name": project, **(resource or {})}
        self.host, self.place = reader.base, project
        self._path = ""
        # Traces and sessions lie across pages; those asked for of late are not asked for again.
        self._asked: dict[tuple[str, str], None] = {}

    def close(self) -> None:
        """Give the connections up."""
        self._reader.close()

    def check(self) -> None:
        """Find the project by its name. Raises: SourceError."""
        names: list[str] = []
        query: Document = {"limit": 100}
        while True:
            answer = _listed(self._reader.get("/v1/projects", query), self.host)
            for project in answer["data"]:
                if project.get("name") == self.place:
                    self._path = f"/v1/projects/{quote(str(project.get('id')), safe='')}"
                    return
                names.append(str(project.get("name")))
            if not answer.get("next_cursor"):
                break
            query["cursor"] = answer["next_cursor"]
        known = ", ".join(sorted(names)[:20]) or "none"
        raise SourceError(f"{self.host} has no project {self.place!r}; it has: {known}")

    def pages(
        self, since: datetime | None, until: datetime, cursor: Cursor | None
    ) -> Iterator[Page]:
        """Pages of spans with their annotations. Raises: SourceError."""
        query: Document = {"limit": SPANS_A_PAGE, "end_time": iso(until)}
        if since is not None:
            query["start_time"] = iso(since)
        at = (cursor or {}).get("spans")
        while True:
            if at:
                query["cursor"] = at
            answer = _listed(self._reader.get(f"{self._path}/spans", query), self.host)
            spans = answer["data"]
            at = answer.get("next_cursor")
            page = Page({"spans": at} if at else END)
            page.take(decoded(
                [span_of(span, page.skipped) for span in spans],
                resource=self._resource,
            ))  # fmt: skip
            self._annotate(page, spans)
            if spans:
                page.reached = moment(spans[-1].get("start_time"))
            yield page
            if not at:
                return

    def _annotate(self, page: Page, spans: Sequence[Document]) -> None:
        traces: dict[str, str] = {}  # span -> trace
        sessions: set[str] = set()
        for span in spans:
            context = span.get("context") or {}
            traces[str(context.get("span_id"))] = str(context.get("trace_id"))
            if session := (span.get("attributes") or {}).get("session.id"):
                sessions.add(str(session))
        for what, ids in (
            ("span", sorted(traces)),
            ("trace", self._fresh("trace", set(traces.values()))),
            ("session", self._fresh("session", sessions)),
        ):
            for annotation in self._annotations(what, ids):
                score = score_of(what, annotation, traces)
                if score is None:
                    page.skipped["annotations without a value"] += 1
                else:
                    page.scores.append(score)

    def _fresh(self, what: str, ids: set[str]) -> list[str]:
        """Those that were not asked for of late, and from now on are."""
        fresh = sorted(one for one in ids if (what, one) not in self._asked)
        self._asked |= dict.fromkeys((what, one) for one in fresh)
        while len(self._asked) > MOST_REMEMBERED:
            del self._asked[next(iter(self._asked))]
        return fresh

    def _annotations(self, what: str, ids: Sequence[str]) -> Iterator[Document]:
        for first in range(0, len(ids), TARGETS_A_QUESTION):
            query: Document = {
                f"{what}_ids": ids[first : first + TARGETS_A_QUESTION],
                "limit": ANNOTATIONS_A_PAGE,
            }
            while True:
                try:
                    answer = self._reader.get(f"{self._path}/{what}_annotations", query)
                except NotThere:  # no annotations of these, or a Phoenix older than this list
                    break
                yield from _listed(answer, self.host)["data"]
                if not answer.get("next_cursor"):
                    break
                query["cursor"] = answer["next_cursor"]


def _listed(answer: Any, host: str) -> Document:
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        raise SourceError(f"{host} does not answer as Phoenix does; is this the right address?")
    return answer


def span_of(span: Mapping[str, Any], skipped: Counter[str]) -> Document:
    """A span of Phoenix's list in OTLP/JSON."""
    context = span.get("context") or {}
    attributes = _as_sent(span.get("attributes") or {})
    kind = span.get("span_kind")
    if kind and kind != "UNKNOWN":
        attributes["openinference.span.kind"] = kind
    events = [
        {
            "name": event.get("name"),
            "timeUnixNano": str(nanoseconds(event.get("timestamp")) or 0),
            "attributes": attributes_of(event.get("attributes") or {}),
        }
        for event in span.get("events") or []
    ]
    return {
        "traceId": context.get("trace_id"),
        "spanId": context.get("span_id"),
        "parentSpanId": span.get("parent_id") or "",
        "name": span.get("name"),
        "startTimeUnixNano": str(nanoseconds(span.get("start_time")) or 0),
        "endTimeUnixNano": str(nanoseconds(span.get("end_time")) or 0),
        "attributes": attributes_of(attributes),
        "events": events,
        "status": {
            "code": _STATUS.get(str(span.get("status_code")), 0),
            "message": span.get("status_message") or "",
        },
    }


def _as_sent(attributes: Mapping[str, Any]) -> Document:
    """Flat attributes with the JSON texts of OpenInference put together again."""
    kept: Document = {}
    trees: dict[str, Document] = {}
    for key, value in attributes.items():
        base, rest = _json_text(key)
        if base and rest:
            trees.setdefault(base, {})[rest] = value
        else:
            kept[key] = value
    for base, tree in trees.items():
        kept[base] = json.dumps(_nested(tree), ensure_ascii=False)
    return kept


def _json_text(key: str) -> tuple[str, str]:
    """The attribute that was sent as JSON, and the place of `key` within it."""
    for base in _JSON_TEXTS:
        if key.startswith(f"{base}."):
            return base, key[len(base) + 1 :]
    before, found, after = key.partition(_DOCUMENT_METADATA)
    return (before + _DOCUMENT_METADATA[:-1], after) if found else ("", "")


def _nested(flat: Mapping[str, Any]) -> Any:
    """The tree whose leaves stand under dotted names; numbered branches are a list."""
    tree: Document = {}
    for key, value in flat.items():
        *branches, leaf = key.split(".")
        at = tree
        for branch in branches:
            below = at.setdefault(branch, {})
            if not isinstance(below, dict):  # a name that is leaf and branch: keep the longer one
                below = at[branch] = {}
            at = below
        at[leaf] = value
    return _lists(tree)


def _lists(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    if tree and all(key.isdecimal() for key in tree):
        places = sorted(tree, key=int)
        if [int(place) for place in places] == list(range(len(places))):
            return [_lists(tree[place]) for place in places]
    return {key: _lists(value) for key, value in tree.items()}


def score_of(
    what: str, annotation: Mapping[str, Any], traces: Mapping[str, str]
) -> GivenScore | None:
    """An annotation of a span, trace or session as a score; None where it has no value.

    `traces` gives the trace of each span. The number is the value where there is one, and its
    label goes with it; an annotation of words alone is a category.
    """
    result = annotation.get("result") or {}
    number, label, words = (result.get(name) for name in ("score", "label", "explanation"))
    value = next((one for one in (number, label, words) if one not in (None, "")), None)
    if value is None:
        return None
    target = str(annotation.get(f"{what}_id"))
    identifier = str(annotation.get("identifier") or "")
    metadata = dict(annotation.get("metadata") or {})
    if identifier:
        metadata["phoenix.identifier"] = identifier
    if number is not None and label:
        metadata["phoenix.label"] = label
    trace = traces.get(target, "") if what == "span" else target
    identity = "\n".join((what, trace, target, str(annotation.get("name")), identifier))
    score = GivenScore(
        str(annotation.get("name")),
        value,
        # Phoenix's own ids are numbers of its database, and begin again in another one.
        id=f"phoenix-{hashlib.sha256(identity.encode()).hexdigest()[:32]}",
        source=_SOURCES.get(str(annotation.get("annotator_kind")), ScoreSource.CODE.value),
        comment=str(words) if words and words != value else "",
        metadata=metadata or None,
        at=moment(annotation.get("created_at")),
    )
    match what:
        case "session":
            score.session_id = target
        case "trace":
            score.trace_id = target
        case _:
            score.trace_id, score.span_id = trace, target
    return score
