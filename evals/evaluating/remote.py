"""An evaluator in the user's own process: a signed request, and an answer of a fixed shape.

No code of a user runs here: the server sends what is judged and takes a verdict.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from typing import Any

import orjson

from evals.evaluating.setting import Check, Setting
from evals.evaluating.spec import BOOLEAN, CATEGORY, NUMBER, Spec
from evals.evaluating.subject import Subject, Verdict
from evals.evaluating.verdicts import failed, undefined, verdict_of
from kit.outbound import Answer, BadAddress, Unreachable, check_url, post
from notices.signing import signed_headers

MOST_ANSWER = 1_000_000  # bytes of a verdict
MOST_SENT = 5_000_000  # bytes of one request
MOST_TRIES = 3
FIRST_PAUSE = 0.5  # seconds; doubles with each try
MOST_PAUSE = 10.0
DEFAULT_SECONDS = 30
VERSION = "1"
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


async def ask_remote(spec: Spec, subject: Subject) -> Verdict:
    """The verdict of the user's process; what goes wrong is told in its error."""
    url = str(spec.config.get("url") or "")
    message_id = (
        f"eval_{secrets.token_hex(12)}"  # the same in every try: a receiver may remember it
    )
    try:
        body = body_of(spec, subject)
    except (TypeError, ValueError) as odd:
        return failed(f"The answer cannot be sent as JSON: {odd}")
    if len(body) > MOST_SENT:
        return failed(f"The answer has {len(body):,} bytes, of at most {MOST_SENT:,} to be sent.")
    seconds = float(spec.config.get("seconds") or DEFAULT_SECONDS)
    why = ""
    for attempt in range(1, MOST_TRIES + 1):
        try:
            answer = await _post(url, spec, message_id, body, seconds)
        except Unreachable as error:
            why, after = str(error), None
        else:
            if answer.is_success:
                return _read(spec, answer)
            why = f"The evaluator's process answered {answer.status}: {answer.body_start[:300]}"
            if answer.status not in _PASSING:
                return failed(why)
            after = answer.retry_after
        if attempt < MOST_TRIES:
            await asyncio.sleep(_pause(attempt, after))
    return failed(f"{why} (tried {MOST_TRIES} times)")


async def _post(url: str, spec: Spec, message_id: str, body: bytes, seconds: float) -> Answer:
    headers = {
        **signed_headers([spec.secret], message_id, int(time.time()), body),
        "Content-Type": "application/json",
        "User-Agent": "roadworthy",
    }
    return await post(url, body=body, headers=headers, seconds=seconds, keep=MOST_ANSWER)


def body_of(spec: Spec, subject: Subject) -> bytes:
    """What is sent: the evaluator, its scale, and all that is known of the answer."""
    return orjson.dumps(
        {
            "version": VERSION,
            "evaluator": {
                "name": spec.name,
                "version": spec.number,
                "data_type": spec.data_type,
                "minimum": spec.minimum,
                "maximum": spec.maximum,
                "categories": list(spec.categories),
                "settings": spec.config.get("settings") or {},
            },
            "subject": {
                "input": subject.input,
                "output": subject.output,
                "expected": subject.expected,
                "characteristics": list(subject.characteristics),
                "metadata": dict(subject.metadata),
                "documents": None
                if subject.documents is None
                else [
                    {"id": one.id, "text": one.text, "score": one.score}
                    for one in subject.documents
                ],
                "tools": None
                if subject.tools is None
                else [
                    {
                        "name": use.name,
                        "arguments": use.arguments,
                        "result": use.result,
                        "failed": use.failed,
                    }
                    for use in subject.tools
                ],
                "steps": subject.steps,
                "duration_ms": subject.duration_ms,
                "cost_nano_usd": subject.cost_nano,
                "trace_id": subject.trace_id,
                "span_id": subject.span_id,
            },
        },
        option=orjson.OPT_NON_STR_KEYS,
    )


def _read(spec: Spec, answer: Answer) -> Verdict:
    """The verdict in the body: `{"value", "reason", "evidence", "details"}`; null is undefined."""
    try:
        told = orjson.loads(answer.body_start)
    except orjson.JSONDecodeError as error:
        return failed(f"The evaluator's answer is no JSON: {error}")
    if not isinstance(told, Mapping) or ("value" not in told and "error" not in told):
        return failed('The evaluator\'s answer must be an object with "value" (or "error").')
    if error_text := told.get("error"):
        return failed(f"The evaluator says: {str(error_text)[:500]}")
    reason = told.get("reason")
    if reason is not None and not isinstance(reason, str):
        return failed("reason must be a text.")
    evidence = told.get("evidence") or []
    if not isinstance(evidence, list) or not all(isinstance(one, str) for one in evidence):
        return failed("evidence must be a list of texts.")
    details = told.get("details")
    if details is not None and not isinstance(details, Mapping):
        return failed("details must be an object.")
    value: Any = told.get("value")
    if value is None:
        return undefined(reason or "The evaluator says that there is nothing to say.", details)
    if not isinstance(value, bool | int | float | str):
        return failed("value must be a number, true or false, a category, or null.")
    return verdict_of(
        spec, value, reason or "", evidence=[one[:1_000] for one in evidence[:20]], details=details
    )


def _pause(attempt: int, after: str | None) -> float:
    asked = float(after) if after and after.strip().isdigit() else 0.0
    return min(MOST_PAUSE, max(asked, FIRST_PAUSE * 2.0 ** (attempt - 1)))


def _address_faults(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    try:
        check_url(str(config.get("url") or ""))
    except BadAddress as bad:
        return [("url", str(bad))]
    return []


def _by_request(spec: Spec, subject: Subject) -> Verdict:
    return failed("A remote evaluator is asked, not reckoned.")


REMOTE_CHECK = Check(
    "webhook",
    "Webhook",
    "Your own process scores the answer, asked by a signed request.",
    _by_request,
    (
        Setting(
            "url", "Address", "line", is_required=True, help="https, reachable from this server."
        ),
        Setting("seconds", "Timeout in seconds", "whole", DEFAULT_SECONDS, least=1, most=120),
        Setting(
            "settings", "Settings that are sent along", "json", help="Whatever your process reads."
        ),
    ),
    types=(NUMBER, BOOLEAN, CATEGORY),
    bar=None,
    faults=_address_faults,
)
