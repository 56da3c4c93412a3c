"""How a call to a model fails.

CallFailed
├── AuthFailed        the key is wrong, missing, or may not do this
├── BadRequest        the provider does not take the request; its own message says why
├── MayPass           the same call may do a little later, and no part of an answer has come yet
│   ├── RateLimited   too much at once
│   └── Unavailable   nobody answers, or the provider failed itself
├── TimedOut          it took longer than the caller has patience
├── CutOff            the answer broke off in its middle: never a clean end
└── BadAnswer         an answer that is none of the protocol

Every text is for a person, and holds no key.
"""

from __future__ import annotations

from typing import ClassVar


class CallFailed(Exception):
    """A call failed. `status` is HTTP's, where there was an answer.

    `word` is stored with the span as its type of error. `trace_id` finds the span; `not_recorded`
    says why there is none.
    """

    word: ClassVar[str] = "failed"

    def __init__(self, text: str, *, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.trace_id = ""
        self.not_recorded = ""


class AuthFailed(CallFailed):
    """The key is wrong, missing, or may not do this."""

    word = "auth_failed"


class BadRequest(CallFailed):
    """The provider does not take the request."""

    word = "bad_request"


class MayPass(CallFailed):
    """The same call may do a little later: after `retry_after` seconds, where the provider said."""

    def __init__(
        self, text: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(text, status=status)
        self.retry_after = retry_after


class RateLimited(MayPass):
    """Too much at once."""

    word = "rate_limited"


class Unavailable(MayPass):
    """Nobody answers, or the provider failed itself."""

    word = "unavailable"


class TimedOut(CallFailed):
    """It took longer than the caller has patience."""

    word = "timed_out"


class CutOff(CallFailed):
    """The answer broke off in its middle."""

    word = "cut_off"


class BadAnswer(CallFailed):
    """An answer that is none of the protocol."""

    word = "bad_answer"
