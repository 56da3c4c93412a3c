"""What a look at an installation found, one finding a question."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One answer: how bad, what was seen, and what to do about it (empty when nothing)."""

    name: str
    level: Level
    seen: str
    advice: str = ""

    def as_json(self) -> dict[str, str]:
        """`{"name", "level", "seen", "advice"}`."""
        return asdict(self)

    def as_line(self) -> str:
        """One line for a terminal."""
        advice = f"\n{' ' * 7}→ {self.advice}" if self.advice else ""
        return f"{self.level:<4}   {self.name}: {self.seen}{advice}"


def ok(name: str, seen: str) -> Finding:
    """Nothing to do."""
    return Finding(name, "ok", seen)


def warn(name: str, seen: str, advice: str) -> Finding:
    """It works, but should be looked at."""
    return Finding(name, "warn", seen, advice)


def fail(name: str, seen: str, advice: str) -> Finding:
    """It does not work, or is not safe."""
    return Finding(name, "fail", seen, advice)
