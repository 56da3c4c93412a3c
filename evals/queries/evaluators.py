"""Reading evaluators, and opening a version for use."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Project
from evals.evaluating.settings import Terms
from evals.evaluating.spec import MODEL_KINDS, REMOTE, Spec
from evals.models import Evaluator, EvaluatorVersion, Gate
from gateway.client.connection import Connection
from gateway.queries import NoProvider, connection_to, provider_for
from kit.crypto import Unreadable, unseal
from pricing.card import Card
from pricing.pricer import PRICER

SECRET_PURPOSE = "evaluator"  # noqa: S105  (of the seal, not a secret)


def evaluators_of(project: Project, *, with_archived: bool = False) -> QuerySet[Evaluator]:
    """The evaluators of `project` with the version in use, by name."""
    found = Evaluator.objects.filter(project=project).select_related("current", "owner")
    return (found if with_archived else found.filter(archived_at=None)).order_by("name")


def evaluators_matching(
    project: Project, *, search: str = "", kind: str = "", is_archived: bool = False
) -> QuerySet[Evaluator]:
    """Evaluators by name, whose name or description holds `search`."""
    found = (
        Evaluator.objects.filter(project=project, archived_at__isnull=not is_archived)
        .select_related("current__approved_by", "owner")
        .order_by("name")
    )
    if kind:
        found = found.filter(kind=kind)
    if search := search.strip().replace("\0", ""):
        found = found.filter(Q(name__icontains=search) | Q(description__icontains=search))
    return found


def evaluator_named(project: Project, name: str) -> Evaluator | None:
    """The evaluator of that name, archived or not; None where there is none."""
    return (
        Evaluator.objects.filter(project=project, name=name)
        .select_related("project__organization", "current__approved_by", "owner")
        .first()
    )


def versions_of(evaluator: Evaluator) -> QuerySet[EvaluatorVersion]:
    """All versions, newest first."""
    return (
        EvaluatorVersion.objects.filter(evaluator=evaluator)
        .select_related("author", "approved_by")
        .order_by("-number")
    )


def current_version(project: Project, name: str) -> EvaluatorVersion | None:
    """The version in use of the evaluator `name`; None where none is approved or it is archived."""
    return (
        EvaluatorVersion.objects.filter(
            evaluator__project=project, evaluator__name=name, evaluator__archived_at=None
        )
        .filter(pk__in=Evaluator.objects.filter(project=project).values("current"))
        .select_related("evaluator__project")
        .first()
    )


def terms_of(version: EvaluatorVersion) -> Terms:
    """What a version says, as somebody would give it."""
    return Terms(
        config=version.config,
        data_type=version.data_type,
        minimum=version.minimum,
        maximum=version.maximum,
        categories=tuple(version.categories),
        values=tuple(version.values),
        bar=version.bar,
        bar_direction=version.bar_direction,
        provider=version.provider,
        model=version.model,
        parameters=version.parameters,
    )


def secret_of(evaluator: Evaluator) -> str:
    """The secret by which requests of a remote evaluator are signed; '' where it has none.

    Raises: kit.crypto.Unreadable.
    """
    sealed = evaluator.current.secret_sealed if evaluator.current else ""
    return unseal(sealed, purpose=SECRET_PURPOSE) if sealed else ""


def gates_using(evaluator: Evaluator) -> list[Gate]:
    """The gates in force that ask any version of it."""
    pks = list(EvaluatorVersion.objects.filter(evaluator=evaluator).values_list("pk", flat=True))
    gates = Gate.objects.filter(project=evaluator.project, is_enabled=True)
    return [
        gate
        for gate in gates.select_related("prompt").order_by("prompt__name", "environment")
        if any(one.get("evaluator") in pks for one in gate.evaluators)
    ]


def spec_of(version: EvaluatorVersion, *, now: datetime | None = None) -> Spec:
    """`version` opened for use: its connection with the key, its price, its secret.

    What stands in the way of using it (no provider, a lost SECRET_KEY) is the spec's `fault`, so
    that every verdict says it. Two queries where a model scores, none otherwise beside the rows.
    """
    evaluator = version.evaluator
    connection, card, secret, fault = None, None, "", ""
    if evaluator.kind in MODEL_KINDS:
        connection, fault = _connection(version)
        if connection is not None:
            card = _card(evaluator.project_id, connection, version.model, now or timezone.now())
    elif evaluator.kind == REMOTE and version.secret_sealed:
        try:
            secret = unseal(version.secret_sealed, purpose=SECRET_PURPOSE)
        except Unreadable:
            fault = "The secret was sealed under another SECRET_KEY: set a new one."
    return Spec(
        name=evaluator.name,
        kind=evaluator.kind,
        config=version.config,
        data_type=version.data_type,
        minimum=version.minimum,
        maximum=version.maximum,
        categories=tuple(version.categories),
        values=tuple(version.values),
        bar=version.bar,
        bar_direction=version.bar_direction,
        version_id=version.pk,
        number=version.number,
        model=version.model,
        parameters=version.parameters,
        connection=connection,
        card=card,
        secret=secret,
        fault=fault,
    )


def _connection(version: EvaluatorVersion) -> tuple[Connection | None, str]:
    try:
        provider = provider_for(
            version.evaluator.project, model=version.model, name=version.provider
        )
        return connection_to(provider), ""
    except NoProvider as error:
        return None, str(error)
    except Unreadable:
        return None, "The provider's key was sealed under another SECRET_KEY: an admin enters it."


def _card(project_id: int, connection: Connection, model: str, now: datetime) -> Card | None:
    at_us = int(now.timestamp() * 1_000_000)
    found = PRICER.table(project_id).card(connection.provider, model, None, at_us)
    return found if isinstance(found, Card) else None
