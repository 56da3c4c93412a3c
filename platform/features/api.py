"""REST of features, their targets and the mapping rules. A key proposes, persons approve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project, Role, Scope, User
from accounts.queries import list_members
from accounts.rest import PROBLEM, PROJECT, ProjectView
from features.models import Feature, Target
from features.queries.registry import (
    feature_named,
    features_of,
    list_targets,
    target_numbered,
    targets_standing,
)
from features.queries.rules import list_rules, mapping_state
from features.serializers import (
    ChangedFeature,
    DecisionBody,
    FeatureDocument,
    FeaturePage,
    NewFeature,
    NewTarget,
    RulesBody,
    RulesDocument,
    TargetDocument,
    TargetPage,
    feature_document,
    rules_document,
    target_document,
)
from features.services import registry, targets
from features.services.errors import (
    BadFeature,
    BadRule,
    BadTarget,
    NeedsPerson,
    NotYours,
    SelfApproval,
)
from features.services.rules import set_rules
from kit.rest_lists import ListParameters, pk_page

Decide = Callable[..., Target]


class FeaturesView(ProjectView):
    """A key reads with the scope read and writes with evals; a person writes as an engineer."""

    scope = {
        "GET": Scope.READ,
        "POST": Scope.EVALS,
        "PATCH": Scope.EVALS,
        "PUT": Scope.EVALS,
        "DELETE": Scope.EVALS,
    }
    least_to_write = Role.ENGINEER

    def feature(self, request: Request, name: str) -> Feature:
        """A feature of the project. Raises: NotFound."""
        found = feature_named(self.opened(request), name)
        if found is None:
            raise NotFound(f"This project has no feature {name[:200]!r}.")
        return found

    def target(self, request: Request, name: str, number: int) -> Target:
        """One of its targets. Raises: NotFound."""
        found = target_numbered(self.feature(request, name), number)
        if found is None:
            raise NotFound(f"{name[:200]} has no target {number}.")
        return found

    def handle_exception(self, exc: Exception) -> Response:
        """What was said wrong is 400 by field; who may not decide is 403."""
        if isinstance(exc, BadFeature):
            exc = ValidationError({exc.where: str(exc)})
        elif isinstance(exc, BadTarget):
            exc = ValidationError(exc.faults)
        elif isinstance(exc, BadRule):
            exc = ValidationError({f"rules.{exc.place - 1}" if exc.place else "rules": str(exc)})
        elif isinstance(exc, (NeedsPerson, NotYours, SelfApproval)):
            exc = PermissionDenied(str(exc))
        return super().handle_exception(exc)


class Features(FeaturesView):
    """`/api/v1/features`"""

    @extend_schema(
        operation_id="list_features",
        parameters=[ListParameters, PROJECT],
        responses={200: FeaturePage},
    )
    def get(self, request: Request) -> Response:
        """The features, newest first, each with its approved target."""
        project = self.opened(request)
        return pk_page(
            features_of(project).order_by(), ListParameters.of(request), _feature_documents
        )

    @extend_schema(
        operation_id="create_feature",
        parameters=[PROJECT],
        request=NewFeature,
        responses={201: FeatureDocument, 400: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Register a feature."""
        project = self.opened(request)
        body = NewFeature(data=request.data)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        name = said.pop("name")
        about = registry.About(**_with_people(project, said))
        made = registry.create_feature(project, name, about, actor=self.actor(request))
        return Response(_feature_documents([made])[0], status=status.HTTP_201_CREATED)


