"""Scores: written by one or many, read in the three shapes of the API's versions, deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import isfinite
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.models import ApiKey, Project, Scope
from accounts.public_writes import is_preflight, preflight
from accounts.verification import PublicBearer
from kit.paging import BadCursor, decode_cursor, encode_cursor
from traces.feedback.langfuse_scores import SOURCES, TYPES
from traces.langfuse.envelope import Answer, ApiError, Call, address, read_body, written
from traces.langfuse.from_page import MOST_BYTES, MayPass, answer_page, is_from_page
from traces.langfuse.parameters import Parameters
from traces.langfuse.score_shapes import (
    GROUPS,
    WORDS,
    score_document,
    score_document_v3,
    trace_of_score,
)
from traces.models import DataType, Score
from traces.queries.langfuse_scores import OPERATORS, Wanted, below, matching, on_traces, traces_of
from traces.queries.scores import get_score
from traces.services.langfuse_scores import record_langfuse_scores
from traces.services.scores import delete_score


def create(call: Call) -> Answer:
    """Store one score or an array; of an array the good ones, whatever the others are."""
    return _created(call.body(), call.project_id, call.bearer.public_key)


def _created(body: Any, project_id: int, author: str, *, from_page: bool = False) -> Answer:
    bodies = body if isinstance(body, list) else [body]
    ids, errors = record_langfuse_scores(project_id, bodies, author=author, from_page=from_page)
    if not isinstance(body, list):
        if errors[0] is not None:
            raise ApiError(400, errors[0])
        return Answer({"id": ids[0]})
    told = [{"message": f"[{place}] {text}"} for place, text in enumerate(errors) if text]
    if not told:
        return Answer({"message": "Accepted"}, 202)
    return Answer({"accepted": len(bodies) - len(told), "rejected": len(told), "errors": told}, 207)


def listed(call: Call) -> dict[str, Any]:
    """A page of scores, in the shape of v2."""
    return _listed(call, matching)


def listed_v1(call: Call) -> dict[str, Any]:
    """The same in the shape of v1, which knows scores of traces alone."""
    return _listed(call, on_traces)


def _listed(call: Call, matching: Callable[[int, Wanted], QuerySet[Score]]) -> dict[str, Any]:
    parameters = Parameters(call.request.GET)
    parameters.refuse("queueId", "filter")
    wanted = _wanted(parameters)
    wanted.ids = parameters.listed("scoreIds")
    wanted.of_user = parameters.text("userId")
    wanted.of_tags = parameters.listed("traceTags")
    value = parameters.number("value")
    if value is not None:
        operator = parameters.text("operator") or "="
        if operator not in OPERATORS:
            raise ApiError(400, f"operator: Must be one of {', '.join(OPERATORS)}.")
        wanted.bounds[OPERATORS[operator]] = value
    page = parameters.page()
    found = matching(call.project_id, wanted)
    rows = list(found[page.first : page.first + page.limit])
    traces = traces_of(call.project_id, rows)
    data = [
        score_document(score, call.project_id)
        | {"trace": trace_of_score(traces.get(score.trace_id))}
        for score in rows
    ]
    return page.of(data, found.count())


def one(call: Call, score_id: str) -> dict[str, Any]:
    """One score, in the shape of v1 and v2."""
    return score_document(_one(call, score_id), call.project_id)


def delete(call: Call, score_id: str) -> Answer:
    """Take a score back; the audit trail keeps what it was."""
    project = Project.objects.select_related("organization").get(pk=call.project_id)
    actor = ApiKey.objects.get(pk=call.bearer.key_id)
    if not delete_score(project, score_id, actor=actor):
        raise ApiError(404, f"This project has no score {score_id[:200]!r}.")
    return Answer({"message": "Score deletion request was accepted."}, 202)


def listed_v3(call: Call) -> dict[str, Any]:
    """A page of scores by cursor, in the shape of v3."""
    parameters = Parameters(call.request.GET)
    parameters.refuse("queueId")
    groups = set(parameters.listed("fields"))
    if unknown := groups - GROUPS:
        raise ApiError(400, f"fields: There is no group {sorted(unknown)[0]!r}.")
    wanted = _wanted(parameters)
    wanted.ids = parameters.listed("id")
    wanted.run_ids = wanted.run_ids or parameters.listed("experimentId")
    wanted.authors = parameters.listed("authorUserId")
    _narrow_by_value(parameters, wanted)
    limit = parameters.integer("limit", 50, least=1, most=1000)
    found: QuerySet[Score] = matching(call.project_id, wanted)
    if cursor := parameters.text("cursor"):
        found = below(found, _key(cursor))
    rows = list(found[: limit + 1])
    meta: dict[str, Any] = {"limit": limit}
    if len(rows) > limit:
        rows = rows[:limit]
        meta["cursor"] = encode_cursor(rows[-1].at.isoformat(), rows[-1].id)
    return {"data": [score_document_v3(row, call.project_id) for row in rows], "meta": meta}


def _one(call: Call, score_id: str) -> Score:
    score = get_score(call.project_id, score_id)
    if score is None:
        raise ApiError(404, f"This project has no score {score_id[:200]!r}.")
    return score


def _wanted(parameters: Parameters) -> Wanted:
    return Wanted(
        names=parameters.listed("name"),
        sources=_words(parameters, "source", SOURCES),
        data_types=_words(parameters, "dataType", TYPES),
        environments=parameters.listed("environment"),
        config_ids=parameters.listed("configId"),
        trace_ids=parameters.listed("traceId"),
        span_ids=parameters.listed("observationId"),
        session_ids=parameters.listed("sessionId"),
        run_ids=parameters.listed("datasetRunId"),
        since=parameters.time("fromTimestamp"),
        until=parameters.time("toTimestamp"),
    )


def _words(parameters: Parameters, name: str, words: dict[str, str]) -> list[str]:
    given = [word.upper() for word in parameters.listed(name)]
    if unknown := [word for word in given if word not in words]:
        raise ApiError(400, f"{name}: Must be one of {', '.join(words)}, not {unknown[0][:40]}.")
    return [words[word] for word in given]


def _narrow_by_value(parameters: Parameters, wanted: Wanted) -> None:
    low, high = parameters.number("valueMin"), parameters.number("valueMax")
    values = parameters.listed("value")
    if low is None and high is None and not values:
        return
    if len(wanted.data_types) != 1:
        raise ApiError(400, "dataType: A value needs the one type it is of.")
    kind = wanted.data_types[0]
    if kind != DataType.NUMBER and (low is not None or high is not None):
        raise ApiError(400, "valueMin and valueMax need dataType=NUMERIC.")
    bounds = {"__gte": low, "__lte": high}
    wanted.bounds = {name: bound for name, bound in bounds.items() if bound is not None}
    if not values:
        return
    if kind == DataType.CATEGORY:
        wanted.labels = values
        return
    try:
        wanted.numbers = [WORDS[value] if kind == DataType.BOOLEAN else float(value)
                          for value in values]  # fmt: skip
    except (KeyError, ValueError):
        raise ApiError(400, f"value: Must be of the type {kind}.") from None
    if not all(isfinite(number) for number in wanted.numbers):
        raise ApiError(400, "value: Must be finite.")


def _key(cursor: str) -> tuple[datetime, str]:
    try:
        at, its_id = decode_cursor(cursor, parts=2)
        moment = datetime.fromisoformat(at)
    except (BadCursor, TypeError, ValueError):
        raise ApiError(400, "cursor: This list did not give it out.") from None
    if moment.tzinfo is None or not isinstance(its_id, str) or "\0" in its_id:
        raise ApiError(400, "cursor: This list did not give it out.")
    return moment, its_id


_with_secret_key = address(get=(Scope.READ, listed_v1), post=(Scope.INGEST, create))


@csrf_exempt
def scores(request: HttpRequest) -> HttpResponse:
    """`/api/public/scores`: with the pair of keys, or from a web page with the public key alone."""
    if is_preflight(request):
        return preflight(request)
    if is_from_page(request):
        return answer_page(request, _store_of_page)
    return _with_secret_key(request)


def _store_of_page(request: HttpRequest, bearer: PublicBearer, may_pass: MayPass) -> HttpResponse:
    body = read_body(request, MOST_BYTES)
    may_pass(len(body) if isinstance(body, list) else 1)
    return written(_created(body, bearer.project_id, bearer.public_key, from_page=True))
