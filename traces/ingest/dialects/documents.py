"""Retrieved documents in one form, whatever they were called."""

from __future__ import annotations

from typing import Any

from traces.ingest.dialects.fields import parse

# Other names for the four keys, first found wins.
_NAMES = {
    "id": ("id", "document_id", "doc_id"),
    "content": ("content", "page_content", "text", "body"),
    "score": ("score", "relevance_score", "similarity"),
    "metadata": ("metadata",),
}


def documents_of(value: Any) -> list[dict[str, Any]] | None:
    """Return `[{id, content, score, metadata}]`, only the keys present; None for no documents."""
    value = parse(value)
    if isinstance(value, dict):
        value = value.get("documents", [value])
    if not isinstance(value, list):
        return None
    return [_document(item) for item in value if item not in (None, "", {})] or None


def _document(item: Any) -> dict[str, Any]:
    item = parse(item)
    if not isinstance(item, dict):
        return {"content": item}
    item = item.get("document", item) if isinstance(item.get("document"), dict) else item
    known: dict[str, Any] = {}
    for name, spellings in _NAMES.items():
        for spelling in spellings:
            if item.get(spelling) is not None:
                known[name] = item[spelling]
                break
    if "metadata" in known:
        known["metadata"] = parse(known["metadata"])
    return known or {"content": item}
