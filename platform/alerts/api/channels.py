"""`/api/v1/alerts/channels`: listed, made, changed, tested, deleted."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, Scope
from accounts.rest import PROBLEM, PROJECT, ProjectView
from alerts import serializers as forms
from alerts.models import Channel
from alerts.queries import channels as queries
from alerts.services import channels as services
from kit.rest_lists import ListParameters, pk_page


class ChannelView(ProjectView):
    """Channels are for admins, and for keys with that scope."""

    scope = Scope.ADMIN
    least_to_read = Role.ADMIN

    def channel(self, request: Request, pk: int) -> Channel:
        """A channel of the project. Raises: NotFound."""
        found = queries.get_channel(self.opened(request), pk)
        if found is None:
            raise NotFound(f"This project has no channel {pk}.")
        return found


class Channels(ChannelView):
    """`/api/v1/alerts/channels`"""

    @extend_schema(
        operation_id="list_alert_channels",
        parameters=[ListParameters, PROJECT],
        responses={200: forms.ChannelPageSerializer},
    )
    def get(self, request: Request) -> Response:
        """The project's channels, newest first."""
        rows = queries.list_channels(self.opened(request))
        asked = ListParameters.of(request)
        return pk_page(rows, asked, lambda page: forms.ChannelSerializer(page, many=True).data)

    @extend_schema(
        operation_id="create_alert_channel",
        parameters=[PROJECT],
        request=forms.NewChannelSerializer,
        responses={201: forms.MadeChannelSerializer, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Make a channel; a webhook's `secret` stands in this answer only."""
        project = self.opened(request)
        body = forms.NewChannelSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        actor = self.actor(request)
        made = services.create_channel(project, **body.validated_data, actor=actor)
        document = {**forms.ChannelSerializer(made.channel).data, "secret": made.secret}
        response = Response(document, status=status.HTTP_201_CREATED)
        response["Cache-Control"] = "no-store"
        return response


class OneChannel(ChannelView):
    """`/api/v1/alerts/channels/{id}`"""

    @extend_schema(
        operation_id="get_alert_channel",
        parameters=[PROJECT],
        responses={200: forms.ChannelSerializer, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """One channel."""
        return Response(forms.ChannelSerializer(self.channel(request, pk)).data)

    @extend_schema(
        operation_id="change_alert_channel",
        parameters=[PROJECT],
        request=forms.ChangedChannelSerializer,
        responses={200: forms.ChannelSerializer, 404: PROBLEM, 409: PROBLEM},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is sent; the rest stays."""
        channel = self.channel(request, pk)
        body = forms.ChangedChannelSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        actor = self.actor(request)
        changed = services.change_channel(channel, **body.validated_data, actor=actor)
        return Response(forms.ChannelSerializer(changed).data)

    @extend_schema(operation_id="delete_alert_channel", parameters=[PROJECT], responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Incidents do not reach it any more."""
        services.delete_channel(self.channel(request, pk), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ChannelTest(ChannelView):
    """`/api/v1/alerts/channels/{id}/test`"""

    @extend_schema(
        operation_id="test_alert_channel",
        parameters=[PROJECT],
        request=None,
        responses={202: forms.AlertDeliverySerializer, 404: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Send a test; the channel's deliveries say what came of it."""
        made = services.send_test(self.channel(request, pk), actor=self.actor(request))
        document = forms.AlertDeliverySerializer(made).data
        return Response(document, status=status.HTTP_202_ACCEPTED)


class Deliveries(ChannelView):
    """`/api/v1/alerts/channels/{id}/deliveries`"""

    @extend_schema(
        operation_id="list_alert_deliveries",
        parameters=[ListParameters, PROJECT],
        responses={200: forms.AlertDeliveryPageSerializer, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """What was sent to the channel, newest first; kept for 90 days once it is over."""
        rows = queries.list_deliveries(self.channel(request, pk))
        asked = ListParameters.of(request)
        return pk_page(
            rows, asked, lambda page: forms.AlertDeliverySerializer(page, many=True).data
        )
