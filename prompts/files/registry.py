"""A whole registry as files: what stands in which, and what a folder of files says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from prompts.files.names import folder_of, name_of
from prompts.files.reading import BadFile, FileFault
from prompts.files.schema import (
    PromptFile,
    VersionFile,
    dump_prompt,
    dump_version,
    load_prompt,
    load_version,
)
from prompts.files.writing import Unwritable

PROMPT_FILE = "prompt.yaml"
_VERSION_FILE = re.compile(r"v([1-9][0-9]{0,8})\.yaml")


@dataclass(frozen=True)
class PromptFiles:
    """A prompt and the versions that stand in files, by number."""

    prompt: PromptFile
    versions: Mapping[int, VersionFile] = field(default_factory=dict)


@dataclass(frozen=True)
class RegistryFiles:
    """All prompts that stand in files, by name."""

    prompts: Mapping[str, PromptFiles] = field(default_factory=dict)


def version_path(name: str, number: int) -> str:
    """Where version `number` of the prompt `name` stands."""
    return f"{folder_of(name)}/v{number}.yaml"


def written(files: RegistryFiles) -> dict[str, str]:
    """The text of every file by its path, in order. Raises: BadFile, for what no file can hold."""
    texts: dict[str, str] = {}
    faults: list[FileFault] = []
    for name in sorted(files.prompts):
        prompt = files.prompts[name]
        dumps: dict[str, Callable[[], str]] = {
            f"{folder_of(name)}/{PROMPT_FILE}": partial(dump_prompt, prompt.prompt)
        }
        for number in sorted(prompt.versions):
            dumps[version_path(name, number)] = partial(dump_version, prompt.versions[number])
        for path, dump in dumps.items():
            try:
                texts[path] = dump()
            except Unwritable as reason:
                faults.append(FileFault(path, None, str(reason)))
    if faults:
        raise BadFile(faults)
    return texts


def read_registry(texts: Mapping[str, str]) -> RegistryFiles:
    """What the files say, by their paths below the folder of prompts, with `/` between folders.

    Files that do not end in `.yaml`, and those of hidden folders, are no business of ours.
    Raises: BadFile, with the faults of all files.
    """
    faults: list[FileFault] = []
    prompts: dict[str, PromptFile] = {}
    versions: dict[str, dict[int, VersionFile]] = {}
    for path in sorted(texts):
        if not path.endswith(".yaml") or any(part.startswith(".") for part in path.split("/")):
            continue
        folder, _, file = path.rpartition("/")
        name = name_of(folder)
        number = _VERSION_FILE.fullmatch(file)
        try:
            if name is None:
                raise _misplaced(path, "no prompt has this folder; see how names become folders")
            if file == PROMPT_FILE:
                prompts[name] = _prompt(texts[path], path, name)
            elif number:
                version = _version(texts[path], path, int(number[1]))
                versions.setdefault(name, {})[version.number] = version
            else:
                raise _misplaced(path, f"expected {PROMPT_FILE} or the file of a version, v1.yaml")
        except BadFile as bad:
            faults += bad.faults
    for name in sorted(versions.keys() - prompts.keys()):
        path = f"{folder_of(name)}/{PROMPT_FILE}"
        if path not in texts:
            faults.append(FileFault(path, None, "This file is missing beside its versions."))
    found = {name: PromptFiles(prompt, versions.get(name, {})) for name, prompt in prompts.items()}
    faults += _faults_between(found)
    if faults:
        raise BadFile(faults)
    return RegistryFiles(found)


def _prompt(text: str, path: str, name: str) -> PromptFile:
    prompt = load_prompt(text, path)
    if prompt.name != name:
        belongs = f"{folder_of(prompt.name)}/{PROMPT_FILE}"
        raise _misplaced(path, f"the prompt {prompt.name} belongs into {belongs}")
    return prompt


def _version(text: str, path: str, number: int) -> VersionFile:
    version = load_version(text, path)
    if version.number != number:
        raise _misplaced(path, f"version {version.number} belongs into v{version.number}.yaml")
    return version


def _faults_between(prompts: Mapping[str, PromptFiles]) -> list[FileFault]:
    return [
        FileFault(
            version_path(name, number),
            None,
            f"This is a {version.content.kind} prompt; {PROMPT_FILE} says {files.prompt.kind}.",
        )
        for name, files in prompts.items()
        for number, version in files.versions.items()
        if version.content.kind != files.prompt.kind
    ]


def _misplaced(path: str, text: str) -> BadFile:
    return BadFile([FileFault(path, None, f"{text[:1].upper()}{text[1:]}.")])
