"""The registry as files that a person edits and Git keeps, and back without loss. Pure."""

from prompts.files.names import folder_of, name_of
from prompts.files.planning import (
    Act,
    RegistryState,
    Step,
    StoredPrompt,
    plan,
)
from prompts.files.reading import BadFile, FileFault
from prompts.files.registry import (
    PromptFiles,
    RegistryFiles,
    read_registry,
    version_path,
    written,
)
from prompts.files.schema import (
    PromptFile,
    VersionFile,
    dump_prompt,
    dump_version,
    load_prompt,
    load_version,
)
from prompts.files.writing import Unwritable

__all__ = [
    "Act",
    "BadFile",
    "FileFault",
    "PromptFile",
    "PromptFiles",
    "RegistryFiles",
    "RegistryState",
    "Step",
    "StoredPrompt",
    "Unwritable",
    "VersionFile",
    "dump_prompt",
    "dump_version",
    "folder_of",
    "load_prompt",
    "load_version",
    "name_of",
    "plan",
    "read_registry",
    "version_path",
    "written",
]
