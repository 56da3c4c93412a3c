"""`/api/v1/alerts/on-call`: who is asked about which feature now."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROJECT
from alerts.api.incidents import AlertsView
from alerts.oncall import chain_at, shift_at, who_is_on_call
from alerts.queries.on_call import members_of, plans_of
from features.queries import features_of


class AskedSerializer(serializers.Serializer[Any]):
    """A person who is asked, the first at once."""

    email = serializers.EmailField()
    role = serializers.ChoiceField(["owner", "on call", "deputy"])


class OnCallSerializer(serializers.Serializer[Any]):
    """A feature and its persons now."""

    feature = serializers.CharField()
    on_call = serializers.EmailField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True, help_text="when the turn is handed over")
    asked = AskedSerializer(many=True)


class OnCallPageSerializer(serializers.Serializer[Any]):
    """Every registered feature."""

    data = OnCallSerializer(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


class OnCall(AlertsView):
    """`/api/v1/alerts/on-call`"""

    @extend_schema(
        operation_id="list_on_call", parameters=[PROJECT], responses={200: OnCallPageSerializer}
    )
    def get(self, request: Request) -> Response:
        """Who is on call for each feature, and who is asked in which order."""
        project, now = self.opened(request), timezone.now()
        features = [one for one in features_of(project) if one.archived_at is None]
        members = members_of(project)
        plans = plans_of(project, features, now, members)
        found = []
        for feature in features:
            plan = plans[feature.pk]
            on_call = who_is_on_call(plan, now)
            shift = shift_at(plan.rotation, now) if plan.rotation is not None else None
            found.append(
                {
                    "feature": feature.name,
                    "on_call": members[on_call.person].email if on_call else None,
                    "until": shift.ends if shift else None,
                    "asked": [
                        {"email": members[one.person].email, "role": one.role}
                        for one in chain_at(plan, now).asked
                    ],
                }
            )
        rows = OnCallSerializer(found, many=True).data
        return Response({"data": rows, "next_cursor": None})
