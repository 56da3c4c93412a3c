"""Score definitions of a project, and how they are used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from traces.models import ScoreDefinition
from traces.queries.scores import count_scores, data_types, score_names
from traces.values.score_bars import Bar, bar_of, bars_of

COUNTED = timedelta(days=30)


@dataclass(frozen=True)
class DefinitionRow:
    """A definition and how many scores of its name came in 30 days (10,001: more)."""

    definition: ScoreDefinition
    count: int

    @property
    def bar(self) -> Bar | None:
        """What passes; None without a bar."""
        return bar_of(self.definition)


@dataclass(frozen=True)
class UndefinedRow:
    """A name that scores bear without a definition."""

    name: str
    data_type: str
    count: int


def definitions_of(project_id: int) -> QuerySet[ScoreDefinition]:
    """All of them by name, archived ones too."""
    return ScoreDefinition.objects.filter(project_id=project_id).order_by("name")


def get_definition(project_id: int, name: str) -> ScoreDefinition | None:
    """The definition of that name, or None."""
    return None if "\0" in name else definitions_of(project_id).filter(name=name).first()


def list_definitions(project_id: int) -> tuple[list[DefinitionRow], list[UndefinedRow]]:
    """What is defined, and what is scored without a definition. Four statements."""
    definitions = list(definitions_of(project_id))
    defined = {definition.name for definition in definitions}
    loose = [name for name in score_names(project_id) if name not in defined]
    counts = count_scores(project_id, [*defined, *loose], timezone.now() - COUNTED)
    kinds = data_types(project_id, loose)
    return (
        [DefinitionRow(definition, counts.get(definition.name, 0)) for definition in definitions],
        [UndefinedRow(name, kinds.get(name, ""), counts.get(name, 0)) for name in loose],
    )


@dataclass(frozen=True)
class Meanings:
    """What lists need of the definitions in force."""

    primary: dict[str, str]  # the name of each feature's primary score
    bars: dict[str, Bar]  # by the name of the score


def meanings(project_id: int) -> Meanings:
    """Primary scores and bars; one statement."""
    found = list(definitions_of(project_id).filter(is_archived=False))
    primary = {feature: one.name for one in found for feature in one.primary_for}
    return Meanings(primary, bars_of(found))
