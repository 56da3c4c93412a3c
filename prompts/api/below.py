"""Addresses below the name of a prompt, and names that read like one of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from prompts.api.base import PromptsView
from prompts.api.prompts import OnePrompt

ADDRESS = "/api/v1/prompts/"


class BelowPrompt(PromptsView):
    """Something below a prompt: `a/history` is the history of `a`, `a%2Fhistory` is a prompt.

    Names are sent percent-encoded as a whole. Where the server passes the path on as it was sent,
    a name is known by that, so that a prompt may be called like something below another.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Hand a request for a prompt itself on to its own view."""
        sent = getattr(request, "scope", {}).get("raw_path", b"").split(b"?")[0].decode("latin-1")
        if sent.startswith(ADDRESS) and "/" not in sent.removeprefix(ADDRESS):
            whole: HttpResponseBase = OnePrompt.as_view()(
                request, name=request.path_info.removeprefix(ADDRESS)
            )
            return whole
        return super().dispatch(request, *args, **kwargs)
