"""A connection to a provider as the client needs it: opened, and without the database."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.models import Kind
from pricing.base_table import SIMULATED, provider_at

OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com"
UNKNOWN_PROVIDER = "other"
HIDDEN = "[key]"


@dataclass(frozen=True, slots=True)
class Connection:
    """Where to call, how, and with which key. `key` stays out of every text made from it."""

    kind: Kind
    name: str
    base_url: str = ""
    key: str = field(default="", repr=False)
    api_version: str = ""
    traced_as: str = ""

    @property
    def url(self) -> str:
        """The base of its addresses, without a slash at the end."""
        default = {Kind.OPENAI: OPENAI_URL, Kind.ANTHROPIC: ANTHROPIC_URL}.get(self.kind, "")
        return (self.base_url or default).rstrip("/")

    @property
    def provider(self) -> str:
        """What spans call it. Prices hang on it, so an address that the base table does not know is
        not guessed at, whatever its name: its calls are unpriced until the project states a price.
        """
        if self.kind == Kind.SIMULATED:
            return SIMULATED
        if self.traced_as:
            return self.traced_as
        if self.kind == Kind.AZURE:
            return "azure.ai.openai"
        return provider_at(self.url) or UNKNOWN_PROVIDER

    def hide(self, text: str) -> str:
        """`text` without the key: some servers repeat it in what they say."""
        return text.replace(self.key, HIDDEN) if len(self.key) >= 4 else text
