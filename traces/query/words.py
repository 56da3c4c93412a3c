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


def may_say(test: ContentTest, scope: Scope) -> Bound:
    """The traces whose words hold all that the test needs, and those not indexed yet."""
    hashes = [word_hash(word, scope.project_id) for word in test.words]
    if test.response_ids:
        return _among([[response_hash(one, scope.project_id)] for one in test.response_ids], scope)
    return _among([sorted(hashes)], scope) if hashes else True


def _among(any_of: list[list[int]], scope: Scope) -> Q:
    statements, parameters = [], []
    for hashes in any_of:
        statement, given = _INDEXED, [scope.project_id, hashes]
        if scope.since is not None:
            statement, given = f"{statement} and start_time >= %s", [*given, scope.since]
        if scope.until is not None:
            statement, given = f"{statement} and start_time < %s", [*given, scope.until]
        statements.append(statement)
        parameters += given
    found: Any = RawSQL(  # noqa: S611  (constant texts; every value is a parameter)
        " union all ".join([*statements, _WAITING]), [*parameters, scope.project_id]
    )
    return Q(trace_id__in=found)
