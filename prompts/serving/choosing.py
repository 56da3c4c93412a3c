"""Which version a read gets, and why in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from prompts.rules.names import LATEST
from prompts.serving.heads import Head, Split
from prompts.splitting import has_candidate

PRODUCTION = "production"


class NotServed(LookupError):
    """Nothing resolves to what was asked for; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What one read gets. `arm` is `base` or `candidate` during a rollout, else `only`."""

    number: int
    label: str  # '' where a number was asked for
    arm: str
    why: str
    split: Split | None = None
    keyed: bool = False


def choose(head: Head, *, label: str = "", number: int | None = None, key: str = "") -> Choice:
    """The version of `number`, else that of `label` (else `production`) for the holder of `key`.

    During a rollout a key always gets the same arm, and keeps the candidate while its share grows.
    A read without a key gets what served before. Raises: NotServed.
    """
    if number is not None:
        return Choice(number, "", "only", f"Version {number} was asked for.")
    label = label or PRODUCTION
    if label == LATEST:
        if head.latest is None:
            raise NotServed(f"{head.name} is archived: it has no version that stands.")
        return Choice(head.latest, LATEST, "only", "It is the newest version.")
    split = head.splits.get(label)
    at = head.labels.get(label)
    if split is None:
        if at is None:
            known = ", ".join([*sorted(head.labels), LATEST])
            raise NotServed(f"{head.name} has no label {label[:100]!r}. It has {known}.")
        return Choice(at, label, "only", f"{label} is on v{at}.", keyed=bool(key))
    share = f"{split.share / 100:g} %"
    if not key:
        why = f"v{split.candidate} has {share} of the keys; without a key v{split.base} is served."
        return Choice(split.base, label, "base", why, split)
    if has_candidate(split.salt, key, split.share):
        why = f"The key is among the {share} that v{split.candidate} has."
        return Choice(split.candidate, label, "candidate", why, split, keyed=True)
    why = f"The key is not among the {share} that v{split.candidate} has."
    return Choice(split.base, label, "base", why, split, keyed=True)
