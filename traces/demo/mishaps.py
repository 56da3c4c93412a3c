"""What goes wrong in the story, how often, and what it says."""

from __future__ import annotations

import random

from traces.demo.calendar import CAMPAIGN, Moment
from traces.demo.spans import Failure

CONFLICT = Failure(
    "ConflictError",
    "409 Conflict: a refund for this payment is already queued (idempotency key differs)",
)
RATE_LIMIT = Failure(
    "RateLimitError",
    "429 Too Many Requests: this request would exceed the limit of 400,000 input tokens per "
    "minute; retry after 18 s",
)
OVERLOADED = Failure("OverloadedError", "529 Overloaded: the provider is temporarily overloaded")
TIMEOUT = Failure("APITimeoutError", "Request timed out after 30.0 s")
BAD_JSON = Failure(
    "ValidationError",
    "1 validation error for TriageResult: priority: input should be less than or equal to 4",
)
NO_SPEECH = Failure("NoSpeechError", "422: no speech found in 00:00:41 of audio")
ORDERS_DOWN = Failure(
    "ConnectTimeout",
    "orders.internal:443: connection timed out after 5.0 s",
    "Traceback (most recent call last):\n"
    '  File "/srv/agent/tools/orders.py", line 48, in lookup\n'
    '    reply = await self._http.get(f"/v2/orders/{order_id}", timeout=5.0)\n'
    '  File "/srv/agent/http.py", line 112, in get\n'
    "    raise ConnectTimeout(self._host, timeout) from error\n"
    "agent.http.ConnectTimeout: orders.internal:443: connection timed out after 5.0 s",
)
POOL_EXHAUSTED = Failure(
    "PoolTimeout", "no free connection to orders.internal within 10.0 s (20 of 20 in use)"
)


def of_model(chance: random.Random, moment: Moment) -> Failure | None:
    """How a model call ends badly, if it does: rarely, and often during the incident."""
    drawn = chance.random()
    if moment.is_incident and drawn < 0.12:
        return OVERLOADED
    if moment.days_ago <= CAMPAIGN:  # more traffic than the provider's limits were set for
        drawn /= 5
    if drawn < 0.0018:
        return RATE_LIMIT
    if drawn < 0.003:
        return OVERLOADED
    return TIMEOUT if drawn < 0.0042 else None


def of_orders(chance: random.Random, moment: Moment) -> Failure | None:
    """How the order service answers badly."""
    drawn = chance.random()
    if moment.is_incident:
        return ORDERS_DOWN if drawn < 0.55 else POOL_EXHAUSTED if drawn < 0.8 else None
    return ORDERS_DOWN if drawn < 0.008 else None


def of_refund(chance: random.Random, prompt_version: str) -> Failure | None:
    """Whether a refund is asked for twice: version 15 of the prompt often does so."""
    return CONFLICT if chance.random() < (0.24 if prompt_version == "15" else 0.05) else None
