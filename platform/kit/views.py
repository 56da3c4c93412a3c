"""The style guide: every component in its states, with sample data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kit import samples


@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """All components on one page; accessibility and screenshot tests run over it."""
    context = samples.styleguide()
    if getattr(request, "user", None) is None or not request.user.is_authenticated:
        context["user"] = samples.PERSON
    return render(request, "kit/styleguide.html", context)
