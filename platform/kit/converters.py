"""What stands for an id in an address: any text, slashes and line ends included."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import StringConverter


class AnyText(StringConverter):
    """Ids are as SDKs send them; `path` would refuse a line end, and a link to it fail."""

    regex = r"[\s\S]+"


def use_any_text() -> None:
    """Let patterns say `<anytext:…>`; may be called by every module of addresses."""
    if AnyText not in _registered:
        _registered.add(AnyText)
        register_converter(AnyText, "anytext")


_registered: set[type[StringConverter]] = set()
