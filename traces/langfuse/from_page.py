"""Scores of a web page with the public key alone: at `scores`, and in batches (LangfuseWeb)."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from django.http import HttpRequest, HttpResponse

from accounts.public_writes import let_page_read, wait_seconds
from accounts.verification import PublicBearer, Refused, shows_public_key, verify_public
from traces.ingest.door.answers import langfuse_answer
from traces.ingest.pipeline import LIMITS
from traces.ingest.wire.errors import BadRequestBody
from traces.ingest.wire.langfuse_batch import decode_batch
from traces.langfuse.envelope import ApiError, refusal
from traces.services.langfuse_scores import record_langfuse_scores

MOST_SCORES = 20  # in one request
MOST_BYTES = 64 * 1024

# Gives the answer to a body, having asked whether so many scores may pass.
MayPass = Callable[[int], None]
Store = Callable[[HttpRequest, PublicBearer, MayPass], HttpResponse]


class _Later(Exception):
    """Too many; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


def is_from_page(request: HttpRequest) -> bool:
    """True for a POST with a public key alone."""
    return request.method == "POST" and shows_public_key(_headers(request))


def answer_page(request: HttpRequest, store: Store) -> HttpResponse:
    """What `store` answers, within the limits of public keys, for the page to read."""
    try:
        response = _answer(request, store)
    except Refused as refused:
        response = refusal(refused.status, refused.reason)
    except ApiError as error:
        response = refusal(error.status, str(error))
    except BadRequestBody as bad:
        response = refusal(bad.status, bad.detail)
    except _Later as later:
        response = refusal(429, "Too many scores from this page; try again later.")
        response["Retry-After"] = str(ceil(later.wait))
    let_page_read(request, response)
    return response


def _answer(request: HttpRequest, store: Store) -> HttpResponse:
    bearer = verify_public(_headers(request))
    client = str(getattr(request, "client_address", ""))

    def may_pass(count: int) -> None:
        # The request has counted already; each further score counts as well.
        if count > MOST_SCORES:
            raise ApiError(400, f"A web page may send {MOST_SCORES} scores at once.")
        if count > 1 and (wait := wait_seconds(bearer, client, count - 1)):
            raise _Later(wait)

    if wait := wait_seconds(bearer, client, 1):
        raise _Later(wait)
    return store(request, bearer, may_pass)


def store_batch(request: HttpRequest, bearer: PublicBearer, may_pass: MayPass) -> HttpResponse:
    """Store the scores of a batch; every other event is refused. Raises: BadRequestBody."""
    sent = request.read(MOST_BYTES + 1)
    if len(sent) > MOST_BYTES:
        raise ApiError(413, f"The body may have {MOST_BYTES:,} bytes.")
    events = decode_batch(sent, limits=LIMITS).events
    given = [event for event in events if event.score is not None]
    may_pass(len(given))
    for event in events:
        if event.key is not None:
            event.error = "A web page may write scores and nothing else."
    bodies = [event.score for event in given]
    _, errors = record_langfuse_scores(
        bearer.project_id, bodies, author=bearer.public_key, from_page=True
    )
    for event, error in zip(given, errors, strict=True):
        event.error = error
    answer = langfuse_answer(events)
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


def _headers(request: HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}
