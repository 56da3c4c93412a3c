"""The base table of prices: the data bundled with the package `genai-prices`, never the network.

Historic prices are kept in it by their first day, prices of batch and other service tiers as
variants. Loading it takes a third of a second, once a process: see `load`. Beside it stands one
provider of our own: what is simulated costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pricing.card import Card, CostSource, Tier, Unpriced

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider

DAY_US = 86_400_000_000
MOST_REMEMBERED = 20_000

# The table's names -> ours. Its tokens are nested (input holds cached), ours disjoint; a price
# means the same in both: that of a token of the most specific kind that has one.
_CLASSES = {
    "input_mtok": "in_uncached",
    "cache_read_mtok": "in_cached",
    "cache_write_mtok": "in_cache_write",
    "cache_write_5m_mtok": "in_cache_write_5m",
    "cache_write_1h_mtok": "in_cache_write_1h",
    "input_audio_mtok": "in_audio",
    "cache_audio_read_mtok": "in_cached_audio",
    "input_image_mtok": "in_image",
    "cache_image_read_mtok": "in_cached_image",
    "input_video_mtok": "in_video",
    "output_mtok": "out_text",
    "output_reasoning_mtok": "out_reasoning",
    "output_audio_mtok": "out_audio",
    "output_image_mtok": "out_image",
    "output_video_mtok": "out_video",
    "output_citation_mtok": "out_citation",
}
# The provider of the gateway's simulated calls: no model answers them, so they cost exactly 0, also
# where they failed and nobody counted tokens.
SIMULATED = "simulated"
# Dollars a thousand calls; searches and tools are not counted in spans, so they are not priced.
_PER_THOUSAND_CALLS = ("requests_kcount", "rerank_searches_kcount")

# Names senders use -> ids of the table, where its own matching fails or finds another: those of
# OpenTelemetry's semantic conventions and of the SDKs as recorded in the fixtures.
_ALIASES = {
    "az.ai.inference": "azure",
    "aws.bedrock": "aws",
    "bedrock": "aws",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "vertex": "google",
    "x_ai": "x-ai",
    "xai": "x-ai",
    "mistral_ai": "mistral",
    "mistralai": "mistral",
    "together_ai": "together",
    "togetherai": "together",
    "fireworks_ai": "fireworks",
    "voyage": "voyageai",
    "moonshot": "moonshotai",
}
# Libraries and gateways that name themselves as the provider: the model alone must tell.
_NO_PROVIDER = {"litellm", "langchain", "langgraph", "llamaindex", "llama_index", "portkey"}
_NO_PROVIDER |= {"helicone", "vercel", "gateway", "openinference", "traceloop", "unknown", "none"}
# Who sells models of their own; resellers list the same names at other prices.
_MAKERS = ("openai", "anthropic", "google", "mistral", "cohere", "voyageai", "deepseek", "x-ai")
_CONTEXTS = {
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
    "fast": {"service_tier": "fast"},
}


@cache
def table_version() -> str:
    """`genai-prices 0.2.3`: the package and its version."""
    return f"genai-prices {version('genai-prices')}"


@cache
def load() -> Mapping[str, Provider]:
    """The table's providers by id. Slow the first time: a server calls it before it answers."""
    from genai_prices.data import providers

    return MappingProxyType({provider.id: provider for provider in providers})


def provider_id(name: str | None) -> str | None:
    """The table's id of a provider as a sender names it; None where it has no such provider.

    `openai.chat` and `openai.responses` are OpenAI, everything with `azure` is Azure.
    """
    if not name:
        return None
    known, wanted = load(), name.strip().lower()
    if "azure" in wanted or wanted.startswith("az.ai"):
        return "azure"
    for candidate in (wanted, wanted.split(".")[0]):
        if candidate in _ALIASES:
            return _ALIASES[candidate]
        if candidate in known:
            return candidate
        if (dashed := candidate.replace("_", "-")) in known:
            return dashed
    for each in known.values():
        if each.provider_match is not None and each.provider_match.is_match(wanted):
            return each.id
    return None


def provider_at(url: str) -> str | None:
    """The table's id of who answers at an address (`https://api.groq.com/…`); None: not known."""
    for each in load().values():
        if re.match(each.api_pattern, url.strip(), re.IGNORECASE):
            return each.id
    return None


