"""Plain bodies of reserve and settle. What is not plain is None: Django reads it, and says in
words what is wrong with it, by `costs.rest.budgets`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from accounts.verification import Bearer
from costs.queries.budgets import Call
from costs.services.reserving import LONGEST, SHORTEST, USUAL, Ask
from costs.services.settling import End
from costs.services.uses import MOST

_AMOUNT = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?")
_LONGEST_ID, _LONGEST_NAME = 100, 200


class _NotPlain(Exception):
    """Django is to read it."""


def ask_of(body: bytes, bearer: Bearer) -> Ask | None:
    """What is to be put aside."""
    try:
        said = _read(body)
        return Ask(
            project_id=bearer.project_id,
            organization_id=bearer.organization_id,
            call=Call(
                feature=_text(said, "feature", _LONGEST_NAME),
                model=_text(said, "model", _LONGEST_NAME),
                segment=_text(said, "user_segment", _LONGEST_NAME),
                key=bearer.public_key,
            ),
            nano=_nano(said),
            tokens=_number(said, "tokens", 0, 0, MOST),
            key_id=bearer.key_id,
            uid=_text(said, "id", _LONGEST_ID),
            seconds=_number(said, "ttl_seconds", USUAL, SHORTEST, LONGEST),
        )
    except _NotPlain:
        return None


def end_of(body: bytes, bearer: Bearer) -> End | None:
    """What a call cost."""
    try:
        said = _read(body)
        uid = _text(said, "id", _LONGEST_ID)
        if not uid:
            return None
        return End(bearer.project_id, uid, _nano(said), _number(said, "tokens", 0, 0, MOST))
    except _NotPlain:
        return None


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _NotPlain from None
    if not isinstance(said, dict):
        raise _NotPlain
    return said


def _text(said: Mapping[str, Any], name: str, longest: int) -> str:
    text = said.get(name, "")
    if not isinstance(text, str) or "\0" in text or len(text) > longest:
        raise _NotPlain
    return text.strip()


def _number(said: Mapping[str, Any], name: str, usual: int, least: int, most: int) -> int:
    number = said.get(name, usual)
    if type(number) is not int or not least <= number <= most:
        raise _NotPlain
    return number


def _nano(said: Mapping[str, Any]) -> int:
    """Nano-dollars of `amount_usd`, exactly."""
    amount = said.get("amount_usd", 0)
    if type(amount) not in {str, int, float}:
        raise _NotPlain
    match = _AMOUNT.fullmatch(str(amount))
    if match is None:
        raise _NotPlain
    whole, part = match.groups()
    return int(whole) * 10**9 + int((part or "").ljust(9, "0"))
