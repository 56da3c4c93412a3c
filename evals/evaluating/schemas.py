"""JSON schemas of other people: checked in linear time, and without a look outside. Pure.

`jsonschema` matches patterns by `re`, which some patterns keep busy for hours, and fetches what
`$ref` names. Here patterns go through RE2, and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson
import re2
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

MOST_SCHEMA_BYTES = 100_000
MOST_DEPTH = 64
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


class BadSchema(ValueError):
    """No schema that can be checked; the text says why."""


def pattern_of(pattern: str, flags: str = "") -> Any:
    """A compiled pattern of RE2; flags are letters of `imsU`. Raises: ValueError, saying why."""
    letters = "".join(sorted(set(flags)))
    if set(letters) - set("imsU"):
        raise ValueError("Flags are letters of i, m, s and U.")
    try:
        return re2.compile(f"(?{letters}){pattern}" if letters else pattern, _OPTIONS)
    except re2.error as error:
        said = error.args[0] if error.args else "it is none"
        raise ValueError(said.decode() if isinstance(said, bytes) else str(said)) from None


def _pattern(validator: Any, pattern: Any, value: Any, _: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not pattern_of(pattern).search(value):
        yield ValidationError(f"{value[:100]!r} does not match {pattern[:100]!r}")


def _pattern_properties(
    validator: Any, patterns: Any, value: Any, _: Any
) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    for pattern, schema in patterns.items():
        compiled = pattern_of(pattern)
        for name, inner in value.items():
            if compiled.search(name):
                yield from validator.descend(inner, schema, path=name, schema_path=pattern)


def _additional_properties(
    validator: Any, allowed: Any, value: Any, schema: Any
) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    known = set(schema.get("properties") or {})
    patterns = [pattern_of(pattern) for pattern in schema.get("patternProperties") or {}]
    for name, inner in value.items():
        if name in known or any(pattern.search(name) for pattern in patterns):
            continue
        if allowed is False:
            yield ValidationError(f"{name[:100]!r} is not allowed")
        elif isinstance(allowed, dict):
            yield from validator.descend(inner, allowed, path=name)


_Validator = extend(
    Draft202012Validator,
    {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
    },
)


def check_schema(schema: Any) -> None:
    """Refuse what is no JSON schema (2020-12) that can be checked here. Raises: BadSchema."""
    if not isinstance(schema, dict | bool):
        raise BadSchema("A JSON schema is an object.")
    try:
        written = orjson.dumps(schema)
    except (TypeError, orjson.JSONEncodeError):
        raise BadSchema("The schema is no JSON.") from None
    if len(written) > MOST_SCHEMA_BYTES:
        raise BadSchema(f"A schema may have {MOST_SCHEMA_BYTES:,} bytes.")
    _check_nodes(schema, 0)
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        where = ".".join(str(part) for part in error.path)
        raise BadSchema(f"{where or 'The schema'}: {error.message[:300]}") from None


def _check_nodes(node: Any, depth: int) -> None:
    if depth > MOST_DEPTH:
        raise BadSchema(f"A schema may be nested {MOST_DEPTH} deep.")
    if isinstance(node, list):
        for one in node:
            _check_nodes(one, depth + 1)
    if not isinstance(node, dict):
        return
    for name, value in node.items():
        if name in ("$ref", "$dynamicRef") and isinstance(value, str) and not value.startswith("#"):
            raise BadSchema(
                f"{name} may only point into the schema itself (#…), not at {value[:100]}."
            )
        patterns = [value] if name == "pattern" else value if name == "patternProperties" else ()
        for pattern in patterns if isinstance(patterns, list | dict) else ():
            if isinstance(pattern, str):
                _check_pattern(pattern)
        _check_nodes(value, depth + 1)


def _check_pattern(pattern: str) -> None:
    try:
        pattern_of(pattern)
    except ValueError as error:
        raise BadSchema(f"The pattern {pattern[:100]!r} cannot be used: {error}.") from None


@lru_cache(maxsize=64)
def _validator(written: bytes) -> Validator:
    return _Validator(orjson.loads(written), registry=Registry())


def fault_of(schema: Mapping[str, Any] | bool, value: Any) -> str:
    """Where `value` breaks the schema first, in words; '' where it satisfies it."""
    validator = _validator(orjson.dumps(schema, option=orjson.OPT_SORT_KEYS))
    try:
        worst = best_match(validator.iter_errors(value))
    except (Unresolvable, RecursionError):
        return "The schema points at something that it does not hold, or in circles."
    if worst is None:
        return ""
    where = ".".join(str(part) for part in worst.absolute_path)
    return f"{where}: {worst.message[:300]}" if where else worst.message[:300]
