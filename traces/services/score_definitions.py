"""Score definitions: made, changed, archived, deleted; each with an audit entry."""

from __future__ import annotations

from dataclasses import asdict, replace

from django.db import transaction

from accounts.models import Project
from accounts.services.trail import Actor, record
from traces.feedback.definitions import faults_of_terms
from traces.feedback.given import Terms
from traces.models import Score, ScoreDefinition
from traces.services.scores import tell_pages

MOST_DEFINITIONS = 500  # a guess: beyond it names are data, not measures


class BadDefinition(ValueError):
    """The terms cannot stand: `errors` has a text for each field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {text}" for field, text in errors.items()))
        self.errors = errors


@transaction.atomic
def define_score(project: Project, terms: Terms, *, actor: Actor) -> ScoreDefinition:
    """State what scores named `terms.name` mean from now on; scores of before stay as they are.

    Raises: BadDefinition.
    """
    _lock(project)
    others = list(ScoreDefinition.objects.filter(project=project))
    errors = _errors(terms, others)
    if terms.name in {other.name for other in others}:
        errors.setdefault("name", "There is a definition of this name already.")
    if len(others) >= MOST_DEFINITIONS:
        errors.setdefault("name", f"A project has at most {MOST_DEFINITIONS} definitions.")
    if errors:
        raise BadDefinition(errors)
    made = ScoreDefinition.objects.create(project=project, **asdict(terms))
    record(
        "score_definition.created", actor=actor, project=project, subject=made, terms=asdict(terms)
    )
    tell_pages(project.pk)
    return made


@transaction.atomic
def change_definition(
    definition: ScoreDefinition, terms: Terms, *, actor: Actor
) -> ScoreDefinition:
    """Let `definition` say `terms`; its name stays, its type only while no score has it.

    Nothing is written where nothing changes. Raises: BadDefinition.
    """
    project = definition.project
    _lock(project)
    others = list(ScoreDefinition.objects.filter(project=project))
    stored = next((other for other in others if other.pk == definition.pk), None)
    if stored is None:
        raise BadDefinition({"name": "The definition was deleted meanwhile."})
    stored.project = project
    before = terms_of(stored)
    errors = _errors(terms, [other for other in others if other.pk != stored.pk])
    if terms.name != before.name:
        errors["name"] = "A definition keeps its name: make another one."
    if terms.data_type != before.data_type and _is_used(stored):
        errors["data_type"] = f"Scores of this name are stored as {before.data_type}."
    if errors:
        raise BadDefinition(errors)
    if terms == before:
        return stored
    for name, value in asdict(terms).items():
        setattr(stored, name, value)
    stored.save()
    old, new = asdict(before), asdict(terms)
    record(
        "score_definition.changed",
        actor=actor,
        project=project,
        subject=stored,
        before={name: value for name, value in old.items() if value != new[name]},
        after={name: value for name, value in new.items() if value != old[name]},
    )
    tell_pages(project.pk)
    return stored


def archive_definition(
    definition: ScoreDefinition, is_archived: bool, *, actor: Actor
) -> ScoreDefinition:
    """Stop, or start again, to check scores of this name and to offer it."""
    terms = replace(terms_of(definition), is_archived=is_archived)
    return change_definition(definition, terms, actor=actor)


@transaction.atomic
def delete_definition(definition: ScoreDefinition, *, actor: Actor) -> None:
    """Forget what the name means; its scores stay."""
    project = definition.project
    _lock(project)
    terms = asdict(terms_of(definition))
    record(
        "score_definition.deleted", actor=actor, project=project, subject=definition, terms=terms
    )
    ScoreDefinition.objects.filter(pk=definition.pk).delete()
    tell_pages(project.pk)


def terms_of(definition: ScoreDefinition) -> Terms:
    """What `definition` says."""
    return Terms(**{name: getattr(definition, name) for name in Terms.__dataclass_fields__})


def _lock(project: Project) -> None:
    """One change of a project's definitions at a time: names and primaries are unique in it."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def _errors(terms: Terms, others: list[ScoreDefinition]) -> dict[str, str]:
    errors: dict[str, str] = {}
    for field, text in faults_of_terms(terms):
        errors.setdefault(field, text)
    for other in others:
        if terms.is_archived or other.is_archived:
            continue
        if both := sorted(set(terms.primary_for) & set(other.primary_for)):
            text = f"{other.name} is the primary score of {', '.join(both)}."
            errors.setdefault("primary_for", text)
    return errors


def _is_used(definition: ScoreDefinition) -> bool:
    return Score.objects.filter(project_id=definition.project_id, name=definition.name).exists()
