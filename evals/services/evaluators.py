"""Evaluators: made, described, archived. How one scores changes by its versions."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from accounts.models import Project, User
from accounts.services.trail import Actor, person, record, responsible
from evals.evaluating.settings import Terms, faults_of, filled
from evals.evaluating.spec import REMOTE
from evals.models import Evaluator, EvaluatorKind, EvaluatorVersion, OnlineRule
from evals.queries.evaluators import SECRET_PURPOSE, gates_using
from evals.services.errors import InUse, NothingToDo
from evals.services.evaluator_errors import BadEvaluator
from evals.services.score_terms import align_definition
from evals.values.evaluator_names import fault_of_evaluator_name
from kit.crypto import seal
from notices.signing import new_secret
from prompts.services.locking import label_of

MOST_EVALUATORS = 500  # of a project; a guess
LONGEST_DESCRIPTION = 2_000
LONGEST_MESSAGE = 500
State = EvaluatorVersion.State


@transaction.atomic
def create_evaluator(
    project: Project,
    name: str,
    kind: str,
    terms: Terms,
    *,
    actor: Actor,
    description: str = "",
    owner: User | None = None,
    template: str = "",
    message: str = "",
) -> Evaluator:
    """Make an evaluator with its first version, which is in use at once.

    Nothing depends on it yet, and a gate takes it only by an approved change of the gate. The
    score of its name is defined, or brought into line. Raises: BadEvaluator.
    """
    terms = _checked(kind, terms)
    faults = [("name", fault)] if (fault := fault_of_evaluator_name(name)) else []
    if len(description) > LONGEST_DESCRIPTION or "\0" in description:
        faults.append(("description", f"May have {LONGEST_DESCRIPTION:,} characters, no NUL."))
    if Evaluator.objects.filter(project=project).count() >= MOST_EVALUATORS:
        faults.append(("name", f"A project has at most {MOST_EVALUATORS} evaluators."))
    if faults:
        raise BadEvaluator(faults)
    wanted = Evaluator(
        project=project,
        name=name,
        kind=kind,
        description=description.strip(),
        owner=owner or person(actor),
        template=template,
        created_by=responsible(actor),
    )
    made = Evaluator.objects.bulk_create([wanted], ignore_conflicts=True)
    evaluator = lock(Evaluator.objects.get(project=project, name=name))
    if not made or evaluator.created_at != wanted.created_at:
        again = " It is archived, and can be restored." if evaluator.archived_at else ""
        raise BadEvaluator([("name", f"There is an evaluator called {name} already.{again}")])
    secret = seal(new_secret(), purpose=SECRET_PURPOSE) if kind == REMOTE else ""
    version = add_version(evaluator, terms, actor=actor, message=message, secret_sealed=secret)
    version.state, version.approved_at = State.APPROVED, timezone.now()
    version.save(update_fields=["state", "approved_at"])
    evaluator.current = version
    evaluator.save(update_fields=["current", "last_number"])
    align_definition(project, name, kind, terms, evaluator.description, actor=actor)
    record(
        "evaluator.created",
        actor=actor,
        project=project,
        subject=evaluator,
        name=name,
        kind=kind,
        template=template,
        settings=told(terms),
    )
    return evaluator


@transaction.atomic
def describe_evaluator(evaluator: Evaluator, *, actor: Actor, **fields: Any) -> Evaluator:
    """Change what is said about an evaluator: description, owner. How it scores stays.

    Raises: BadEvaluator, TypeError (a field of another name).
    """
    if unknown := set(fields) - {"description", "owner"}:
        raise TypeError(f"No such field of an evaluator: {', '.join(sorted(unknown))}.")
    evaluator = lock(evaluator)
    description = str(fields.get("description", evaluator.description)).strip()
    if len(description) > LONGEST_DESCRIPTION or "\0" in description:
        raise BadEvaluator([("description", f"May have {LONGEST_DESCRIPTION:,} characters.")])
    before = (evaluator.description, evaluator.owner_id)
    evaluator.description = description
    evaluator.owner = fields.get("owner", evaluator.owner)
    if before == (evaluator.description, evaluator.owner_id):
        return evaluator
    evaluator.save(update_fields=["description", "owner"])
    record(
        "evaluator.described",
        actor=actor,
        project=evaluator.project,
        subject=evaluator,
        name=evaluator.name,
        owner=evaluator.owner.email if evaluator.owner else None,
    )
    return evaluator


@transaction.atomic
def archive_evaluator(evaluator: Evaluator, *, actor: Actor) -> Evaluator:
    """Take it out of use: no new experiment or live trace is scored; its scores stay.

    Raises: InUse where a gate decides by it or a rule runs it, NothingToDo.
    """
    evaluator = lock(evaluator)
    if evaluator.archived_at is not None:
        raise NothingToDo(f"{evaluator.name} is archived already.")
    if gates := gates_using(evaluator):
        raise InUse(f"{evaluator.name} is in use: {', '.join(map(str, gates[:5]))} asks it.")
    rules = OnlineRule.objects.filter(evaluator=evaluator, is_enabled=True)
    if names := list(rules.values_list("name", flat=True)[:5]):
        raise InUse(f"{evaluator.name} scores live traces ({', '.join(names)}): stop that first.")
    return _archive(evaluator, actor, is_archived=True)


@transaction.atomic
def restore_evaluator(evaluator: Evaluator, *, actor: Actor) -> Evaluator:
    """Bring an archived one back. Raises: NothingToDo."""
    evaluator = lock(evaluator)
    if evaluator.archived_at is None:
        raise NothingToDo(f"{evaluator.name} is not archived.")
    return _archive(evaluator, actor, is_archived=False)


@transaction.atomic
def renew_secret(evaluator: Evaluator, *, actor: Actor) -> str:
    """A new secret for requests to the user's process, returned once; the old one ends now.

    Raises: NothingToDo where the evaluator has none.
    """
    evaluator = lock(evaluator)
    if evaluator.kind != EvaluatorKind.REMOTE:
        raise NothingToDo("Only a remote evaluator signs requests.")
    secret = new_secret()
    sealed = seal(secret, purpose=SECRET_PURPOSE)
    EvaluatorVersion.objects.filter(evaluator=evaluator).update(secret_sealed=sealed)
    record(
        "evaluator.secret_renewed",
        actor=actor,
        project=evaluator.project,
        subject=evaluator,
        name=evaluator.name,
    )
    return secret


def lock(evaluator: Evaluator) -> Evaluator:
    """The evaluator, alone for the rest of the transaction. Raises: Evaluator.DoesNotExist."""
    return (
        Evaluator.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project__organization", "owner", "current")
        .get(pk=evaluator.pk)
    )


def add_version(
    evaluator: Evaluator, terms: Terms, *, actor: Actor, message: str = "", secret_sealed: str = ""
) -> EvaluatorVersion:
    """The next version as a draft, of terms that were checked; the evaluator is locked."""
    evaluator.last_number += 1
    version = EvaluatorVersion.objects.create(
        evaluator=evaluator,
        number=evaluator.last_number,
        config=dict(terms.config),
        data_type=terms.data_type,
        minimum=terms.minimum,
        maximum=terms.maximum,
        categories=list(terms.categories),
        values=list(terms.values),
        bar=terms.bar,
        bar_direction=terms.bar_direction,
        provider=terms.provider,
        model=terms.model,
        parameters=dict(terms.parameters),
        secret_sealed=secret_sealed,
        message=message.replace("\0", "").strip()[:LONGEST_MESSAGE],
        content_hash=hash_of(terms),
        author=responsible(actor),
        author_label=label_of(actor),
    )
    evaluator.save(update_fields=["last_number"])
    return version


def checked(kind: str, terms: Terms) -> Terms:
    """`terms` filled in and found good. Raises: BadEvaluator."""
    return _checked(kind, terms)


def _checked(kind: str, terms: Terms) -> Terms:
    if kind not in EvaluatorKind.values:
        raise BadEvaluator([("kind", f"Must be one of {', '.join(EvaluatorKind.values)}.")])
    terms = filled(kind, terms)
    if faults := faults_of(kind, terms):
        raise BadEvaluator(faults)
    return replace(
        terms, categories=tuple(terms.categories), values=tuple(float(v) for v in terms.values)
    )


def told(terms: Terms) -> dict[str, Any]:
    """The terms as JSON, for proposals and the audit trail."""
    return {
        "config": dict(terms.config),
        "data_type": terms.data_type,
        "minimum": terms.minimum,
        "maximum": terms.maximum,
        "categories": list(terms.categories),
        "values": list(terms.values),
        "bar": terms.bar,
        "bar_direction": terms.bar_direction,
        "provider": terms.provider,
        "model": terms.model,
        "parameters": dict(terms.parameters),
    }


def hash_of(terms: Terms) -> str:
    """A digest of all that decides how it scores."""
    return hashlib.sha256(orjson.dumps(told(terms), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _archive(evaluator: Evaluator, actor: Actor, *, is_archived: bool) -> Evaluator:
    evaluator.archived_at = timezone.now() if is_archived else None
    evaluator.save(update_fields=["archived_at"])
    action = "evaluator.archived" if is_archived else "evaluator.restored"
    record(action, actor=actor, project=evaluator.project, subject=evaluator, name=evaluator.name)
    return evaluator
