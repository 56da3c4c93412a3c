"""The ids of datasets towards Langfuse's clients: SDK 5 hashes them into ids of experiments."""

from __future__ import annotations


def dataset_id_text(pk: int) -> str:
    """The id of a dataset; the same for ever."""
    return f"ds-{pk}"


def dataset_pk(text: str) -> int | None:
    """The key of the dataset with this id; None where it is none of ours."""
    number = text.removeprefix("ds-")
    is_ours = number != text and number.isascii() and number.isdecimal() and len(number) < 19
    return int(number) if is_ours else None