class OneFeature(FeaturesView):
    """`/api/v1/features/{name}`"""

    @extend_schema(
        operation_id="get_feature", parameters=[PROJECT], responses={200: FeatureDocument}
    )
    def get(self, request: Request, name: str) -> Response:
        """One feature with its approved target."""
        return Response(_feature_documents([self.feature(request, name)])[0])

    @extend_schema(
        operation_id="change_feature",
        parameters=[PROJECT],
        request=ChangedFeature,
        responses={200: FeatureDocument, 400: PROBLEM},
    )
    def patch(self, request: Request, name: str) -> Response:
        """Change what is sent."""
        feature, actor = self.feature(request, name), self.actor(request)
        body = ChangedFeature(data=request.data)
        body.is_valid(raise_exception=True)
        said = _with_people(feature.project, dict(body.validated_data))
        archived = said.pop("archived", None)
        about = registry.About(**(vars(registry.about_of(feature)) | said))
        feature = registry.change_feature(feature, about, actor=actor)
        if archived is not None and archived != (feature.archived_at is not None):
            change = registry.archive_feature if archived else registry.restore_feature
            feature = change(feature, actor=actor)
        return Response(_feature_documents([feature])[0])

    @extend_schema(operation_id="archive_feature", parameters=[PROJECT], responses={204: None})
    def delete(self, request: Request, name: str) -> Response:
        """Archive it; its targets stay and hold."""
        registry.archive_feature(self.feature(request, name), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Rules(FeaturesView):
    """`/api/v1/features/rules`"""

    @extend_schema(
        operation_id="get_mapping_rules", parameters=[PROJECT], responses={200: RulesDocument}
    )
    def get(self, request: Request) -> Response:
        """The mapping rules in order."""
        return Response(_rules(self.opened(request)))

    @extend_schema(
        operation_id="set_mapping_rules",
        parameters=[PROJECT],
        request=RulesBody,
        responses={200: RulesDocument, 400: PROBLEM},
    )
    def put(self, request: Request) -> Response:
        """Let exactly these rules hold, in this order."""
        project = self.opened(request)
        body = RulesBody(data=request.data)
        body.is_valid(raise_exception=True)
        since = body.validated_data["stored_since"]
        set_rules(project, body.new_rules(), actor=self.actor(request), since=since)
        return Response(_rules(project))


class Targets(FeaturesView):
    """`/api/v1/features/{name}/targets`"""

    @extend_schema(
        operation_id="list_targets",
        parameters=[ListParameters, PROJECT],
        responses={200: TargetPage},
    )
    def get(self, request: Request, name: str) -> Response:
        """All targets of the feature, newest first."""
        feature = self.feature(request, name)
        return pk_page(
            list_targets(feature).order_by(),
            ListParameters.of(request),
            lambda rows: [target_document(row) for row in rows],
        )

    @extend_schema(
        operation_id="propose_target",
        parameters=[PROJECT],
        request=NewTarget,
        responses={201: TargetDocument, 400: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, name: str) -> Response:
        """Write a target and propose it, or keep it as the draft."""
        feature, actor = self.feature(request, name), self.actor(request)
        body = NewTarget(data=request.data)
        body.is_valid(raise_exception=True)
        is_draft = body.validated_data["state"] == Target.State.DRAFT
        write = targets.draft_target if is_draft else targets.propose_target
        made = write(feature, body.terms(), actor=actor)
        return Response(target_document(made), status=status.HTTP_201_CREATED)


class OneTarget(FeaturesView):
    """`/api/v1/features/{name}/targets/{number}`"""

    @extend_schema(operation_id="get_target", parameters=[PROJECT], responses={200: TargetDocument})
    def get(self, request: Request, name: str, number: int) -> Response:
        """One target."""
        return Response(target_document(self.target(request, name, number)))


class TargetAct(FeaturesView):
    """What is decided below `/api/v1/features/{name}/targets/{number}/`."""

    act = ""

    @extend_schema(
        parameters=[PROJECT],
        request=DecisionBody,
        responses={200: TargetDocument, 403: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, name: str, number: int) -> Response:
        """Decide about it. Approving and declining need a person, never a key."""
        target, actor = self.target(request, name, number), self.actor(request)
        body = DecisionBody(data=request.data or {})
        body.is_valid(raise_exception=True)
        note = {} if self.act == "propose" else {"note": body.validated_data["note"]}
        return Response(target_document(_ACTS[self.act](target, actor=actor, **note)))


@extend_schema_view(post=extend_schema(operation_id="propose_draft_target"))
class ProposeTarget(TargetAct):
    """`…/propose`"""

    act = "propose"


@extend_schema_view(post=extend_schema(operation_id="approve_target"))
class ApproveTarget(TargetAct):
    """`…/approve`"""

    act = "approve"


@extend_schema_view(post=extend_schema(operation_id="decline_target"))
class DeclineTarget(TargetAct):
    """`…/decline`"""

    act = "decline"


@extend_schema_view(post=extend_schema(operation_id="withdraw_target"))
class WithdrawTarget(TargetAct):
    """`…/withdraw`"""

    act = "withdraw"


_ACTS: dict[str, Decide] = {
    "propose": targets.propose_draft,
    "approve": targets.approve_target,
    "decline": targets.decline_target,
    "withdraw": targets.withdraw_target,
}


def _feature_documents(features: list[Feature]) -> list[dict[str, Any]]:
    standing = targets_standing(features)
    return [feature_document(one, *standing[one.pk]) for one in features]


def _rules(project: Project) -> dict[str, Any]:
    return rules_document(list(list_rules(project)), mapping_state(project))


def _with_people(project: Project, said: dict[str, Any]) -> dict[str, Any]:
    """Addresses as members. Raises: ValidationError."""
    asked = {name: said[name] for name in ("owner", "deputy") if said.get(name)}
    if not asked:
        return said
    people: dict[str, User] = {row.user.email.lower(): row.user for row in list_members(project)}
    for name, address in asked.items():
        if (person := people.get(address.lower())) is None:
            raise ValidationError({name: "No member of the project has this address."})
        said[name] = person
    return said
