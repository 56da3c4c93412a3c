"""How a comparison is looked at: split or unified, with or without spaces, folds opened."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from prompts.diff.showing import Layout


def layout_of(request: HttpRequest) -> Layout:
    """What the address asks for; split where it says nothing."""
    return "unified" if request.GET.get("layout") == "unified" else "split"


def diff_links(request: HttpRequest) -> dict[str, Any]:
    """The links that the components of a comparison need, all to this very page."""
    query = request.GET.copy()
    for name in ("part", "line", "side"):
        query.pop(name, None)
    layouts = []
    for name in ("split", "unified"):
        other = query.copy()
        other.pop("layout", None)
        if name == "unified":
            other["layout"] = name
        href = f"?{other.urlencode()}"
        layouts.append(
            {"text": name.capitalize(), "href": href, "current": name == layout_of(request)}
        )
    here = query.urlencode()
    return {"layouts": layouts, "open_url": f"?{here}&" if here else "?"}
