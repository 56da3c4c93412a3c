"""Which score or outcome counts as a good end, chosen with an audit entry."""

from __future__ import annotations

from math import isfinite

from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, person, record
from costs.models import GoodEnd
from costs.services.errors import BadGoodEnd
from traces.models import ScoreSource

MOST = 100  # of a project
NUMERIC = (GoodEnd.Test.AT_LEAST, GoodEnd.Test.AT_MOST)


@transaction.atomic
def choose_good_end(
    project: Project,
    *,
    feature: str = "",
    kind: str,
    name: str,
    test: str = "",
    value: str = "",
    bar: float | None = None,
    source: str = "",
    actor: Actor,
) -> GoodEnd:
    """What counts as a good end of the feature, or of all without a choice. Raises: BadGoodEnd."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    feature = feature.strip()
    before = GoodEnd.objects.filter(project=project, feature=feature).first()
    if before is None and GoodEnd.objects.filter(project=project).count() >= MOST:
        raise BadGoodEnd(f"A project has at most {MOST} choices; drop one first.")
    is_score = kind == GoodEnd.Kind.SCORE
    chosen = GoodEnd(
        pk=before.pk if before else None,
        project=project,
        feature=feature,
        kind=kind,
        name=name.strip(),
        test=test if is_score else "",
        value=value.strip() if is_score and test == GoodEnd.Test.IS else "",
        bar=bar if is_score and test in NUMERIC else None,
        source=source if is_score else "",
        chosen_by=person(actor),
        chosen_at=timezone.now(),
    )
    _check(chosen)
    chosen.save()
    record(
        "good_end.chosen", actor=actor, project=project, subject=chosen, feature=feature,
        before=before.words if before else "", after=chosen.words,
    )  # fmt: skip
    return chosen


@transaction.atomic
def drop_good_end(chosen: GoodEnd, *, actor: Actor) -> None:
    """The feature has no choice of its own any more; of the project's, nothing counts."""
    record(
        "good_end.dropped", actor=actor, project=chosen.project, subject=chosen,
        feature=chosen.feature, before=chosen.words,
    )  # fmt: skip
    chosen.delete()


def _check(chosen: GoodEnd) -> None:
    for text, where in (
        (chosen.name, "name"),
        (chosen.feature, "feature"),
        (chosen.value, "value"),
    ):
        if not text.isprintable():
            raise BadGoodEnd("It has characters that no name has.", where)
    if chosen.kind not in GoodEnd.Kind.values:
        raise BadGoodEnd("A good end is told by a score or an outcome.", "kind")
    if not chosen.name:
        raise BadGoodEnd("Say the name of the score or outcome.", "name")
    if max(len(chosen.name), len(chosen.feature)) > 200:
        raise BadGoodEnd("A name has at most 200 characters.", "name")
    if chosen.kind == GoodEnd.Kind.OUTCOME:
        return
    if chosen.test not in GoodEnd.Test.values:
        raise BadGoodEnd("Say which values of the score are good.", "test")
    if chosen.test == GoodEnd.Test.IS and not 0 < len(chosen.value) <= 40:
        raise BadGoodEnd("Say the category, of at most 40 characters.", "value")
    if chosen.test in NUMERIC and (chosen.bar is None or not isfinite(chosen.bar)):
        raise BadGoodEnd("Say the number that is good.", "bar")
    if chosen.source and chosen.source not in ScoreSource.values:
        raise BadGoodEnd("A score is given by code, a judge, a human or a user.", "source")
