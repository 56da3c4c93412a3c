"""The feature of spans that name none: by the project's mapping rules, else their service. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
import zstandard

from features.mapping import Place, RuleTable
from traces.ingest.canonical.again import MAPPED, is_derived
from traces.ingest.record import TRACE_FACTS, SpanRecord
from traces.ingest.rows import AT, LONGEST, Written

_FEATURE = AT["feature"]

Getter = Callable[[SpanRecord, str | None], str | None]


def name_features(
    records: Iterable[SpanRecord],
    rules: RuleTable,
    trace_names: Mapping[str, str | None] | None = None,
) -> None:
    """Set the feature of every record that does not say one, in place.

    `trace_names` by trace id, where whole traces are known; else a root tells the name of its
    trace, and so does a span that was sent with it.
    """
    if not rules.rules:
        return
    getters = [_getter(place) for place in rules.places]
    for record in records:
        if (
            record.feature is not None and not record.feature_is_service
        ) or record.span_id == TRACE_FACTS:
            continue
        name = None if trace_names is None else trace_names.get(record.trace_id)
        if name is None:
            name = record.trace_name or (record.name if record.parent_span_id is None else None)
        found = rules.feature_of(tuple([get(record, name) for get in getters]))
        record.is_mapped = found is not None
        record.feature_is_service = True
        record.feature = record.service if found is None else found


def feature_again(
    span: Written,
    record: SpanRecord,
    document: Mapping[str, Any],
    rules: RuleTable,
    trace_name: str | None,
    compressor: zstandard.ZstdCompressor,
) -> bool:
    """Give a stored span, in place, the feature that `rules` give it now; True where that changed.

    `record` is that of `record_again`, and gets it too. The content of `span` is set only where it
    must say otherwise whether a rule gave the feature.
    """
    if record.is_mapped:  # the sender's own word stays, a rule's does not
        record.feature, record.is_mapped = record.service, False
    name_features([record], rules, {record.trace_id: trace_name})
    feature = record.feature and record.feature[: LONGEST["feature"]]
    content = _marked(record, document)
    if feature == span.row[_FEATURE] and content is None:
        return False
    span.row[_FEATURE] = feature
    if content is not None:
        span.content, span.body = content, compressor.compress(content)
    return True


def _marked(record: SpanRecord, document: Mapping[str, Any]) -> bytes | None:
    """The document saying whether a rule gave the feature, where it does not say so already.

    Only where the columns cannot be derived again, so that nothing else would tell.
    """
    if is_derived(document) or bool(document.get(MAPPED)) == record.is_mapped:
        return None
    said = {name: value for name, value in document.items() if name != MAPPED}
    if record.is_mapped:
        said[MAPPED] = True
    return orjson.dumps(said, option=orjson.OPT_NON_STR_KEYS)


def _getter(place: Place) -> Getter:
    name, key = place
    if name == "attribute":
        return lambda record, _trace_name: _attribute(record, key)
    return _GETTERS[name]


_GETTERS: dict[str, Getter] = {
    "service.name": lambda record, _: record.service or _text(record.attributes, "service.name"),
    "span": lambda record, _: record.name,
    "trace": lambda _, trace_name: trace_name,
    "environment": lambda record, _: record.environment,
    "model": lambda record, _: record.model or record.model_requested,
    "prompt": lambda record, _: record.prompt_name,
}


def _attribute(record: SpanRecord, key: str) -> str | None:
    """What the span says of itself, else its resource, else its metadata."""
    for said in (record.attributes, record.resource, record.metadata or {}):
        if (found := _text(said, key)) is not None:
            return found
    return None


def _text(said: Mapping[str, Any], key: str) -> str | None:
    value = said.get(key)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else None
