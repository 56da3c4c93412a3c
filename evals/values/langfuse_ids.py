"""The ids of datasets towards Langfuse's clients: SDK 5 hashes them into ids of experiments."""

from __future__ import annotations

import hashlib
import json


def dataset_id_text(pk: int) -> str:
    """The id of a dataset; the same for ever."""
    return f"ds-{pk}"


def dataset_pk(text: str) -> int | None:
    """The key of the dataset with this id; None where it is none of ours."""
    number = text.removeprefix("ds-")
    is_ours = number != text and number.isascii() and number.isdecimal() and len(number) < 19
    return int(number) if is_ours else None


def run_id_text(project_id: int, dataset_pk: int, run: str) -> str:
    """The id of a run of a dataset, as SDK 5 makes it up by itself for its experiments.

    Source: langfuse-python 5.0.4, langfuse/_client/experiments.py, read on 2026-11-20.
    """
    named = ["langfuse-experiment-v1", str(project_id), dataset_id_text(dataset_pk), run]
    told = json.dumps(named, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]