class BaseTable:
    """Cards by provider, model, service and day; remembered, so that a look-up costs 1 us."""

    def __init__(self) -> None:
        self._cards: dict[tuple[str | None, str, str, int], Card | Unpriced] = {}
        self._models: dict[tuple[str | None, str], ModelInfo | Unpriced] = {}

    def card(
        self, provider: str | None, model: str, at_us: int, service: str = ""
    ) -> Card | Unpriced:
        """The prices of `model` at that instant, or why there are none."""
        found = self._cards.get((provider, model, service, at_us // DAY_US))
        if found is None:
            found = self._look_up(provider, model, at_us, service)
        return found

    def changes_within_a_day(self, provider: str | None, *models: str | None) -> bool:
        """Whether the price of one of `models` depends on the time of day."""
        entries = [self._model(provider, model) for model in models if model]
        return any(not isinstance(info, Unpriced) and _is_by_the_hour(info) for info in entries)

    def _model(self, provider: str | None, model: str) -> ModelInfo | Unpriced:
        info = self._models.get((provider, model))
        if info is None:
            if len(self._models) > MOST_REMEMBERED:
                self._models.clear()
            info = self._models[(provider, model)] = find_model(provider, model)
        return info

    def _look_up(
        self, provider: str | None, model: str, at_us: int, service: str
    ) -> Card | Unpriced:
        if provider == SIMULATED:
            return _SIMULATED_CARD
        info = self._model(provider, model)
        found = info if isinstance(info, Unpriced) else card_of(info, at_us, service)
        if not isinstance(info, Unpriced) and _is_by_the_hour(info):
            return found
        if len(self._cards) > MOST_REMEMBERED:
            self._cards.clear()
        self._cards[(provider, model, service, at_us // DAY_US)] = found
        return found


def find_model(provider: str | None, model: str) -> ModelInfo | Unpriced:
    """The table's entry of a model as senders name it, or why there is none.

    A provider that the table does not know is not guessed at: the same weights cost something
    else, or nothing, elsewhere. Without a provider the name of the model may tell it.
    """
    known = load()
    everyone = list(known.values())
    identity = provider_id(provider)
    if provider and identity is None and provider.strip().lower() not in _NO_PROVIDER:
        return Unpriced(f"the base table does not know the provider {provider}")
    for owner, name in _candidates(identity, model.strip()):
        entry = known.get(owner) if owner else _owner(name, everyone)
        if entry is not None and (found := entry.find_model(name, all_providers=everyone)):
            return found
    of = f" of {provider}" if provider else ""
    return Unpriced(f"the base table has no model {model}{of}")


def _candidates(identity: str | None, model: str) -> Iterator[tuple[str | None, str]]:
    """Pairs of provider and model to try: as sent, then without what gateways put before it."""
    yield identity, model
    first, slash, rest = model.partition("/")
    if not slash:
        return
    named = provider_id(first)
    if named is not None and identity in (None, named):
        yield named, rest  # openai/gpt-4o
    if model.startswith(("models/", "publishers/")):
        yield identity, model.rpartition("/")[2]  # publishers/google/models/gemini-2.5-pro


def _owner(name: str, everyone: list[Provider]) -> Provider | None:
    """Who makes the model: by the pattern of its names, else the first maker that lists it."""
    for each in everyone:
        if each.model_match is not None and each.model_match.is_match(name):
            return each
    makers = (load()[maker] for maker in _MAKERS)
    return next((maker for maker in makers if maker.find_model(name) is not None), None)


def _is_by_the_hour(info: ModelInfo) -> bool:
    from genai_prices.types import TimeOfDateConstraint

    rules: list[Any] = [*(info.price_variants or [])]
    if isinstance(info.prices, list):
        rules += info.prices
    return any(isinstance(rule.constraint, TimeOfDateConstraint) for rule in rules)


def card_of(info: ModelInfo, at_us: int, service: str) -> Card:
    """The card of an entry at an instant.

    A service without prices of its own at that time has the standard ones.
    """
    at = datetime.fromtimestamp(at_us / 1e6, UTC)
    prices = info.get_prices(at, _CONTEXTS.get(service))
    per_call = Decimal(0)
    for name in _PER_THOUSAND_CALLS:
        if isinstance(stated := prices.__dict__.get(name), Decimal):
            per_call += stated / 1000
    return Card(
        _tiers(prices),
        source=CostSource.TABLE,
        reference=f"{table_version()}: {info.id}",
        per_call=per_call,
        since=_since(info, at),
    )


def _tiers(prices: ModelPrice) -> list[Tier]:
    """Its tiers: at each threshold the prices that change there."""
    steps: dict[int, dict[str, Decimal]] = {0: {}}
    for name, stated in prices.__dict__.items():
        ours = _CLASSES.get(name)
        if ours is None or stated is None:
            continue
        if isinstance(stated, Decimal):
            steps[0][ours] = stated
            continue
        steps[0][ours] = stated.base
        for tier in stated.tiers:
            steps.setdefault(tier.start, {})[ours] = tier.price
    return [Tier(above, stated) for above, stated in sorted(steps.items())]


def _since(info: ModelInfo, at: datetime) -> date | None:
    """The first day of the standard prices that hold at `at`; None where the table names none."""
    if not isinstance(info.prices, list):
        return None
    for conditional in reversed(info.prices):
        limit = conditional.constraint
        if limit is None or limit.active(at):
            return getattr(limit, "start_date", None)
    return None


_SIMULATED_CARD = Card(
    [Tier(0, {"in_uncached": Decimal(0), "out_text": Decimal(0)})],
    source=CostSource.TABLE,
    reference="simulated calls cost nothing",
)
BASE = BaseTable()
