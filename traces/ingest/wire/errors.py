"""What intake says when a body cannot be read at all."""

from __future__ import annotations

# Titles by HTTP status, as problem documents show them.
_TITLES = {
    400: "The body could not be read",
    413: "The body is too large",
    415: "The body's type or encoding is not supported",
}


class BadRequestBody(Exception):
    """The request as a whole cannot be taken; `status` is what to answer.

    `where` names the place in the body when there is one, such as `traces[0].spans[3]`.
    """

    def __init__(self, status: int, detail: str, where: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.title = _TITLES[status]
        self.detail = detail
        self.where = where

    def __str__(self) -> str:
        return f"{self.detail} (at {self.where})" if self.where else self.detail
