"""Names of models: as providers bill them, and as traces have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

_ROUTE = re.compile(r"^(?:openai|anthropic|models|azure|openrouter|us\.anthropic|anthropic\.)[/.:]")
_DATED = re.compile(r"[-@](?:20\d{2}-?\d{2}-?\d{2}|latest|\d{4}(?=$|-preview$))$")
_TUNED = re.compile(r"^ft:")


@lru_cache(5_000)
def spelled(name: str) -> str:
    """`Claude 3.5 Sonnet 2024-10-22` as `claude-3-5-sonnet-20241022`; others in lower case."""
    text = " ".join(name.split()).lower()
    if not _TUNED.match(text):
        text = _ROUTE.sub("", text)
    if text.startswith("claude"):
        text = re.sub(r"\s*\(.*\)$", "", text)
        text = re.sub(r"(20\d{2})-(\d{2})-(\d{2})$", r"\1\2\3", text)
        text = re.sub(r"[\s.]+", "-", text)
    return text[:200]


def family(name: str) -> str:
    """The model without the date of its snapshot; words of a Claude in one order."""
    text = spelled(name)
    without = _DATED.sub("", text)
    if not without.startswith("claude-"):
        return without
    parts = without.split("-")[1:]
    words = [part for part in parts if not part.isdigit()]
    numbers = [part for part in parts if part.isdigit()]
    return "-".join(("claude", *words, *numbers))


def groups(billed: Iterable[str], traced: Iterable[str]) -> Mapping[str, str]:
    """Each name -> the name under which it is compared.

    A name that stands on both sides is compared as it is. One without a date in traces is the
    snapshot that is billed, where that is one; where several are, all of the family are one. A
    snapshot in traces that nobody billed is the undated name of its family on the bill, if there.
    """
    left, right = {spelled(one) for one in billed if one}, {spelled(one) for one in traced if one}
    by_family: dict[str, set[str]] = {}
    for name in left:
        by_family.setdefault(family(name), set()).add(name)
    found = {name: name for name in left | right}
    for name in sorted(right - left):
        same = by_family.get(family(name), set())
        is_undated = not _DATED.search(name)
        undated = {one for one in same if not _DATED.search(one)}
        if len(same) == 1 and (is_undated or undated):
            (found[name],) = same
        elif len(same) > 1 and is_undated:
            for one in (*same, name):
                found[one] = family(name)
        elif len(undated) == 1:
            (found[name],) = undated
    # What was folded into a name that itself was folded goes along.
    return {name: found.get(under, under) for name, under in found.items()}


def is_of(provider: str, name: str) -> bool:
    """Whether a model that says no provider looks like one of `provider`."""
    text = spelled(name)
    if provider == "anthropic":
        return text.startswith("claude")
    if provider == "openai":
        beginnings = ("gpt-", "chatgpt", "o1", "o3", "o4", "text-", "whisper", "tts-", "dall-e",
                      "ft:gpt", "codex", "computer-use", "omni-", "davinci", "babbage")  # fmt: skip
        return text.startswith(beginnings)
    return False
