"""Where the parts of exports are: in the data folder, or in the object store of the settings."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from django.conf import settings

from traces.media.bodies import object_store
from traces.media.s3 import StoreIsAway

FOLDER = "exports"


class PlaceIsAway(Exception):
    """A part cannot be kept or read; the text is for whoever asked for the export."""


def keep(job_id: int, place: int, body: bytes) -> None:
    """Keep a part, in place of one that stands there; durable when it returns.

    Raises: PlaceIsAway.
    """
    store = object_store()
    try:
        if store is not None:
            store.put(_name(job_id, place), body, "application/octet-stream")
        else:
            _write(_path(job_id, place), body)
    except (OSError, StoreIsAway) as error:
        raise PlaceIsAway(f"A part of the file could not be kept: {_said(error)}") from error


def read(job_id: int, place: int) -> bytes:
    """The bytes of a part. Raises: PlaceIsAway."""
    store = object_store()
    try:
        if store is not None:
            return store.get(_name(job_id, place))
        return _path(job_id, place).read_bytes()
    except (OSError, StoreIsAway) as error:
        raise PlaceIsAway(f"A part of the file could not be read: {_said(error)}") from error


def forget(job_id: int, places: list[int]) -> None:
    """Delete the parts of a job; nothing happens where there are none. Raises: PlaceIsAway."""
    store = object_store()
    try:
        if store is not None:
            for place in places:
                store.delete(_name(job_id, place))
        else:
            shutil.rmtree(_folder(job_id), ignore_errors=True)
    except StoreIsAway as error:
        raise PlaceIsAway(_said(error)) from error


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_suffix(".new")
    with open(beside, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _folder(job_id: int) -> Path:
    return Path(settings.DATA_DIR) / FOLDER / str(job_id)


def _path(job_id: int, place: int) -> Path:
    return _folder(job_id) / f"{place:06}.part"


def _name(job_id: int, place: int) -> str:
    return f"{FOLDER}/{job_id}/{place:06}"


def _said(error: Exception) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)
