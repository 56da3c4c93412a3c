"""What a line is for: a class of a model's tokens, tax, a credit, a tool, or nothing known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from costs.invoicing.naming import spelled

# Coarse classes: what both sides can be compared by.
INPUT, CACHED, WRITE, OUTPUT = "input", "cache read", "cache write", "output"
CLASSES = (INPUT, CACHED, WRITE, OUTPUT)
TOKENS, TAX, CREDIT, TOOL, UNKNOWN = "tokens", "tax", "credit", "tool", "unknown"
KINDS = (TOKENS, TAX, CREDIT, TOOL, UNKNOWN)
SERVICES = ("batch", "flex", "priority", "fast")

_TAX = re.compile(r"\b(tax|vat|gst|hst|pst|sales tax|mwst|iva|tva)\b")
_CREDIT = re.compile(
    r"\b(credits?|grants?|promo\w*|discounts?|refunds?|adjustments?|rebates?|vouchers?)\b"
)
_TOOL = re.compile(
    r"\b(web search|file search|code interpreter|code execution|vector stor\w*|storage|containers?|"
    r"tool calls?|sessions?|assistants?|hosted tools?|web fetch|session usage)\b"
)
_MODEL = re.compile(r"[a-z0-9][a-z0-9._:/@-]*")


@dataclass(frozen=True)
class Item:
    """What a line is for. `model` is '' where it is none's."""

    kind: str
    model: str = ""
    token_class: str = ""
    service: str = ""


@lru_cache(1_000)
def class_of(text: str) -> str:
    """The class that a token type names; '' where that is none."""
    said = re.sub(r"[\s_-]+", " ", text.lower()).strip()
    if "output" in said or "completion" in said or said in ("out", "generated"):
        return OUTPUT
    if re.search(r"cache (write|creation)|cach\w* writes?", said):
        return WRITE
    if "no cache" in said or "uncached" in said:
        return INPUT
    if "cache" in said:
        return CACHED
    return INPUT if re.search(r"\b(input|prompt|context|text|audio|image)\b", said) else ""


@lru_cache(1_000)
def service_of(text: str) -> str:
    """`batch`, `flex`, `priority`, `fast`, or '' for the standard way."""
    said = text.lower()
    return next((one for one in SERVICES if re.search(rf"\b{one}\b", said)), "")


@lru_cache(5_000)
def item_of(text: str) -> Item:
    """A line item: `gpt-4o-2024-08-06, cached input`, `batch | gpt-4o, output`, `Sales tax`."""
    said = " ".join(text.split())
    lower = said.lower().replace("_", " ")
    for pattern, kind in ((_TAX, TAX), (_CREDIT, CREDIT)):
        if pattern.search(lower):
            return Item(kind)
    service = service_of(said)
    rest = said.rpartition("|")[2].strip()
    head, comma, tail = rest.partition(",")
    token_class = class_of(tail) if comma else ""
    if not token_class and (dashed := re.fullmatch(r"(.+?) usage - (.+)", rest, re.IGNORECASE)):
        head, token_class = dashed.group(1), class_of(dashed.group(2))
    if token_class and head:
        name = head if head.lower().startswith("claude") else head.split()[0]
        return Item(TOKENS, spelled(name), token_class, service)
    if _TOOL.search(lower):
        return Item(TOOL)
    name = spelled(head)
    if _MODEL.fullmatch(name) and re.search(r"\d", name):
        return Item(TOKENS, name, "", service)
    return Item(UNKNOWN)
