"""The registry as its pages show it: folders and prompts, versions with what happened to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet, Value
from django.db.models.functions import Length, Replace

from accounts.models import Project
from prompts.models import ChangeRequest, LabelMove, Prompt, PromptVersion
from prompts.queries.serving import Standing, standing_of

PAGE = 100
VERSIONS = 50


@dataclass(frozen=True)
class Folder:
    """A folder below the one that is shown, with what it holds in all."""

    name: str  # from the root
    prompts: int
    changed_at: datetime | None

    @property
    def last(self) -> str:
        """Its own name."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True)
class PromptRow:
    """A prompt in the list."""

    prompt: Prompt
    standing: Sequence[Standing]
    newest: PromptVersion | None
    open_reviews: Sequence[ChangeRequest]


@dataclass(frozen=True)
class Listing:
    """A folder's content; `after` continues the prompts."""

    folders: list[Folder]
    rows: list[PromptRow]
    after: str | None


def list_prompts(
    project: Project,
    *,
    folder: str = "",
    text: str = "",
    tag: str = "",
    after: str = "",
    archived: bool = False,
    size: int = PAGE,
) -> Listing:
    """Folders and prompts of `folder`, by name; with a text or tag, every match below it."""
    found = Prompt.objects.filter(project=project, archived_at__isnull=not archived)
    if folder:
        found = found.filter(name__startswith=f"{folder}/")
    folders: list[Folder] = []
    if text or tag:
        if text:
            found = found.filter(Q(name__icontains=text) | Q(description__icontains=text))
        if tag:
            found = found.filter(tags__contains=[tag])
    else:
        folders = [] if after else _folders(found, folder)
        depth = folder.count("/") + 1 if folder else 0
        slashes = Length("name") - Length(Replace("name", Value("/"), Value("")))
        found = found.annotate(slashes=slashes).filter(slashes=depth)
    if after:
        found = found.filter(name__gt=after)
    prompts = list(found.select_related("owner").order_by("name")[: size + 1])
    more, prompts = len(prompts) > size, prompts[:size]
    for prompt in prompts:
        prompt.project = project
    return Listing(folders, _rows(prompts), prompts[-1].name if more else None)


def _folders(found: QuerySet[Prompt], folder: str) -> list[Folder]:
    """The folders right below `folder`; what they hold is counted with all that is below them."""
    start = len(folder) + 1 if folder else 0
    held: dict[str, list[datetime]] = defaultdict(list)
    for name, changed_at in found.values_list("name", "changed_at"):
        below, slash, _ = name[start:].partition("/")
        if slash:
            held[f"{folder}/{below}" if folder else below].append(changed_at)
    return [Folder(name, len(when), max(when)) for name, when in sorted(held.items())]


def _rows(prompts: list[Prompt]) -> list[PromptRow]:
    standing = standing_of(prompts)
    newest = {
        version.prompt_id: version
        for version in PromptVersion.objects.filter(prompt__in=prompts, archived_at=None)
        .defer("body", "tools", "response_schema", "config")
        .order_by("prompt_id", "-number")
        .distinct("prompt_id")
    }
    reviews: dict[int, list[ChangeRequest]] = defaultdict(list)
    for request in ChangeRequest.objects.filter(
        prompt__in=prompts, status__in=ChangeRequest.STANDING
    ):
        reviews[request.prompt_id].append(request)
    return [
        PromptRow(prompt, standing.get(prompt.pk, []), newest.get(prompt.pk), reviews[prompt.pk])
        for prompt in prompts
    ]


@dataclass(frozen=True)
class VersionRow:
    """A version in the timeline: what points at it, and what moved to or from it."""

    version: PromptVersion
    labels: Sequence[Standing]
    candidates: Sequence[Standing]  # labels whose rollout brings this version
    moves: Sequence[LabelMove]
    reviews: Sequence[ChangeRequest]
    is_latest: bool


def list_versions(
    prompt: Prompt, *, before: int | None = None, size: int = VERSIONS
) -> tuple[list[VersionRow], int | None]:
    """Versions newest first, archived ones too, and the number that continues them."""
    found = prompt.versions.select_related("parent").defer(
        "body", "tools", "response_schema", "config"
    )
    if before is not None:
        found = found.filter(number__lt=before)
    versions = list(found.order_by("-number")[: size + 1])
    more, versions = len(versions) > size, versions[:size]
    standing = standing_of([prompt]).get(prompt.pk, [])
    moves: dict[int, list[LabelMove]] = defaultdict(list)
    moved = prompt.moves.filter(to_version__in=versions).select_related(
        "from_version", "by", "request"
    )
    for move in moved.order_by("pk"):
        moves[move.to_version_id or 0].append(move)
    reviews: dict[int, list[ChangeRequest]] = defaultdict(list)
    for request in prompt.requests.filter(version__in=versions).order_by("number"):
        reviews[request.version_id].append(request)
    latest = prompt.versions.filter(archived_at=None).aggregate(n=Max("number"))["n"]
    rows = [
        VersionRow(
            version,
            [one for one in standing if one.version.pk == version.pk],
            [one for one in standing if one.rollout and one.rollout.candidate_id == version.pk],
            moves[version.pk],
            reviews[version.pk],
            version.number == latest,
        )
        for version in versions
    ]
    return rows, versions[-1].number if more else None


def tags_of(project: Project) -> list[tuple[str, int]]:
    """Tags of prompts that stand, most used first."""
    counted: dict[str, int] = defaultdict(int)
    rows = Prompt.objects.filter(project=project, archived_at=None).exclude(tags=[])
    for tags in rows.values_list("tags", flat=True):
        for tag in tags:
            counted[tag] += 1
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:50]


def neighbours(version: PromptVersion) -> tuple[int | None, int | None]:
    """Numbers of the versions before and after it."""
    others = PromptVersion.objects.filter(prompt_id=version.prompt_id)
    before = others.filter(number__lt=version.number).aggregate(n=Max("number"))["n"]
    after = others.filter(number__gt=version.number).order_by("number").first()
    return before, after.number if after else None


def count_versions(prompt: Prompt) -> int:
    """How many versions there are, archived ones too."""
    return int(prompt.versions.aggregate(n=Count("pk"))["n"])
