"""What is asked of the page of quality."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Asked:
    """'' does not narrow. `launch` is None where the day of the launch is meant."""

    days: int
    feature: str = ""
    prompt: str = ""
    model: str = ""
    launch: date | None = None

    @property
    def narrowing(self) -> dict[str, str]:
        """The filters that are set, for addresses."""
        kept = {"feature": self.feature, "prompt": self.prompt, "model": self.model}
        return {name: value for name, value in kept.items() if value}

    @property
    def parameters(self) -> dict[str, str]:
        """All that is set, for addresses."""
        launch = {"launch": self.launch.isoformat()} if self.launch else {}
        return {"days": str(self.days), **self.narrowing, **launch}
