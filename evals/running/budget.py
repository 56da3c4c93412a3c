"""The cost cap of a run: a call is refused before it would cross it. Pure."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from kit.figures import money


class OverCap(Exception):
    """The next call may cost more than is left; the text says so in figures."""


@dataclass(slots=True)
class Held:
    """What is held back for a call; whoever makes it says what it cost in the end."""

    nano: int
    cost_nano: int | None = None


class Budget:
    """What is spent and held back under one cap, in nano-dollars; without a cap all goes.

    Sure of the cap means: spent + held back + the ceiling of the next call stays within it. While
    calls in flight may still give something back, the next one waits for them.
    """

    def __init__(self, cap: int | None, spent: int = 0) -> None:
        self.cap, self.spent, self.held = cap, spent, 0
        self._changed = asyncio.Condition()

    async def hold(self, nano: int) -> Held:
        """Hold back `nano`, as soon as it fits. Raises: OverCap."""
        if self.cap is None:
            return Held(nano)
        async with self._changed:
            while True:
                if self.spent + nano > self.cap:
                    raise OverCap(self._words(nano))
                if self.spent + self.held + nano <= self.cap:
                    self.held += nano
                    return Held(nano)
                await self._changed.wait()

    async def settle(self, held: Held) -> None:
        """The call of `held` is over: its cost is spent, or where it has none nothing is known."""
        if self.cap is None:
            self.spent += held.cost_nano or 0
            return
        async with self._changed:
            self.held -= held.nano
            self.spent += held.cost_nano or 0
            self._changed.notify_all()

    def _words(self, nano: int) -> str:
        assert self.cap is not None  # noqa: S101  (nothing is refused without one)
        return (
            f"The next call may cost {money(nano)}; {money(self.spent)} of {money(self.cap)} "
            "are spent."
        )


class Guess:
    """How far the estimate of a model's input tokens is off, learned from its answers.

    The estimate knows no tokenizer; the first call goes alone, and those after it are held back
    for by the worst ratio seen so far.
    """

    def __init__(self) -> None:
        self._ratio = 1.0
        self._has_begun = False
        self.is_known = asyncio.Event()

    def tokens(self, estimated: int) -> int:
        """At most so many, as far as is known."""
        return int(estimated * self._ratio) + 1

    def learn(self, estimated: int, told: int | None) -> None:
        """The provider counted `told`."""
        if told is not None and estimated > 0:
            self._ratio = max(self._ratio, told / estimated)
        self.is_known.set()

    async def first_alone(self) -> None:
        """Return at once for the first caller; for all others once the first has learned."""
        if not self._has_begun:
            self._has_begun = True
            return
        await self.is_known.wait()
