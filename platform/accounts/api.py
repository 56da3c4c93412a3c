"""REST of `accounts`: keys and members of the key's own project, for keys with the admin scope."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import queries
from accounts.authentication import ProjectKeyAuthentication
from accounts.models import ApiKey, Project, Role, Scope
from accounts.services import keys
from accounts.verification import Bearer
from kit.paging import encode_cursor
from kit.rest_lists import ListParameters, pk_of, pk_page


class KeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key, without its secret."""

    created_by = serializers.EmailField(source="created_by.email", default=None)

    class Meta:
        model = ApiKey
        fields: tuple[str, ...] = (
            "id",
            "name",
            "public_key",
            "secret_hint",
            "scopes",
            "created_by",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_used_at",
        )
        read_only_fields = fields


class NewKeySerializer(serializers.Serializer[Any]):
    """What a new key is made of."""

    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices),
        allow_empty=False,
        required=False,
        help_text="All but admin when left out.",
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class MadeKeySerializer(KeySerializer):
    """A key that was just made; the only answer that holds a secret."""

    secret_key = serializers.CharField()

    class Meta(KeySerializer.Meta):
        fields = (*KeySerializer.Meta.fields, "secret_key")
        read_only_fields = fields


class MemberSerializer(serializers.Serializer[Any]):
    """A person who may enter the project."""

    id = serializers.IntegerField(source="membership.pk")
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.name")
    role = serializers.ChoiceField(choices=Role.choices)
    of_whole_organization = serializers.BooleanField()
    since = serializers.DateTimeField(source="membership.created_at")


class KeyPageSerializer(serializers.Serializer[Any]):
    """A page of keys."""

    data = KeySerializer(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


class MemberPageSerializer(serializers.Serializer[Any]):
    """A page of members."""

    data = MemberSerializer(many=True)  # type: ignore[assignment]
    next_cursor = serializers.CharField(allow_null=True)


class AdminView(APIView):
    """Only programs with the admin scope, and only their own project."""

    authentication_classes = (ProjectKeyAuthentication,)
    scope = Scope.ADMIN

    def project(self, request: Request) -> Project:
        """The key's project."""
        return Project.objects.select_related("organization").get(
            pk=self.bearer(request).project_id
        )

    def actor(self, request: Request) -> ApiKey:
        """The key that asks, for the audit trail."""
        return ApiKey.objects.get(pk=self.bearer(request).key_id)

    def bearer(self, request: Request) -> Bearer:
        """Whose request this is. Raises: PermissionDenied."""
        if not isinstance(request.auth, Bearer):
            raise PermissionDenied("Send a key with the scope admin.")
        return request.auth

    def key_of(self, request: Request, pk: int) -> ApiKey:
        """A key of the same project. Raises: Http404."""
        key: ApiKey = get_object_or_404(queries.keys_of(self.project(request)), pk=pk)
        return key


class Keys(AdminView):
    """`/api/v1/keys`"""

    @extend_schema(
        operation_id="list_keys", parameters=[ListParameters], responses=KeyPageSerializer
    )
    def get(self, request: Request) -> Response:
        """The project's keys, newest first, revoked ones too."""
        asked = ListParameters.of(request)
        stored = queries.keys_of(self.project(request))
        return pk_page(stored, asked, lambda page: KeySerializer(page, many=True).data)

    @extend_schema(
        operation_id="create_key", request=NewKeySerializer, responses={201: MadeKeySerializer}
    )
    def post(self, request: Request) -> Response:
        """Make a key; `secret_key` stands in this answer only."""
        wanted = NewKeySerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        made = keys.create_key(
            self.project(request),
            given["name"],
            scopes=given.get("scopes"),
            expires_at=given.get("expires_at"),
            actor=self.actor(request),
        )
        return _made(made)


class OneKey(AdminView):
    """`/api/v1/keys/{id}`"""

    @extend_schema(operation_id="revoke_key", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Revoke the key: it is refused from now on."""
        keys.revoke_key(self.key_of(request, pk), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class KeyRotation(AdminView):
    """`/api/v1/keys/{id}/rotate`"""

    @extend_schema(operation_id="rotate_key", request=None, responses={201: MadeKeySerializer})
    def post(self, request: Request, pk: int) -> Response:
        """A new pair for the same purpose; the old one works for 24 hours more."""
        return _made(keys.rotate_key(self.key_of(request, pk), actor=self.actor(request)))


class Members(AdminView):
    """`/api/v1/members`"""

    @extend_schema(
        operation_id="list_members", parameters=[ListParameters], responses=MemberPageSerializer
    )
    def get(self, request: Request) -> Response:
        """Who may enter the project, highest role first."""
        page = ListParameters.of(request)
        members = queries.list_members(self.project(request))
        start = 0
        if page["cursor"]:
            after = pk_of(page["cursor"])
            places = [n for n, row in enumerate(members) if row.membership.pk == after]
            start = places[0] + 1 if places else len(members)
        rows = members[start : start + page["limit"]]
        more = len(members) > start + page["limit"]
        cursor = encode_cursor(rows[-1].membership.pk) if more else None
        return Response({"data": MemberSerializer(rows, many=True).data, "next_cursor": cursor})


def _made(made: keys.Made) -> Response:
    document = {**KeySerializer(made.key).data, "secret_key": made.pair.secret}
    response = Response(document, status=status.HTTP_201_CREATED)
    response["Cache-Control"] = "no-store"
    return response
