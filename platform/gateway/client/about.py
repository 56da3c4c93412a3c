"""What the span of a call says beside the call itself: whose it is, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from traces.query import compiling as traffic

PLATFORM_FEATURE = traffic.PLATFORM_FEATURE
PLATFORM_ENVIRONMENT = traffic.PLATFORM_ENVIRONMENT

Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class About:
    """For whom a call is made.

    What the platform asks for itself is a feature of its own, in an environment of its own: so its
    spend is seen, and it never counts as traffic of a prompt version that people are served.
    Without a `trace_id` the call is a trace of its own. With `is_withheld` its span keeps figures
    but neither what was sent nor what came back, and says so.
    """

    project_id: int
    feature: str = PLATFORM_FEATURE
    environment: str = PLATFORM_ENVIRONMENT
    name: str = ""
    trace_id: str = ""
    parent_span_id: str = ""
    prompt_name: str = ""
    prompt_version: str = ""
    user_id: str = ""
    session_id: str = ""
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    is_withheld: bool = False


@dataclass(frozen=True, slots=True)
class Called(Generic[Given]):
    """A call that is over, and what came of it: an `Answer` or `Embedded`.

    `cost_nano` is None where the call is unpriced. `first_token_us` is None where the answer came
    as a whole. `left_out` are parameters that the provider does not know. `not_recorded` says why
    the span is not stored; empty where it is committed.
    """

    given: Given
    trace_id: str
    span_id: str
    duration_us: int
    first_token_us: int | None = None
    cost_nano: int | None = None
    tries: int = 1
    left_out: tuple[str, ...] = ()
    not_recorded: str = ""
