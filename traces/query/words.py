"""Which traces may say something, by the index of words."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.db.models.expressions import RawSQL

from traces.query.content import ContentTest
from traces.query.parts import Bound
from traces.query.scope import Scope
from traces.search.words import response_hash, word_hash

# Traces that were written to since they were last looked at have no words yet, or old ones.
_INDEXED = "select trace_id from trace_words where project_id = %s and words @> %s::int4[]"
_WAITING = "select trace_id from digest_queue where project_id = %s"


def may_say(test: ContentTest, scope: Scope, *, or_is: str = "") -> Bound:
    """The traces whose words hold all that the test needs, those not indexed yet, and the one whose
    id is `or_is`: in one list, for a join with the traces and not a look at each of them."""
    hashes = [word_hash(word, scope.project_id) for word in test.words]
    if test.response_ids:
        ids = [[response_hash(one, scope.project_id)] for one in test.response_ids]
        return _among(ids, scope, or_is)
    return _among([sorted(hashes)], scope, or_is) if hashes else True


def _among(any_of: list[list[int]], scope: Scope, or_is: str) -> Q:
    statements, parameters = [], []
    for hashes in any_of:
        statement, given = _INDEXED, [scope.project_id, hashes]
        if scope.since is not None:
            statement, given = f"{statement} and start_time >= %s", [*given, scope.since]
        if scope.until is not None:
            statement, given = f"{statement} and start_time < %s", [*given, scope.until]
        statements.append(statement)
        parameters += given
    statements, parameters = [*statements, _WAITING], [*parameters, scope.project_id]
    if or_is:
        statements, parameters = [*statements, "select %s::text"], [*parameters, or_is]
    found: Any = RawSQL(  # noqa: S611  (constant texts; every value is a parameter)
        " union all ".join(statements), parameters
    )
    return Q(trace_id__in=found)
