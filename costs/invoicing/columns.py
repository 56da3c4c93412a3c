"""Which column is what: the exports of OpenAI and Anthropic, in any order and case.

Layouts as exported in 2025 and 2026. OpenAI: usage (`start_time`, `model`, `num_model_requests`,
`input_tokens` with the cached ones in it, …), costs (`amount_value`, `amount_currency`,
`line_item`, …), and the activity export before them (`n_context_tokens_total`, …). Anthropic:
usage (`usage_date_utc`, `model_version`, `usage_input_tokens_no_cache`, …) and costs
(`usage_date_utc`, `model`, `token_type`, `cost_usd`, …).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from costs.invoicing.faults import BadFile, quoted

# What a column is -> its names, the first that is there counts.
NAMES: Mapping[str, Sequence[str]] = {
    "day": (
        "usage_date_utc", "start_time_iso", "start_time", "usage_date", "date", "day", "date_utc",
        "timestamp", "starting_at", "bucket_start_time", "period_start",
    ),
    "until": ("end_time_iso", "end_time", "ending_at", "bucket_end_time", "period_end"),
    "model": ("model_version", "model", "model_name", "snapshot_id", "snapshot"),
    "item": ("line_item", "description", "item"),
    "token_class": ("token_type",),
    "cost_kind": ("cost_type",),
    "amount": (
        "amount_value", "cost_usd", "amount_usd", "cost", "amount", "total_cost", "cost_in_usd",
    ),
    "currency": ("amount_currency", "currency"),
    "in_all": (
        "input_tokens", "prompt_tokens", "n_context_tokens_total", "context_tokens",
        "tokens_in", "total_input_tokens",
    ),
    "in_uncached": (
        "usage_input_tokens_no_cache", "input_uncached_tokens", "uncached_input_tokens",
        "input_tokens_no_cache",
    ),
    "in_cached": (
        "usage_input_tokens_cache_read", "input_cached_tokens", "cached_input_tokens",
        "cached_tokens", "n_cached_context_tokens_total", "cache_read_input_tokens",
    ),
    "write_5m": (
        "usage_input_tokens_cache_write_5m", "usage_input_tokens_cache_write",
        "cache_creation_input_tokens", "cache_write_tokens", "input_cache_write_tokens",
        "cache_creation_5m_input_tokens",
    ),
    "write_1h": ("usage_input_tokens_cache_write_1h", "cache_creation_1h_input_tokens"),
    "in_audio": ("input_audio_tokens",),
    "out": (
        "usage_output_tokens", "output_tokens", "completion_tokens", "n_generated_tokens_total",
        "generated_tokens", "tokens_out", "total_output_tokens",
    ),
    "out_audio": ("output_audio_tokens",),
    "requests": ("num_model_requests", "num_requests", "n_requests", "requests", "request_count"),
    "quantity": ("quantity",),
    "unit": ("quantity_unit",),
    "batch": ("batch",),
    "tier": ("service_tier", "usage_type"),
    "account": ("project_name", "workspace", "workspace_name", "project_id", "workspace_id"),
    "account_id": ("project_id", "workspace_id"),
    "key": ("api_key", "api_key_name", "api_key_id"),
}  # fmt: skip
TOKENS = ("in_all", "in_uncached", "in_cached", "write_5m", "write_1h", "out")
_ANTHROPIC = ("usage_date_utc", "model_version", "token_type", "usage_input_tokens_no_cache",
              "workspace", "cost_usd", "cache_read_input_tokens")  # fmt: skip
_OPENAI = ("num_model_requests", "line_item", "amount_value", "n_context_tokens_total",
           "n_requests", "input_cached_tokens", "project_id")  # fmt: skip
_OTHER_MONEY = re.compile(r"(?:cost|amount|price)_(?:in_)?(eur|gbp|jpy|chf|inr|cad|aud|cny)")
EXPECTED = (
    "a usage or cost export of OpenAI (start_time, model or line_item, input_tokens or "
    "amount_value, …) or of Anthropic (usage_date_utc, model, usage_input_tokens_no_cache or "
    "cost_usd, …)"
)


@dataclass(frozen=True)
class Columns:
    """Where each thing stands: place and the name as it is written."""

    provider: str  # openai, anthropic; '' where the names do not say
    places: Mapping[str, int]
    written: Sequence[str]
    line: int

    @property
    def has_tokens(self) -> bool:
        """True where columns count tokens."""
        return any(name in self.places for name in TOKENS)

    def name(self, what: str) -> str:
        """The column's name as the file writes it."""
        return self.written[self.places[what]] if what in self.places else what


def plain(name: str) -> str:
    """`Usage Date (UTC)` and `usage_date_utc` are one name."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def columns_of(header: Sequence[str], line: int) -> Columns:
    """The columns that a header names. Raises: BadFile, saying what is missing."""
    while header and not header[-1]:
        header = header[:-1]
    named = [plain(cell) for cell in header]
    twice = next((name for name in named if name and named.count(name) > 1), None)
    if twice is not None:
        raise BadFile("the column is there twice", line=line, column=twice, expected="it once")
    at = {name: place for place, name in enumerate(named) if name}
    places: dict[str, int] = {}
    for what, names in NAMES.items():
        place = next((at[name] for name in names if name in at), None)
        if place is not None:
            places[what] = place
    other = next((name for name in named if _OTHER_MONEY.fullmatch(name)), None)
    if other is not None and "amount" not in places:
        code = other.rsplit("_", 1)[-1].upper()
        raise BadFile(f"amounts are in {code}", line=line, column=other, expected="US dollars")
    found = Columns(_provider(at), places, list(header), line)
    shown = quoted(", ".join(header))
    if len(at) < 2:
        raise BadFile(f"{shown} names no columns", line=line, expected=EXPECTED)
    if "day" not in places:
        raise BadFile("no column says the day", line=line, expected=EXPECTED)
    if "amount" not in places and not found.has_tokens:
        raise BadFile("no column has tokens or amounts", line=line, expected=EXPECTED)
    return found


def _provider(at: Mapping[str, int]) -> str:
    anthropic = sum(name in at for name in _ANTHROPIC)
    openai = sum(name in at for name in _OPENAI) + 2 * ("start_time" in at)
    if anthropic == openai:
        return ""
    return "anthropic" if anthropic > openai else "openai"
