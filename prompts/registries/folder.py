"""A folder of prompts on disk: read whole, written so that nothing of others is touched."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from prompts.registries.lines import Refused

MOST_BYTES = 64_000_000  # of all files together


def read_folder(folder: Path) -> dict[str, str]:
    """The text of every `.yaml` file below `folder`, by its path with `/`. Raises: Refused."""
    if not folder.is_dir():
        raise Refused(f"There is no folder {folder}.")
    texts: dict[str, str] = {}
    size = 0
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in name.split("/")) or not path.is_file():
            continue
        size += path.stat().st_size
        if size > MOST_BYTES:
            raise Refused(f"{folder} holds more than {MOST_BYTES:,} bytes.")
        try:
            texts[name] = path.read_bytes().decode().replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise Refused(f"{name}: This is not UTF-8.") from None
        except OSError as error:
            raise Refused(f"{name}: {error.strerror}.") from None
    return texts


def write_folder(folder: Path, texts: Mapping[str, str]) -> tuple[int, int]:
    """Write what differs, and remove files of versions and prompts that are in `texts` no more.

    Returns how many files were written and removed. Raises: Refused.
    """
    before = read_folder(folder) if folder.is_dir() else {}
    changed = {path: text for path, text in texts.items() if before.get(path) != text}
    gone = before.keys() - texts.keys()
    try:
        for path, text in changed.items():
            at = folder / path
            at.parent.mkdir(parents=True, exist_ok=True)
            part = at.with_name(f".{at.name}.part")
            part.write_bytes(text.encode())
            os.replace(part, at)
        for path in gone:
            (folder / path).unlink()
    except OSError as error:
        raise Refused(f"{folder}: {error.strerror}.") from None
    return len(changed), len(gone)
