"""Who calls the REST API: a program by its key, or a person by the session of the pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import Scope
from accounts.verification import (
    Bearer,
    PublicBearer,
    Refused,
    shows_public_key,
    verify,
    verify_public,
)
from kit.limits import TokenBucket

# What reading with a key needs where a view does not say otherwise (`scope = Scope.…`).
DEFAULT_SCOPE = Scope.READ


class ProjectKeyAuthentication(BaseAuthentication):
    """`request.auth` is the key's `Bearer`; the view's attribute `scope` names what it needs."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Bearer] | None:
        """The bearer, or None where the request carries no key (then a session may do)."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        if not headers.get("authorization") and not headers.get("x-api-key"):
            return None
        view = request.parser_context["view"]
        scope = getattr(view, "scope", DEFAULT_SCOPE)
        if isinstance(scope, dict):  # a scope for each method
            scope = scope.get(request.method, DEFAULT_SCOPE)
        try:
            return KeyHolder(), verify(headers, scope)
        except Refused as refused:
            if refused.status == 403:
                raise exceptions.PermissionDenied(refused.reason) from None
            raise exceptions.AuthenticationFailed(refused.reason) from None

    def authenticate_header(self, request: Request) -> str:
        """Makes a refusal 401 and not 403."""
        return "Bearer"


class PublicKeyAuthentication(BaseAuthentication):
    """`request.auth` is a `PublicBearer` where a POST carries a public key alone; see CORS."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, PublicBearer] | None:
        """The bearer, or None for every other request."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        if request.method != "POST" or not shows_public_key(headers):
            return None
        try:
            return KeyHolder(), verify_public(headers)
        except Refused as refused:
            if refused.status == 403:
                raise exceptions.PermissionDenied(refused.reason) from None
            raise exceptions.AuthenticationFailed(refused.reason) from None

    def authenticate_header(self, request: Request) -> str:
        """Makes a refusal 401 and not 403."""
        return "Bearer"


class KeyHolder(AnonymousUser):
    """Stands for the program behind a key: authenticated, but no person."""

    is_authenticated = True  # type: ignore[assignment]


class PersonAuthentication(SessionAuthentication):
    """The session of the pages, with CSRF; views must open the project by `access`."""

    def authenticate_header(self, request: Request) -> str:
        """Makes a refusal 401 and not 403."""
        return "Bearer"


_buckets: dict[int, TokenBucket] = {}


def key_wait_seconds(bearer: Bearer) -> float:
    """0.0 and one request of the key may pass, or the seconds after which to try again."""
    share = max(1.0, settings.API_REQUESTS_PER_MINUTE / settings.WEB_PROCESSES)
    bucket = _buckets.get(bearer.key_id)
    if bucket is None or bucket.burst != share:
        bucket = _buckets[bearer.key_id] = TokenBucket(share / 60, share)
    return bucket.take()


class KeyThrottle(BaseThrottle):
    """Requests a minute for each key, in this process's share of the installation's limit."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """False once the key has used up its minute."""
        if not isinstance(request.auth, Bearer):
            return True
        self._wait = key_wait_seconds(request.auth)
        return self._wait == 0.0

    def wait(self) -> float | None:
        """Seconds until the next request may pass."""
        return self._wait


_gateway_buckets: dict[int, TokenBucket] = {}


def gateway_wait_seconds(bearer: Bearer) -> float:
    """The same of what is asked around each call of a model: so many a second, not a minute."""
    share = max(1.0, settings.PROMPT_READS_PER_SECOND / settings.WEB_PROCESSES)
    bucket = _gateway_buckets.get(bearer.key_id)
    if bucket is None or bucket.rate != share:
        bucket = _gateway_buckets[bearer.key_id] = TokenBucket(share, share)
    return bucket.take()


class GatewayThrottle(KeyThrottle):
    """Requests a second for each key."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """False once the key has used up its second."""
        if not isinstance(request.auth, Bearer):
            return True
        self._wait = gateway_wait_seconds(request.auth)
        return self._wait == 0.0


class PublicKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a public key alone stands in the OpenAPI document."""

    target_class = PublicKeyAuthentication
    name = "publicKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Bearer."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A public key, pk-rw-…, alone: scores from a web page",
        }


class ProjectKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the keys stand in the OpenAPI document."""

    target_class = ProjectKeyAuthentication
    name = ["secretKey", "keyPair", "apiKeyHeader"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        """Bearer, Basic and x-api-key."""
        return [
            {"type": "http", "scheme": "bearer", "description": "A secret key, sk-rw-…"},
            {"type": "http", "scheme": "basic", "description": "Public and secret key"},
            {"type": "apiKey", "in": "header", "name": "x-api-key"},
        ]


class PersonScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a person's session stands in the OpenAPI document."""

    target_class = PersonAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The cookie of the pages."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
