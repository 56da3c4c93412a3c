"""What the REST of webhooks shares: finding one, and reading what was sent."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.models import Role, Scope
from accounts.rest import ProjectView
from notices.models import WebhookDelivery, WebhookEndpoint
from notices.queries import webhooks as queries


class WebhookView(ProjectView):
    """Webhooks are for admins, and for keys with that scope."""

    scope = Scope.ADMIN
    least_to_read = Role.ADMIN

    def endpoint(self, request: Request, pk: int) -> WebhookEndpoint:
        """A webhook of the project. Raises: NotFound."""
        endpoint = queries.get_endpoint(self.opened(request), pk)
        if endpoint is None:
            raise NotFound(f"This project has no webhook {pk}.")
        return endpoint

    def delivery(self, request: Request, pk: int, delivery_id: int) -> WebhookDelivery:
        """A delivery to a webhook of the project. Raises: NotFound."""
        delivery = queries.get_delivery(self.endpoint(request, pk), delivery_id)
        if delivery is None:
            raise NotFound(f"Nothing like {delivery_id} was sent to this webhook.")
        return delivery


def read(
    kind: type[serializers.Serializer[Any]], sent: Any, *, partial: bool = False
) -> dict[str, Any]:
    """What was sent, checked. Raises: ValidationError."""
    form = kind(data=sent, partial=partial)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)
