"""Token counts: from the totals a sender gives to disjoint classes."""

from __future__ import annotations

from typing import NamedTuple


class Counts(NamedTuple):
    """What a sender says about one call. None: not said."""

    input_total: int | None = None
    output_total: int | None = None
    total: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    input_audio: int | None = None
    reasoning: int | None = None
    output_audio: int | None = None


class Classes(NamedTuple):
    """Disjoint classes in the order of the columns. None: not known, or not used by this call."""

    in_uncached: int | None
    in_cached: int | None
    in_cache_write: int | None
    in_audio: int | None
    out_text: int | None
    out_reasoning: int | None
    out_audio: int | None


def classes(counts: Counts) -> Classes:
    """Split totals into disjoint classes.

    Senders count cached, written and audio tokens within the input, and reasoning and audio within
    the output. Where the parts exceed the total, or the sum of all says so, the sender left them
    out of it. Zeros for the special classes are sent for calls that did not use them, and say
    nothing.
    """
    cached, written = counts.cached or None, counts.cache_write or None
    audio_in, audio_out = counts.input_audio or None, counts.output_audio or None
    reasoning = counts.reasoning or None
    whole_in, whole_out = counts.input_total, counts.output_total
    if counts.total is not None:
        if whole_in is None:
            whole_in = max(counts.total - (whole_out or 0), 0)
        elif whole_out is None and counts.total > whole_in:
            whole_out = counts.total - whole_in
    # What the total has beyond input and output.
    beyond = 0
    if counts.total is not None and counts.input_total is not None and whole_out is not None:
        beyond = counts.total - counts.input_total - whole_out

    uncached = whole_in
    if uncached is not None:
        special = (cached or 0) + (written or 0)
        if special <= uncached and not 0 < special == beyond:
            uncached -= special
        if audio_in is not None:
            # Cached audio is counted in both; what is left of the input is an upper bound.
            audio_in = min(audio_in, uncached)
            uncached -= audio_in
    text = whole_out
    if text is not None:
        special = (reasoning or 0) + (audio_out or 0)
        if special <= text and not 0 < special == beyond:
            text -= special
    return Classes(uncached, cached, written, audio_in or None, text, reasoning, audio_out)
