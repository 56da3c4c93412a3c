"""Many writers of one score: it ends as one row, whatever trace each of them names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.models import Project
from traces.feedback.given import GivenScore
from traces.models import Score
from traces.services.scores import delete_score, record_scores

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, ROUNDS = 6, 8


def test_an_id_is_never_doubled(project: Project) -> None:
    start = Barrier(WRITERS)

    def write(writer: int) -> None:
        start.wait(20)
        try:
            for turn in range(ROUNDS):
                # Several ids at once, in another order each time: nobody may wait in a ring.
                ids = [str(n) for n in range(20)][:: 1 if writer % 2 else -1]
                trace_id = f"t{(writer + turn) % 3}"
                record_scores(
                    project.pk,
                    [GivenScore("x", writer, id=i, trace_id=trace_id) for i in ids],
                )
                if writer == 0 and turn == ROUNDS // 2:
                    delete_score(project, "3", actor=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    stored = Score.objects.filter(project_id=project.pk)
    assert sorted(int(score.id) for score in stored) == list(range(20))
