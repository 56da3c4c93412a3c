"""What would have to happen for a project to hold what files say. It only compares."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from prompts.files.registry import PromptFiles, RegistryFiles
from prompts.files.schema import VersionFile
from prompts.rendering import references_of

Act = Literal[
    "create_prompt",
    "create_version",
    "describe",
    "move_label",
    "propose_label",
    "remove_label",
    "archive_version",
    "archive_prompt",
    "conflict",
]


@dataclass(frozen=True)
class StoredPrompt:
    """A prompt as it stands. `versions` give the hash of each content, archived ones too.

    `labels` do not hold `latest`. `archived` are the numbers that no longer resolve.
    """

    kind: str
    description: str = ""
    tags: tuple[str, ...] = ()
    labels: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[int, str] = field(default_factory=dict)
    archived: Collection[int] = ()
    is_archived: bool = False  # the prompt as a whole; its next version brings it back

    @property
    def last_number(self) -> int:
        """Of the newest version, 0 without one."""
        return max(self.versions, default=0)


@dataclass(frozen=True)
class RegistryState:
    """The prompts of a project by name, and the labels that move only by a review."""

    prompts: Mapping[str, StoredPrompt] = field(default_factory=dict)
    protected: Collection[str] = ()


@dataclass(frozen=True)
class Step:
    """One thing to do. `number` is of the version, `before` where a label stands now."""

    act: Act
    prompt: str
    text: str
    number: int | None = None
    label: str = ""
    before: int | None = None

    @property
    def is_conflict(self) -> bool:
        """True for what no apply can do: a person must decide."""
        return self.act == "conflict"

    def __str__(self) -> str:
        return f"{self.prompt}: {self.text}"


def plan(files: RegistryFiles, stored: RegistryState, *, prune: bool = False) -> list[Step]:
    """The steps from `stored` to what `files` say, in an order in which they can be taken.

    Prompts that others refer to come first, then descriptions, and labels once all versions
    stand. Of versions that exist on both sides only the content is compared, which nobody can
    change: other content under the same number is a conflict. What stands only in the project is
    left alone, and with `prune` taken away: labels removed, versions and prompts archived.
    Nothing to do is an empty list; with a conflict in it nothing should be done.
    """
    order = _in_order(files)
    steps: list[Step] = []
    for name in order:
        steps += _contents(name, files.prompts[name], stored.prompts.get(name))
    for name in order:
        steps += _labels(name, files.prompts[name], stored)
    if prune:
        for name in order:
            steps += _surplus(name, files.prompts[name], stored)
    for name in order:
        steps += _out_of_use(name, files.prompts[name], stored, prune)
    if prune:
        for name in sorted(stored.prompts.keys() - files.prompts.keys()):
            steps += _gone(name, stored)
    return steps


def _contents(name: str, files: PromptFiles, stored: StoredPrompt | None) -> Iterator[Step]:
    kind = files.prompt.kind
    if stored is None:
        yield Step("create_prompt", name, f"create as a {kind} prompt")
    elif stored.kind != kind:
        yield Step("conflict", name, f"it is a {stored.kind} prompt, the file says {kind}")
        return
    elif stored.is_archived and _brings_nothing_back(files, stored):
        yield Step("conflict", name, "it is archived; only a new version brings it back")
    known = stored.versions if stored else {}
    if not known and not files.versions:
        yield Step("conflict", name, "a prompt begins with a version: v1.yaml is missing")
    last = stored.last_number if stored else 0
    for number in sorted(files.versions):
        version = files.versions[number]
        if number in known:
            if known[number] != version.content.hash():
                text = f"v{number} exists with other content; a version never changes"
                yield Step("conflict", name, text, number)
        elif number == last + 1:
            last = number
            yield Step("create_version", name, _created(version), number)
        elif number > last:
            text = f"v{number} cannot be made: v{last + 1} would come first and stands in no file"
            yield Step("conflict", name, text, number)
        else:
            yield Step("conflict", name, f"v{number} is not there, and v{last} is already", number)
    told = []
    if (stored.description if stored else "") != files.prompt.description:
        told.append("description")
    if set(stored.tags if stored else ()) != set(files.prompt.tags):
        told.append("tags")
    if told:
        yield Step("describe", name, f"change {' and '.join(told)}")


def _created(version: VersionFile) -> str:
    first = version.message.strip().split("\n", 1)[0]
    return f"create v{version.number}{f', {first[:100]}' if first else ''}"


def _labels(name: str, files: PromptFiles, registry: RegistryState) -> Iterator[Step]:
    stored = registry.prompts.get(name)
    known = set(files.versions) | set(stored.versions if stored else ())
    for label, number in sorted(files.prompt.labels.items()):
        before = stored.labels.get(label) if stored else None
        if before == number:
            continue
        if number not in known:
            text = f"{label} cannot move: there is no v{number}"
            yield Step("conflict", name, text, number, label, before)
        elif number in _archived(files, stored):
            text = f"{label} cannot move: v{number} is archived"
            yield Step("conflict", name, text, number, label, before)
        elif label in registry.protected:
            text = f"propose {label}: {_way(before, number)}"
            yield Step("propose_label", name, text, number, label, before)
        else:
            yield Step(
                "move_label", name, f"move {label}: {_way(before, number)}", number, label, before
            )


def _surplus(name: str, files: PromptFiles, registry: RegistryState) -> Iterator[Step]:
    stored = registry.prompts.get(name)
    if stored is None:
        return
    for label in sorted(stored.labels.keys() - files.prompt.labels.keys()):
        before = stored.labels[label]
        if label in registry.protected:
            text = f"{label} stands in no file and is protected: remove it by hand"
            yield Step("conflict", name, text, None, label, before)
        else:
            text = f"remove {label} from v{before}"
            yield Step("remove_label", name, text, None, label, before)
    kept = {label: stored.labels[label] for label in stored.labels if label in registry.protected}
    pointed = {*kept.values(), *files.prompt.labels.values()}
    for number in sorted(stored.versions.keys() - files.versions.keys() - set(stored.archived)):
        if number not in pointed:
            yield Step("archive_version", name, f"archive v{number}", number)


def _out_of_use(
    name: str, files: PromptFiles, registry: RegistryState, prune: bool
) -> Iterator[Step]:
    """Versions that a file calls archived; what a label points at afterwards stays in use."""
    stored = registry.prompts.get(name)
    pointing = dict(files.prompt.labels)
    for label, number in stored.labels.items() if stored else ():
        if label in registry.protected or (label not in pointing and not prune):
            pointing[label] = number
    users = {number: label for label, number in pointing.items()}
    gone = set(stored.archived) if stored else set()
    for number in sorted(_archived(files, None) - gone):
        if number in users and number not in _refused(files, stored):
            text = f"v{number} cannot be archived: {users[number]} points at it"
            yield Step("conflict", name, text, number, users[number])
        else:
            yield Step("archive_version", name, f"archive v{number}", number)


def _refused(files: PromptFiles, stored: StoredPrompt | None) -> set[int]:
    """Numbers whose labels are a conflict already, and need not be told twice."""
    there = _archived(files, stored)
    before = stored.labels if stored else {}
    return {
        number
        for label, number in files.prompt.labels.items()
        if number in there and before.get(label) != number
    }


def _archived(files: PromptFiles, stored: StoredPrompt | None) -> set[int]:
    """Numbers of versions that do not resolve once the plan is done."""
    said = {number for number, version in files.versions.items() if version.archived}
    return said | set(stored.archived if stored else ())


def _brings_nothing_back(files: PromptFiles, stored: StoredPrompt) -> bool:
    """True when the files want a prompt in use, and have no new version for that."""
    wanted = any(not version.archived for version in files.versions.values())
    return (wanted or not files.versions) and not files.versions.keys() - stored.versions.keys()


def _gone(name: str, registry: RegistryState) -> Iterator[Step]:
    """A prompt that stands in no file: its labels go, then the prompt itself."""
    stored = registry.prompts[name]
    for label, before in sorted(stored.labels.items()):
        if label in registry.protected:
            text = f"{label} stands in no file and is protected: remove it by hand"
            yield Step("conflict", name, text, None, label, before)
        else:
            yield Step("remove_label", name, f"remove {label} from v{before}", None, label, before)
    if not stored.is_archived:
        yield Step("archive_prompt", name, "archive, it stands in no file")


def _way(before: int | None, number: int) -> str:
    return f"v{number}" if before is None else f"v{before} → v{number}"


def _in_order(files: RegistryFiles) -> list[str]:
    """The names, those that others refer to before them; a circle, in order of the alphabet."""
    needs = {
        name: sorted(
            {
                reference.name
                for version in prompt.versions.values()
                for reference in references_of(version.content)
            }
        )
        for name, prompt in files.prompts.items()
    }
    order: dict[str, None] = {}
    seen: set[str] = set()
    stack = [iter(sorted(needs))]
    path: list[str] = []
    while stack:
        name = next(stack[-1], None)
        if name is None:
            stack.pop()
            if path:
                order[path.pop()] = None
        elif name in needs and name not in seen:
            seen.add(name)
            path.append(name)
            stack.append(iter(needs[name]))
    return list(order)
