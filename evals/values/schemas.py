"""JSON Schema as people write it: checked, and what a value does against it, with the path.

A schema reaches nothing outside of itself, and its patterns run in linear time.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson
import re2
from jsonschema import Draft202012Validator, exceptions, validators
from referencing import Registry
from referencing.exceptions import Unresolvable

LONGEST_SCHEMA = 100_000  # bytes
# jsonschema's own search for the properties that are left matches patterns by `re`.
_SLOW_TOGETHER = {"patternProperties", "unevaluatedProperties"}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def fault_of_schema(schema: Any) -> str:
    """Why `schema` is none, with the path; '' when it can be used."""
    if isinstance(schema, bool):
        return ""
    if not isinstance(schema, dict):
        return "A JSON Schema is an object."
    if len(orjson.dumps(schema)) > LONGEST_SCHEMA:
        return f"A JSON Schema has at most {LONGEST_SCHEMA:,} bytes."
    if schema.get("$schema", _DIALECT) not in (_DIALECT, f"{_DIALECT}#"):
        # Older drafts differ little; what they say otherwise must not silently mean nothing.
        kind = validators.validator_for(schema, default=None)
        if kind is None:
            return f"$schema: {str(schema['$schema'])[:200]!r} is no draft that is known."
    try:
        _validator(orjson.dumps(schema)).check_schema(schema)
    except exceptions.SchemaError as error:
        return f"{_path(error.absolute_path) or 'The schema'}: {error.message[:300]}"
    except RecursionError:
        return "The schema is nested too deeply."
    return _fault_of_patterns(schema)


def fault_of_value(value: Any, schema: Any) -> str:
    """The first thing in which `value` does not satisfy `schema`, with its path; '' for none."""
    try:
        errors = _validator(orjson.dumps(schema)).iter_errors(value)
        error = exceptions.best_match(errors)
    except Unresolvable as missing:
        return f"the schema refers to {str(missing.ref)[:200]!r}, which it does not hold"
    except RecursionError:
        return "the schema refers to itself without an end"
    if error is None:
        return ""
    path = _path(error.absolute_path)
    text = error.message if len(error.message) <= 300 else f"{error.message[:300]}…"
    return f"{path}: {text}" if path else text


@lru_cache(maxsize=64)
def _validator(written: bytes) -> Any:
    schema = orjson.loads(written)
    found = validators.validator_for(schema, default=Draft202012Validator)
    kind = validators.extend(
        found,
        {
            "pattern": _pattern,
            "patternProperties": _pattern_properties,
            "additionalProperties": _additional_properties,
        },
    )
    return kind(schema, registry=Registry())


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[Any]:
    if isinstance(instance, str) and _compiled(pattern).search(instance) is None:
        yield exceptions.ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: dict[str, Any], instance: Any, schema: Any
) -> Iterator[Any]:
    if not isinstance(instance, dict):
        return
    for pattern, below in patterns.items():
        for name, value in instance.items():
            if _compiled(pattern).search(name) is not None:
                yield from validator.descend(value, below, path=name, schema_path=pattern)


def _additional_properties(
    validator: Any, allowed: Any, instance: Any, schema: dict[str, Any]
) -> Iterator[Any]:
    """As jsonschema has it, but it looks for patterns by `re`, whose time has no bound."""
    if not isinstance(instance, dict):
        return
    patterns = [_compiled(pattern) for pattern in schema.get("patternProperties") or {}]
    known = schema.get("properties") or {}
    for name, value in instance.items():
        if name in known or any(pattern.search(name) is not None for pattern in patterns):
            continue
        if allowed is False:
            yield exceptions.ValidationError(f"{name!r} is not allowed")
        elif isinstance(allowed, dict):
            yield from validator.descend(value, allowed, path=name)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options=options)


def _fault_of_patterns(schema: Any) -> str:
    """What could reach outside, or take time without a bound: the engine for patterns is linear."""
    stack: list[Any] = [schema]
    words: set[str] = set()
    while stack:
        current = stack.pop()
        if isinstance(current, list):
            stack.extend(current)
        if not isinstance(current, dict):
            continue
        stack.extend(current.values())
        for word in ("$ref", "$dynamicRef"):
            if isinstance(target := current.get(word), str) and not target.startswith("#"):
                return f"{word}: {target[:100]!r} lies outside of the schema, where none is fetched"
        words |= _SLOW_TOGETHER & set(current)
        below = current.get("patternProperties")
        patterns = [*(below if isinstance(below, dict) else ()), current.get("pattern")]
        for pattern in patterns:
            if isinstance(pattern, str) and (fault := _fault_of_pattern(pattern)):
                return fault
    if words == _SLOW_TOGETHER:
        return "patternProperties and unevaluatedProperties cannot be used together here."
    return ""


def _fault_of_pattern(pattern: str) -> str:
    try:
        _compiled(pattern)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        return f"The pattern {pattern[:100]!r} cannot be used: {text[:200]}"
    return ""


def _path(parts: Any) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text[:300]
