"""From a span's raw attributes and events to the canonical columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from traces.ingest.canonical.buckets import Usage
from traces.ingest.canonical.usage import Counts, classes
from traces.ingest.dialects.registry import RESOURCE_TABLE, Table
from traces.ingest.record import COUNTING_KINDS, Kind, Level, SpanRecord
from traces.ingest.wire.clean import Cleaner
from traces.ingest.wire.limits import MAX_COUNT

Found = dict[str, Any]

# OpenTelemetry's status codes.
_OK, _ERROR = 1, 2


def find(attributes: Mapping[str, Any], table: Table) -> Found:
    """Return slot -> value for the attributes the table knows; per slot the best rank wins."""
    found: Found = {}
    ranks: dict[str, int] = {}
    known = table.fields.get
    for key, value in attributes.items():
        slots = known(key)
        if slots is not None:
            for slot, rank, convert in slots:
                if rank < ranks.get(slot, 1_000_000):
                    converted = convert(value)
                    if converted is not None:
                        found[slot] = converted
                        ranks[slot] = rank
    return found


def of_resource(attributes: Mapping[str, Any]) -> Found:
    """Return what a resource says for all its spans: environment, release, feature, ours."""
    return find(attributes, RESOURCE_TABLE)


def grouped(found: Found) -> dict[str, Found]:
    """Return the slots `group.name` of what was found, as group -> name -> value."""
    groups: dict[str, Found] = {}
    for slot, value in found.items():
        if "." in slot:
            _add(groups, slot, value)
    return groups


def _add(groups: dict[str, Found], slot: str, value: Any) -> None:
    group, _, name = slot.partition(".")
    members = groups.get(group)
    if members is None:
        groups[group] = {name: value}
    else:
        members[name] = value


def fill(record: SpanRecord, table: Table, resource: Found, status: int, cleaner: Cleaner) -> None:
    """Set the columns of a record from its attributes, events and OpenTelemetry status code.

    `resource` is the result of `of_resource`. `cleaner.cuts` is the record's list of cuts.
    """
    found = find(record.attributes, table)
    for slot, value in resource.items():
        if slot not in found:
            found[slot] = value
    groups: dict[str, Found] = {}
    for slot, value in found.items():
        if "." in slot:
            _add(groups, slot, value)
            continue
        if value.__class__ is str and len(value) > cleaner.limits.column:
            value = cleaner.text(value, slot, cleaner.limits.column)
        setattr(record, slot, value)

    if record.feature is None:
        record.feature, record.feature_is_service = record.service, True
    record.dialect = table.dialect_of(record.attributes)
    if "kind" not in found:
        record.kind = _inferred_kind(record, table)
    if record.model is None and record.kind in COUNTING_KINDS:
        # A failed call names no model that answered. An agent's requested model answers nothing.
        record.model = record.model_requested
    if record.events or status == _ERROR:
        _events(record, table, status)
    if status == _ERROR or (record.error_type is not None and status != _OK):
        record.level = Level.ERROR
    if record.status_message is not None:
        limit = cleaner.limits.status_message
        record.status_message = cleaner.text(record.status_message, "status.message", limit)
    if record.error_type is not None:
        record.error_type = cleaner.text(record.error_type, "error_type", cleaner.limits.column)
    if record.tags is not None:
        record.tags = limited_tags(record.tags, cleaner)
    if groups:
        _groups(record, groups, table, cleaner)


def _groups(record: SpanRecord, groups: dict[str, Found], table: Table, cleaner: Cleaner) -> None:
    """Set the columns that several attributes make together."""
    usage, details = groups.get("usage"), groups.get("detail")
    whole = groups.get("whole")
    if whole is not None:
        # One object that tells all: what other attributes say is another convention.
        told: Usage = whole["usage"]
        usage, details = told.counts, told.details
    if usage or details:
        record.usage = {k: v for k, v in record.attributes.items() if k in table.usage_keys}
        set_usage(record, usage or {}, cleaner, details)
    cost = groups.get("cost")
    if cost and not (record.level == Level.ERROR and not any(float(v) for v in cost.values())):
        record.cost_given = cost
    of_trace = groups.get("trace")
    if of_trace is not None:
        if (name := of_trace.get("name")) is not None:
            record.trace_name = cleaner.text(name, "trace.name", cleaner.limits.name)
        record.trace_input, record.trace_output = of_trace.get("input"), of_trace.get("output")
    record.experiment = groups.get("experiment")
    first = groups.get("at", {}).get("first_token")
    if first is not None and record.ttft_us is None:
        record.ttft_us = _since_start(record, first)


def set_usage(
    record: SpanRecord,
    counts: dict[str, int],
    cleaner: Cleaner,
    details: dict[str, int] | None = None,
) -> None:
    """Set the token columns, or note that the usage repeats that of descendants.

    `counts` are the fields of `usage.Counts`, `details` those of `SpanRecord.token_details`. What
    no column can hold is left out, and marked.
    """
    if record.kind not in COUNTING_KINDS:
        record.usage_counts = False
        return
    _in_range(counts, cleaner)
    if details:
        _in_range(details, cleaner)
        record.token_details = {name: count for name, count in details.items() if count} or None
        written = [details[name] for name in _WRITTEN if name in details]
        if written and "cache_write" not in counts and sum(written) <= MAX_COUNT:
            counts["cache_write"] = sum(written)
    (
        record.in_uncached,
        record.in_cached,
        record.in_cache_write,
        record.in_audio,
        record.out_text,
        record.out_reasoning,
        record.out_audio,
    ) = classes(Counts(**counts))


_WRITTEN = ("in_cache_write_5m", "in_cache_write_1h")


def _in_range(counts: dict[str, int], cleaner: Cleaner) -> None:
    for name, count in list(counts.items()):
        if not 0 <= count <= MAX_COUNT:
            was = count if abs(count) < 2**63 else hex(count)[:40]
            cleaner.mark(f"usage.{name}", "range", MAX_COUNT, was)
            del counts[name]


def limited_tags(tags: list[str], cleaner: Cleaner) -> list[str] | None:
    """Return at most the allowed number of tags, each within its length, without repeats."""
    limits = cleaner.limits
    kept = list(dict.fromkeys(cleaner.text(tag, "tags", limits.tag) for tag in tags if tag))
    if len(kept) > limits.tags:
        cleaner.mark("tags", "count", limits.tags, len(kept))
        kept = kept[: limits.tags]
    return kept or None


def _inferred_kind(record: SpanRecord, table: Table) -> int:
    """Return the kind where no dialect names one: a model was asked, or a tool run."""
    if table.names and record.name in table.names:
        return table.names[record.name]
    if record.dialect is not None and (record.model or record.model_requested):
        return Kind.GENERATION
    if record.attributes.get("gen_ai.tool.name"):
        return Kind.TOOL
    return Kind.SPAN


def _events(record: SpanRecord, table: Table, status: int) -> None:
    """Take the error's type and message, and the time of the first token, from the events."""
    for event in record.events:
        name = event["name"]
        if name == "exception":
            if status == _ERROR:
                attributes = event["attributes"]
                if record.error_type is None:
                    record.error_type = _text(attributes.get("exception.type"))
                if not record.status_message:
                    record.status_message = _text(attributes.get("exception.message"))
        elif name in table.first_token and record.ttft_us is None:
            record.ttft_us = _since_start(record, event["time_ns"])


def _since_start(record: SpanRecord, at: int | None) -> int | None:
    """Return the microseconds from the span's start to a moment after it."""
    start = record.start_ns
    if at is None or start is None or at < start:
        return None
    return (at - start) // 1_000


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
