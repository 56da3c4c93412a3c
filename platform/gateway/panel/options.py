"""What the panel lets people choose from, and what it begins with. Read from the tables."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Project
from gateway.panel.state import COLUMNS, DRAFT, Choice
from gateway.queries import list_offers
from kit.requests import whole_number
from prompts.models import PRODUCTION, Prompt, PromptVersion

MOST_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a select."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Models:
    """The models of one connection."""

    name: str
    is_simulated: bool
    options: list[Option]


def version_options(prompt: Prompt, *, besides: list[Choice]) -> list[Option]:
    """The draft, the newest versions, and those chosen that are older; each with its labels."""
    standing = prompt.versions.filter(archived_at=None).order_by("-number")
    numbers = list(standing.values_list("number", flat=True)[:MOST_VERSIONS])
    chosen = {whole_number(one.version) for one in besides}
    numbers += sorted((one for one in chosen if one and one not in numbers), reverse=True)
    labels: dict[int, list[str]] = {}
    for name, number in prompt.labels.order_by("name").values_list("name", "version__number"):
        labels.setdefault(number, []).append(name)
    if numbers:
        labels.setdefault(numbers[0], []).append("latest")
    versions = [
        Option(str(number), " · ".join([f"v{number}", *labels.get(number, ())]))
        for number in numbers
    ]
    return [Option("", "No version"), Option(DRAFT, "The draft below"), *versions]


def model_options(project: Project) -> list[Models]:
    """The models that can be called, connection by connection."""
    found: dict[int, Models] = {}
    for offer in list_offers(project):
        provider = offer.provider
        models = found.setdefault(provider.pk, Models(provider.name, provider.is_simulated, []))
        models.options.append(Option(f"{provider.pk}:{offer.model}", offer.model))
    return list(found.values())


def first_choices(prompt: Prompt, wanted: dict[int, Choice]) -> list[Choice]:
    """The columns that were asked for; else the newest version, and production where it differs."""
    if not any(not choice.is_empty for choice in wanted.values()):
        standing = prompt.versions.filter(archived_at=None)
        newest = standing.order_by("-number").first()
        served = standing.filter(labels__name=PRODUCTION).first()
        numbers = [one.number for one in (served, newest) if one is not None]
        wanted = {place: Choice(str(number)) for place, number in enumerate(dict.fromkeys(numbers))}
    return [wanted.get(place, Choice()) for place in range(COLUMNS)]


def beginning(prompt: Prompt, number: str) -> PromptVersion | None:
    """The version that a draft begins as: the one of that number, else the newest that stands."""
    asked = whole_number(number)
    named = prompt.versions.filter(number=asked).first() if asked is not None else None
    if named is not None:
        return named
    return prompt.versions.filter(archived_at=None).order_by("-number").first()
